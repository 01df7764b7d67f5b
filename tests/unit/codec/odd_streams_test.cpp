// The streams of tests/media/odd through the two readers of what publishers send, in this process:
// each packet once, at its time, in every container. tests/e2e/odd_streams.test.mjs does it with
// the server.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/files/copy_film.h"
#include "codec/child/files/film.h"
#include "codec/child/live/remux.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kRead = 4000;

Buffer odd_file(const std::string& name) {
  std::ifstream file{std::string{FRAMEWIRE_MEDIA_DIR} + "/odd/" + name, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_FALSE(all.empty()) << name;
  const Bytes bytes = as_bytes(all);
  return {bytes.begin(), bytes.end()};
}

ReadBytes reader_of(const Buffer& bytes, std::size_t& at) {
  return [&](std::span<std::byte> to) {
    const std::size_t size = std::min({to.size(), kRead, bytes.size() - at});
    std::memcpy(to.data(), bytes.data() + at, size);
    at += size;
    return static_cast<int>(size);
  };
}

Format format_of(const std::string& name) {
  const std::string extension = name.substr(name.rfind('.') + 1);
  if (extension == "ts") return Format::mpegts;
  if (extension == "flv") return Format::flv;
  return extension == "mp4" ? Format::mp4 : Format::webm;
}

// Shown times in seconds, of the first track of each kind, in the order of time.
struct Times {
  std::vector<double> pictures;
  std::vector<double> sounds;
};

void add_times(Format format, Bytes bytes, Times& out) {
  const Buffer own{bytes.begin(), bytes.end()};
  std::size_t at = 0;
  ReadBytes read = reader_of(own, at);
  const IoHandle io = stream_reader(read);
  auto input = open_input(format, io.get());
  if (!input) {
    ADD_FAILURE() << input.error().what;
    return;
  }
  std::map<AVMediaType, int> first;
  const PacketHandle packet{av_packet_alloc()};
  while (av_read_frame(input->get(), packet.get()) >= 0) {
    const AVStream& stream = *(*input)->streams[packet->stream_index];
    const AVMediaType type = stream.codecpar->codec_type;
    if (first.try_emplace(type, packet->stream_index).first->second == packet->stream_index)
      (type == AVMEDIA_TYPE_VIDEO ? out.pictures : out.sounds)
          .push_back(static_cast<double>(packet->pts) * av_q2d(stream.time_base));
    av_packet_unref(packet.get());
  }
}

// MP4 epoch by epoch: FFmpeg's demuxer takes the first moov for all.
Times times_of(Format format, const Buffer& bytes) {
  Times out;
  const std::string_view all = as_text(bytes);
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t next = format == Format::mp4 ? all.find("ftyp", from + 8) : all.npos;
    const std::size_t to = next == all.npos ? bytes.size() : next - 4;
    add_times(format, Bytes{bytes}.subspan(from, to - from), out);
    from = to;
  }
  std::sort(out.pictures.begin(), out.pictures.end());
  std::sort(out.sounds.begin(), out.sounds.end());
  return out;
}

struct Made {
  Result<void> done;
  Buffer bytes;
  std::vector<std::string> left_out;
};

// The epochs of one publisher, one after the other.
Made remuxed(Format format, const std::vector<Buffer>& epochs, const char* output) {
  Made made;
  const JobSpec job{1, "odd", output, std::nullopt};
  OutputState state;
  for (const Buffer& bytes : epochs) {
    std::size_t at = 0;
    Remux remux{format,
                *output_named(output),
                job,
                reader_of(bytes, at),
                [&](Bytes more) {
                  append(made.bytes, more);
                  return 0;
                },
                [&](const std::string& what) { made.left_out.push_back(what); },
                state};
    made.done = remux.run();
    if (!made.done) break;
  }
  return made;
}

Made remuxed(const std::string& name, const char* output) {
  return remuxed(format_of(name), {odd_file(name)}, output);
}

// All its tags so many milliseconds later.
Buffer later_flv(Buffer flv, std::uint32_t ms) {
  constexpr std::size_t kHead = 13, kTagHead = 11, kBehind = 4;
  for (std::size_t at = kHead; at + kTagHead <= flv.size();) {
    const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(flv[at + i]); };
    const std::uint32_t size = byte(1) << 16 | byte(2) << 8 | byte(3);
    const std::uint32_t time = (byte(7) << 24 | byte(4) << 16 | byte(5) << 8 | byte(6)) + ms;
    for (const auto& [i, shift] : {std::pair{4u, 16u}, {5u, 8u}, {6u, 0u}, {7u, 24u}})
      flv[at + i] = static_cast<std::byte>(time >> shift);
    at += kTagHead + size + kBehind;
  }
  return flv;
}

struct Row {
  const char* file;
  std::size_t pictures;
  std::size_t sounds;
  double apart = -0.021;  // the sound begins so much later
  int jumps = 0;          // distances that are not the step, within 100 ms of it
};
constexpr Row kRows[] = {
    {"ts-times-back.ts", 250, 472, -0.021, 1},
    {"ts-pts-outlier.ts", 125, 236},
    {"ts-wrap-near.ts", 125, 236},
    {"flv-wrap-2-31-ms.flv", 125, 236},
    {"mkv-wall-clock.mkv", 125, 236},
    {"mkv-h264-bframes.mkv", 125, 236},
    {"ts-aac-promised.ts", 125, 0},
    {"flv-sound-late.flv", 125, 128, 2.283},
    {"ts-nine-streams.ts", 125, 236},
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.file;
}

constexpr double kOffBy = 0.002;

void check(const std::vector<double>& times, std::size_t count, double step, int jumps) {
  EXPECT_EQ(times.size(), count);
  int jumped = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double off = std::abs(times[i] - times[i - 1] - step);
    EXPECT_LE(off, 0.1) << i << " at " << times[i];
    if (off > kOffBy && off <= 0.1) ++jumped;
  }
  EXPECT_LE(jumped, jumps);
}

void check(const Row& row, const Times& got) {
  check(got.pictures, row.pictures, 0.04, row.jumps);
  check(got.sounds, row.sounds, 1024.0 / 48'000, row.jumps);
  if (got.pictures.empty() || got.sounds.empty()) return;
  EXPECT_NEAR(got.sounds.front() - got.pictures.front(), row.apart, kOffBy);
}

using Output = std::tuple<const char*, Format>;
class OddRendition : public testing::TestWithParam<std::tuple<Row, Output>> {};

TEST_P(OddRendition, HasEachPacketOnceAtItsTime) {
  const auto& [row, output] = GetParam();
  const Made made = remuxed(row.file, std::get<0>(output));
  ASSERT_TRUE(made.done) << made.done.error().what;
  check(row, times_of(std::get<1>(output), made.bytes));
}

// MPEG-TS calls all layers of MPEG audio by one number.
TEST(OddSound, LayerIIIsNotTakenForMp3) {
  const Made flv = remuxed("ts-mp2.ts", "flv");
  ASSERT_FALSE(flv.done);
  EXPECT_EQ(flv.done.error().code, Errc::unsupported_format);
  EXPECT_NE(flv.done.error().what.find("mp2"), std::string::npos) << flv.done.error().what;
  const Made ts = remuxed("ts-mp2.ts", "ts");
  ASSERT_TRUE(ts.done) << ts.done.error().what;
  check(times_of(Format::mpegts, ts.bytes).sounds, 63, 1152.0 / 48'000, 0);
}

// The second one's first sound begins before the first one's last.
TEST(OddEpochs, ASecondOneLosesNoSoundThatLiesOverAnother) {
  const Buffer first = odd_file("flv-previous-size.flv");
  for (const Output& output : {Output{"ts", Format::mpegts}, Output{"flv", Format::flv}}) {
    const Times alone =
        times_of(std::get<1>(output), remuxed(Format::flv, {first}, std::get<0>(output)).bytes);
    const Made made = remuxed(Format::flv, {first, later_flv(first, 5000)}, std::get<0>(output));
    ASSERT_TRUE(made.done) << made.done.error().what;
    const Times got = times_of(std::get<1>(output), made.bytes);
    EXPECT_EQ(got.pictures.size(), 2 * alone.pictures.size());
    EXPECT_EQ(got.sounds.size(), 2 * alone.sounds.size());
    check(got.pictures, 2 * alone.pictures.size(), 0.04, 1);
    check(got.sounds, 2 * alone.sounds.size(), 1024.0 / 48'000, 2);
    for (std::size_t i = 1; i < got.sounds.size(); ++i)
      EXPECT_GT(got.sounds[i] - got.sounds[i - 1], 0.0005) << i;
  }
}

std::string plain(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    All, OddRendition,
    testing::Combine(testing::ValuesIn(kRows),
                     testing::Values(Output{"mp4", Format::mp4}, Output{"h264", Format::mp4},
                                     Output{"ts", Format::mpegts}, Output{"flv", Format::flv})),
    [](const auto& test) {
      return plain(std::string{std::get<0>(test.param).file} + "_" +
                   std::get<0>(std::get<1>(test.param)));
    });

class OddRecording : public testing::TestWithParam<Row> {};

TEST_P(OddRecording, HasEachPacketOnceAtItsTime) {
  const Row& row = GetParam();
  const std::string container = row.file + std::string{row.file}.rfind('.') + 1;
  const Buffer bytes = odd_file(row.file);
  std::FILE* in = std::tmpfile();
  std::FILE* out = std::tmpfile();
  ASSERT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), in), bytes.size());
  std::fflush(in);
  auto film = Film::open(format_of(row.file), fileno(in));
  ASSERT_TRUE(film) << film.error().what;
  const auto copied = copy_film(**film, container, fileno(out));
  ASSERT_TRUE(copied) << copied.error().what;
  const double length = static_cast<double>((*film)->facts().duration_us) / 1e6;
  EXPECT_NEAR(length, row.pictures == 250 ? 10.05 : 5.0, 0.1);
  EXPECT_EQ((*film)->facts().pictures, row.pictures);
  Buffer written(static_cast<std::size_t>(lseek(fileno(out), 0, SEEK_END)));
  ASSERT_EQ(pread(fileno(out), written.data(), written.size(), 0),
            static_cast<ssize_t>(written.size()));
  check(row, times_of(format_of(row.file), written));
  std::fclose(in);
  std::fclose(out);
}

INSTANTIATE_TEST_SUITE_P(All, OddRecording, testing::ValuesIn(kRows),
                         [](const auto& test) { return plain(test.param.file); });

TEST(OddTracks, WhatIsLeftOutIsToldOnce) {
  const Made made = remuxed("ts-nine-streams.ts", "mp4");
  ASSERT_TRUE(made.done);
  ASSERT_EQ(made.left_out.size(), 1u);
  EXPECT_NE(made.left_out[0].find("audio (aac)"), std::string::npos) << made.left_out[0];
}

}  // namespace
}  // namespace framewire::codec
