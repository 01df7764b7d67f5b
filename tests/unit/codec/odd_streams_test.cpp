// The streams of tests/media/odd through the two readers of what publishers send, in this process:
// each packet once, at its time, in every container. tests/e2e/odd_streams.test.mjs does it with
// the server.
#include "odd_streams.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "codec/child/files/media_file.h"
#include "codec/child/files/remux_file.h"
#include "ingest/webm/webm_block.h"
#include "ingest/webm/webm_ebml.h"

namespace framewire::codec {
namespace {

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
class OddRendition : public testing::TestWithParam<std::tuple<Row, OddOutput>> {};

TEST_P(OddRendition, HasEachPacketOnceAtItsTime) {
  const auto& [row, output] = GetParam();
  const Made made = remuxed(row.file, std::get<0>(output));
  ASSERT_TRUE(made.done) << made.done.error().what;
  check(row, times_of(std::get<1>(output), made.bytes));
}

// Matroska, its pictures so much earlier, by their place in the order of decoding.
Buffer bent_mkv(Buffer mkv, int (*earlier_ms)(int index)) {
  int index = 0;
  for (std::size_t at = 0; at < mkv.size();) {
    const auto [state, head] = ebml::read_head(Bytes{mkv}.subspan(at));
    if (state != ebml::HeadState::whole) break;
    const bool enter = head.id == ebml::kSegment || head.id == ebml::kCluster;
    const std::size_t size = enter ? head.head_bytes : static_cast<std::size_t>(head.total());
    if (head.id == ebml::kSimpleBlock || head.id == ebml::kBlockGroup) {
      const auto block = read_block(head, Bytes{mkv}.subspan(at, size));
      if (block && block->track == 1)
        store_be(&mkv[at + block->timestamp_at],
                 static_cast<std::int16_t>(block->relative - earlier_ms(index++)));
    }
    at += size;
  }
  EXPECT_EQ(index, 125);
  return mkv;
}

TEST(OddClock, PicturesThatTellTheirOrderStandInIt) {
  const Buffer mkv = odd_file("mkv-h264-bframes.mkv");
  const Buffer bent[] = {
      bent_mkv(mkv, [](int index) { return index > 60 && index < 73 ? 40 * (index - 60) : 0; }),
      bent_mkv(mkv, [](int index) { return index == 70 ? 1500 : 0; }),
  };
  for (const Buffer& bytes : bent)
    for (const OddOutput& output :
         {OddOutput{"mp4", Format::mp4}, OddOutput{"ts", Format::mpegts},
          OddOutput{"flv", Format::flv}, OddOutput{"h264", Format::mp4}}) {
      const Made made = remuxed(Format::webm, {bytes}, std::get<0>(output));
      ASSERT_TRUE(made.done) << made.done.error().what;
      check({"", 125, 236}, times_of(std::get<1>(output), made.bytes));
    }
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
  for (const OddOutput& output : {OddOutput{"ts", Format::mpegts}, OddOutput{"flv", Format::flv}}) {
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

INSTANTIATE_TEST_SUITE_P(All, OddRendition,
                         testing::Combine(testing::ValuesIn(kRows),
                                          testing::Values(OddOutput{"mp4", Format::mp4},
                                                          OddOutput{"h264", Format::mp4},
                                                          OddOutput{"ts", Format::mpegts},
                                                          OddOutput{"flv", Format::flv})),
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
  auto film = MediaFile::open(format_of(row.file), fileno(in));
  ASSERT_TRUE(film) << film.error().what;
  const auto copied = remux_file(**film, container, fileno(out));
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
