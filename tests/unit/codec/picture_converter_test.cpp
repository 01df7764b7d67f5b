#include "codec/child/codecs/picture_converter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "codec/child/codecs/decoder.h"
#include "tests/unit/codec/swatches.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace framewire::codec {
namespace {

constexpr Colour kBlack = {0, 0, 0};

void expect_colour(const AVFrame& frame, int x, int y, const Colour& want, int off = 3) {
  const Colour got = colour_at(frame, x, y, kBt709);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(got[c], want[c], off) << x << ',' << y << ' ' << c;
}

FrameHandle decode_file(AVCodecID codec, const std::string& name) {
  std::ifstream file(std::string{FRAMEWIRE_MEDIA_DIR} + "/browser/frames/" + name,
                     std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const PacketHandle packet{av_packet_alloc()};
  av_new_packet(packet.get(), static_cast<int>(bytes.size()));
  bytes.copy(reinterpret_cast<char*>(packet->data), bytes.size());
  const ParametersHandle track{avcodec_parameters_alloc()};
  track->codec_type = AVMEDIA_TYPE_VIDEO;
  track->codec_id = codec;
  auto decoder = Decoder::open(*track);
  FrameHandle out;
  const auto keep = [&](AVFrame& frame) -> Result<void> {
    out.reset(av_frame_clone(&frame));
    return {};
  };
  EXPECT_TRUE(decoder);
  EXPECT_TRUE((*decoder)->decode(packet.get(), keep));
  EXPECT_TRUE((*decoder)->decode(nullptr, keep));
  return out;
}

TEST(PictureConverter, EverySizeKeepsTheColours) {
  for (const auto& [width, height] :
       {std::pair{320, 180}, std::pair{1280, 720}, std::pair{321, 181}, std::pair{64, 50}})
    for (const auto& [to_width, to_height] :
         {std::pair{320, 180}, std::pair{322, 182}, std::pair{641, 359}, std::pair{1920, 1080}}) {
      PictureConverter converter{{to_width, to_height}};
      const auto out = converter.convert(*paint_swatches(width, height, 42));
      ASSERT_TRUE(out) << out.error().what;
      EXPECT_LE(worst_swatch(**out, kBt709), 3) << width << "->" << to_width;
      EXPECT_EQ((*out)->pts, 42);
      EXPECT_EQ((*out)->colorspace, AVCOL_SPC_BT709);
      EXPECT_EQ((*out)->color_range, AVCOL_RANGE_MPEG);
    }
}

TEST(PictureConverter, FromAnyYuvToAnyOther) {
  for (const AVPixelFormat first : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P}) {
    PictureConverter one{{320, 180, first}};
    const auto between = one.convert(*paint_swatches(320, 180, 0));
    ASSERT_TRUE(between);
    for (const AVPixelFormat second : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P}) {
      PictureConverter two{{640, 360, second}};
      const auto out = two.convert(**between);
      ASSERT_TRUE(out);
      // Rounded twice to 8 bits.
      EXPECT_LE(worst_swatch(**out, second == AV_PIX_FMT_YUVJ420P ? kJfif : kBt709), 6)
          << av_get_pix_fmt_name(first) << " to " << av_get_pix_fmt_name(second);
    }
  }
}

TEST(PictureConverter, PadsWithBlackBars) {
  const FrameHandle painted = paint_swatches(320, 180, 0);
  PictureConverter tall{{320, 320}, Fit::pad};
  const auto out = tall.convert(*painted);
  ASSERT_TRUE(out);
  for (const int y : {0, 60, 260, 319}) expect_colour(**out, 40, y, kBlack, 1);
  expect_colour(**out, 40, 70 + 45, kSwatches[0]);
  expect_colour(**out, 280, 70 + 135, kSwatches[7]);
  PictureConverter wide{{640, 180}, Fit::pad};
  const auto sides = wide.convert(*painted);
  ASSERT_TRUE(sides);
  for (const int x : {0, 150, 490, 639}) expect_colour(**sides, x, 90, kBlack, 1);
  expect_colour(**sides, 160 + 40, 45, kSwatches[0]);
}

TEST(PictureConverter, OneShortOfEvenRepeatsItsEdge) {
  PictureConverter converter{{322, 182}};
  const auto out = converter.convert(*paint_swatches(321, 181, 0));
  ASSERT_TRUE(out);
  expect_colour(**out, 321, 10, kSwatches[3]);
  expect_colour(**out, 10, 181, kSwatches[4]);
  expect_colour(**out, 321, 181, kSwatches[7]);
}

TEST(PictureConverter, LaysTransparentPicturesOnBlack) {
  const FrameHandle painted = paint_swatches(320, 180, 0, [](int swatch) {
    return swatch == 0 ? 0 : swatch == 6 ? 128 : 255;
  });
  EXPECT_TRUE(is_transparent(*painted));
  EXPECT_FALSE(is_transparent(*paint_swatches(320, 180, 0)));
  PictureConverter converter{{320, 180}};
  const auto out = converter.convert(*painted);
  ASSERT_TRUE(out);
  expect_colour(**out, 40, 45, kBlack);
  expect_colour(**out, 200, 135, {128, 128, 128});
  expect_colour(**out, 280, 135, kSwatches[7]);
}

TEST(PictureConverter, TakesWhatBrowsersMake) {
  struct Picture {
    AVCodecID codec;
    const char* extension;
    bool transparent;
  };
  for (const Picture& p :
       {Picture{AV_CODEC_ID_PNG, ".png", true}, Picture{AV_CODEC_ID_WEBP, ".webp", true},
        Picture{AV_CODEC_ID_MJPEG, ".jpg", false}}) {
    for (const char* name : {"f00", "f07"}) {
      const FrameHandle frame = decode_file(p.codec, std::string{name} + p.extension);
      ASSERT_TRUE(frame) << p.extension;
      EXPECT_EQ(is_transparent(*frame), p.transparent && name == std::string{"f07"})
          << name << p.extension;
      PictureConverter converter{{320, 180}};
      ASSERT_TRUE(converter.convert(*frame)) << p.extension;
    }
  }
}

}  // namespace
}  // namespace framewire::codec
