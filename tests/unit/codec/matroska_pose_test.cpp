// How pictures are turned, written by our muxer as WebM and read back by FFmpeg's demuxer.
#include "codec/child/containers/matroska_pose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/containers/muxer.h"

namespace framewire::codec {
namespace {

constexpr std::int32_t kOne = 0x10000;

Shape posed(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
  Shape out;
  out.matrix =
      std::array<std::int32_t, 9>{a * kOne, b * kOne, 0, c * kOne, d * kOne, 0, 0, 0, 0x40000000};
  return out;
}

// A header of VP8 and Opus, and a keyframe that nobody decodes.
Result<Buffer> webm_with(const Shape& shape) {
  const ParametersHandle pictures{avcodec_parameters_alloc()};
  pictures->codec_type = AVMEDIA_TYPE_VIDEO;
  pictures->codec_id = AV_CODEC_ID_VP8;
  pictures->width = 64;
  pictures->height = 32;
  const std::array<const AVCodecParameters*, 1> tracks{pictures.get()};
  Buffer out;
  const auto write = [&](Bytes bytes) {
    append(out, bytes);
    return 0;
  };
  auto muxer = Muxer::open(*output_named("webm"), tracks, write, 0, std::span{&shape, 1});
  if (!muxer) return tl::make_unexpected(muxer.error());
  const PacketHandle packet{av_packet_alloc()};
  av_new_packet(packet.get(), 16);
  std::fill_n(packet->data, 16, std::uint8_t{0});
  packet->flags |= AV_PKT_FLAG_KEY;
  packet->pts = packet->dts = 0;
  packet->duration = 40'000;
  if (auto written = (*muxer)->write(*packet, 0); !written)
    return tl::make_unexpected(written.error());
  if (auto finished = (*muxer)->finish(); !finished) return tl::make_unexpected(finished.error());
  return out;
}

struct Pose {
  const char* what;
  Shape shape;
};

TEST(MatroskaPose, IsReadBackAsItWasWritten) {
  const Pose poses[] = {
      {"by 90 degrees", posed(0, 1, -1, 0)},    {"by 180 degrees", posed(-1, 0, 0, -1)},
      {"by 270 degrees", posed(0, -1, 1, 0)},   {"mirrored", posed(-1, 0, 0, 1)},
      {"upside down", posed(1, 0, 0, -1)},      {"mirrored, by 90", posed(0, 1, 1, 0)},
      {"mirrored, by 270", posed(0, -1, -1, 0)}};
  const auto plain = webm_with({});
  ASSERT_TRUE(plain) << plain.error().what;
  for (const Pose& pose : poses) {
    const auto made = webm_with(pose.shape);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_GT(made->size(), plain->size()) << pose.what;
    std::size_t at = 0;
    ReadBytes read = [&](std::span<std::byte> to) {
      const std::size_t size = std::min(to.size(), made->size() - at);
      std::copy_n(made->begin() + static_cast<std::ptrdiff_t>(at), size, to.begin());
      at += size;
      return static_cast<int>(size);
    };
    const IoHandle io = stream_reader(read);
    const auto input = open_input(Format::webm, io.get());
    ASSERT_TRUE(input) << input.error().what;
    ASSERT_EQ((*input)->nb_streams, 1u) << pose.what;
    const Shape shape = shape_of(*(*input)->streams[0]);
    ASSERT_TRUE(shape.matrix) << pose.what;
    for (const std::size_t i : {0u, 1u, 3u, 4u})
      EXPECT_NEAR((*shape.matrix)[i], (*pose.shape.matrix)[i], 2) << pose.what << ' ' << i;
  }
}

// Tracks of one track that has a Projection: type 1, private data, and what stands beside them.
Buffer bytes_of_hex(const std::string& hex) {
  Buffer out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return out;
}

TEST(MatroskaPose, ChangesTheProjectionAndNothingElse) {
  const std::string ebml = "1a45dfa380", segment = "1853806701ffffffffffffff";
  const std::string before = ebml + segment + "1654ae6b95" + "ae93" + "e091" + "b08140" + "76708b";
  Buffer head = bytes_of_hex(before + "76718101" + "767284" + "01020304");
  const Buffer flat = bytes_of_hex(before + "76718100" + "ec4004" + "00000000");
  ASSERT_EQ(head.size(), flat.size());
  EXPECT_FALSE(flatten_matroska_pose(head).empty());
  EXPECT_EQ(head, flat);
}

TEST(MatroskaPose, LeavesWhatIsCutOffOrHasNone) {
  const Buffer whole = bytes_of_hex("1a45dfa3801853806701ffffffffffffff1654ae6b87ae85e083b08140");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Buffer head(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const Buffer before = head;
    EXPECT_TRUE(flatten_matroska_pose(head).empty()) << size;
    EXPECT_EQ(head, before) << size;
  }
}

}  // namespace
}  // namespace framewire::codec
