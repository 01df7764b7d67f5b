#include "codec/child/codecs/video_encoder.h"

#include <gtest/gtest.h>

#include <vector>

#include "codec/child/av/h264_sets.h"
#include "codec/child/codecs/decoder.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child_process.h"
#include "tests/unit/codec/swatches.h"

namespace framewire::codec {
namespace {

constexpr int kFrames = 24;
constexpr std::int64_t kStepUs = 40'000;

struct Case {
  AVCodecID codec;
  int width, height;
  bool live;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << avcodec_get_name(c.codec) << ' ' << c.width << 'x' << c.height
       << (c.live ? " live" : " thorough");
}

VideoEncoding encoding_of(const Case& c) {
  return {.codec = c.codec,
          .width = c.width,
          .height = c.height,
          .fps = 25,
          .live = c.live,
          .keyframe_ms = 400};
}

struct Encoded {
  std::vector<PacketHandle> packets;
  std::vector<int> inside;  // how many pictures had gone in when each came out
};

Encoded encode(VideoEncoder& encoder, int frames = kFrames, std::int64_t step_us = kStepUs) {
  PictureConverter converter{encoder.form()};
  Encoded out;
  int sent = 0;
  const auto keep = [&](AVPacket& packet) -> Result<void> {
    out.packets.emplace_back(av_packet_clone(&packet));
    out.inside.push_back(sent);
    return {};
  };
  const VideoEncoding& e = encoder.encoding();
  for (sent = 1; sent <= frames; ++sent) {
    const FrameHandle painted = paint_swatches(e.width, e.height, (sent - 1) * step_us);
    const auto converted = converter.convert(*painted);
    EXPECT_TRUE(converted) << converted.error().what;
    const auto encoded = encoder.encode(*converted, keep);
    EXPECT_TRUE(encoded) << encoded.error().what;
  }
  EXPECT_TRUE(encoder.encode(nullptr, keep));
  return out;
}

class Encode : public testing::TestWithParam<Case> {};

TEST_P(Encode, EveryPictureComesBackWithItsTimeAndColours) {
  const Case& c = GetParam();
  auto encoder = VideoEncoder::open(encoding_of(c));
  ASSERT_TRUE(encoder) << encoder.error().what;
  const Encoded encoded = encode(**encoder);
  ASSERT_EQ(encoded.packets.size(), std::size_t{kFrames});
  std::int64_t last = INT64_MIN;
  int keys = 0;
  for (std::size_t i = 0; i < encoded.packets.size(); ++i) {
    const AVPacket& packet = *encoded.packets[i];
    EXPECT_GT(packet.dts, last);
    EXPECT_GE(packet.pts, packet.dts);
    EXPECT_EQ(packet.duration, kStepUs);
    if (packet.flags & AV_PKT_FLAG_KEY) ++keys;
    if (c.live) {
      EXPECT_EQ(encoded.inside[i], static_cast<int>(i) + 1) << "held back";
      EXPECT_EQ(packet.pts, packet.dts);
    }
    last = packet.dts;
  }
  EXPECT_GE(keys, 3);  // 400 ms of 960
  EXPECT_EQ(encoded.packets[0]->flags & AV_PKT_FLAG_KEY, AV_PKT_FLAG_KEY);

  auto decoder = Decoder::open(*(*encoder)->parameters());
  ASSERT_TRUE(decoder) << decoder.error().what;
  int frames = 0;
  const bool jpeg = c.codec == AV_CODEC_ID_MJPEG;
  const bool tagged = !jpeg && c.codec != AV_CODEC_ID_VP8 && c.codec != AV_CODEC_ID_MPEG1VIDEO;
  const auto look = [&](AVFrame& frame) -> Result<void> {
    EXPECT_EQ(frame.pts, frames * kStepUs);
    EXPECT_EQ(frame.width, (*encoder)->form().width);
    EXPECT_EQ(frame.height, (*encoder)->form().height);
    // The larger side of what rounding to 8 bits of luma and chroma costs is 2.
    EXPECT_LE(worst_swatch(frame, jpeg ? kJfif : kBt709), 3) << "frame " << frames;
    if (tagged) {
      EXPECT_EQ(frame.colorspace, AVCOL_SPC_BT709);
      EXPECT_EQ(frame.color_range, AVCOL_RANGE_MPEG);
    }
    ++frames;
    return {};
  };
  for (const PacketHandle& packet : encoded.packets) {
    const auto decoded = (*decoder)->decode(packet.get(), look);
    ASSERT_TRUE(decoded) << decoded.error().what;
  }
  ASSERT_TRUE((*decoder)->decode(nullptr, look));
  EXPECT_EQ(frames, kFrames);
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const AVCodecID codec : {AV_CODEC_ID_H264, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1,
                                AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MJPEG})
    for (const bool live : {true, false})
      for (const auto& [width, height] :
           {std::pair{320, 180}, std::pair{321, 181}, std::pair{200, 113}})
        out.push_back({codec, width, height, live});
  return out;
}
INSTANTIATE_TEST_SUITE_P(Codecs, Encode, testing::ValuesIn(cases()));

TEST(VideoEncoder, H264IsAsTheMuxersTakeIt) {
  auto encoder = VideoEncoder::open(encoding_of({AV_CODEC_ID_H264, 321, 181, true}));
  ASSERT_TRUE(encoder);
  const AVCodecParameters& track = *(*encoder)->parameters();
  const auto view = [](const std::uint8_t* data, int size) {
    return std::as_bytes(std::span{data, static_cast<std::size_t>(size)});
  };
  const Buffer sets = h264_parameter_sets(view(track.extradata, track.extradata_size));
  EXPECT_FALSE(sets.empty());
  EXPECT_EQ(track.width, 322);
  EXPECT_EQ(track.height, 182);
  for (const PacketHandle& packet : encode(**encoder).packets) {
    const Buffer own = h264_parameter_sets(view(packet->data, packet->size));
    EXPECT_EQ(own, (packet->flags & AV_PKT_FLAG_KEY) != 0 ? sets : Buffer{});
  }
}

TEST(VideoEncoder, KeyframesComeByTheClock) {
  for (const AVCodecID codec : {AV_CODEC_ID_H264, AV_CODEC_ID_VP9}) {
    auto encoder = VideoEncoder::open(
        {.codec = codec, .width = 64, .height = 64, .fps = 0, .keyframe_ms = 1000});
    ASSERT_TRUE(encoder);
    for (const PacketHandle& packet : encode(**encoder, 8, 500'000).packets)
      EXPECT_EQ((packet->flags & AV_PKT_FLAG_KEY) != 0, packet->pts % 1'000'000 == 0)
          << packet->pts;
  }
}

TEST(VideoEncoder, TransparencyIsKept) {
  for (const auto& [codec, decoder_name] :
       {std::pair{AV_CODEC_ID_VP8, "libvpx"}, std::pair{AV_CODEC_ID_VP9, "libvpx-vp9"}}) {
    auto encoder =
        VideoEncoder::open({.codec = codec, .width = 320, .height = 180, .fps = 25, .alpha = true});
    ASSERT_TRUE(encoder) << encoder.error().what;
    EXPECT_EQ((*encoder)->parameters()->format, AV_PIX_FMT_YUVA420P);
    const auto alpha_of = [](int swatch) { return 255 - 36 * swatch; };
    PictureConverter converter{(*encoder)->form()};
    const FrameHandle painted = paint_swatches(320, 180, 0, alpha_of);
    EXPECT_TRUE(is_transparent(*painted));
    PacketHandle packet;
    ASSERT_TRUE((*encoder)->encode(*converter.convert(*painted), [&](AVPacket& p) -> Result<void> {
      packet.reset(av_packet_clone(&p));
      return {};
    }));
    ASSERT_TRUE(packet);
    const AVCodec* with_alpha = avcodec_find_decoder_by_name(decoder_name);
    const CodecHandle decoder{avcodec_alloc_context3(with_alpha)};
    const FrameHandle frame{av_frame_alloc()};
    ASSERT_EQ(avcodec_open2(decoder.get(), with_alpha, nullptr), 0);
    ASSERT_EQ(avcodec_send_packet(decoder.get(), packet.get()), 0);
    ASSERT_EQ(avcodec_receive_frame(decoder.get(), frame.get()), 0);
    ASSERT_EQ(frame->format, AV_PIX_FMT_YUVA420P);
    EXPECT_LE(worst_swatch(*frame, kBt709), 3);
    for (int i = 0; i < 8; ++i) {
      const int x = (2 * (i % 4) + 1) * 40, y = (2 * (i / 4) + 1) * 45;
      EXPECT_NEAR(frame->data[3][y * frame->linesize[3] + x], alpha_of(i), 3) << i;
    }
  }
}

TEST(VideoEncoder, RefusesWhatItCannotEncode) {
  for (const VideoEncoding& e :
       {VideoEncoding{.codec = AV_CODEC_ID_H264, .width = 0, .height = 9},
        VideoEncoding{.codec = AV_CODEC_ID_VP9, .width = 99'999, .height = 99'999},
        VideoEncoding{.codec = AV_CODEC_ID_THEORA, .width = 64, .height = 64}}) {
    const auto encoder = VideoEncoder::open(e);
    ASSERT_FALSE(encoder);
    EXPECT_EQ(encoder.error().code, Errc::unsupported_format);
  }
}

// With the system calls and the memory that the codec worker has.
TEST(VideoEncoder, RunsShutIn) {
  auto child = ChildProcess::start({"test-encode", {}, {}});
  ASSERT_TRUE(child);
  const ChildEnd end = child->wait();
  EXPECT_TRUE(end.good()) << end.describe();
  EXPECT_EQ(end.answer, "h264 5 vp8 5 vp9 5 av1 5 mpeg1video 5 mjpeg 5 ");
}

}  // namespace
}  // namespace framewire::codec
