// Odd streams through the two readers of what publishers send, in this process, and what comes out
// held against what is right of them.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/files/media_file.h"
#include "codec/child/files/remux_file.h"
#include "codec/child/live/remux.h"

namespace framewire::codec {

constexpr std::size_t kRead = 4000;

inline Buffer odd_file(const std::string& name) {
  std::ifstream file{std::string{FRAMEWIRE_MEDIA_DIR} + "/odd/" + name, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_FALSE(all.empty()) << name;
  const Bytes bytes = as_bytes(all);
  return {bytes.begin(), bytes.end()};
}

inline ReadBytes reader_of(const Buffer& bytes, std::size_t& at) {
  return [&](std::span<std::byte> to) {
    const std::size_t size = std::min({to.size(), kRead, bytes.size() - at});
    std::memcpy(to.data(), bytes.data() + at, size);
    at += size;
    return static_cast<int>(size);
  };
}

inline Format format_of(const std::string& name) {
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

inline void add_times(Format format, Bytes bytes, Times& out) {
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
inline Times times_of(Format format, const Buffer& bytes) {
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
inline Made remuxed(Format format, const std::vector<Buffer>& epochs, const char* output) {
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

inline Made remuxed(const std::string& name, const char* output) {
  return remuxed(format_of(name), {odd_file(name)}, output);
}

struct Row {
  const char* file;
  std::size_t pictures;
  std::size_t sounds;
  double apart = -0.021;  // the sound begins so much later
  int jumps = 0;          // distances that are not the step, within 100 ms of it
};
inline void PrintTo(const Row& row, std::ostream* out) {
  *out << row.file;
}

constexpr double kOffBy = 0.002;

inline void check(const std::vector<double>& times, std::size_t count, double step, int jumps) {
  EXPECT_EQ(times.size(), count);
  int jumped = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double off = std::abs(times[i] - times[i - 1] - step);
    EXPECT_LE(off, 0.1) << i << " at " << times[i];
    if (off > kOffBy && off <= 0.1) ++jumped;
  }
  EXPECT_LE(jumped, jumps);
}

inline void check(const Row& row, const Times& got) {
  check(got.pictures, row.pictures, 0.04, row.jumps);
  check(got.sounds, row.sounds, 1024.0 / 48'000, row.jumps);
  if (got.pictures.empty() || got.sounds.empty()) return;
  EXPECT_NEAR(got.sounds.front() - got.pictures.front(), row.apart, kOffBy);
}

using OddOutput = std::tuple<const char*, Format>;

}  // namespace framewire::codec
