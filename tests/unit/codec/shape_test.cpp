#include "codec/child/av/shape.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/child/codecs/picture_converter.h"
#include "tests/unit/codec/swatches.h"

namespace framewire::codec {
namespace {

constexpr std::int32_t kOne = 0x10000;

// A letter in each corner of a grey picture, by its brightness.
FrameHandle lettered(int width, int height) {
  FrameHandle out{av_frame_alloc()};
  out->format = AV_PIX_FMT_YUV420P;
  out->width = width;
  out->height = height;
  EXPECT_EQ(av_frame_get_buffer(out.get(), 0), 0);
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane > 0 ? height / 2 : height); ++y)
      for (int x = 0; x < (plane > 0 ? width / 2 : width); ++x) {
        const int corner = (2 * x >= width ? 1 : 0) + (2 * y >= height ? 2 : 0);
        out->data[plane][y * out->linesize[plane] + x] =
            static_cast<std::uint8_t>(plane > 0 ? 128 : 40 + 50 * corner);
      }
  return out;
}

std::string letters(const AVFrame& frame) {
  std::string out;
  for (const int y : {frame.height / 8, frame.height - frame.height / 8})
    for (const int x : {frame.width / 8, frame.width - frame.width / 8})
      out += static_cast<char>('a' + (frame.data[0][y * frame.linesize[0] + x] - 15) / 50);
  return out;
}

Shape turned(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
  Shape out;
  out.matrix =
      std::array<std::int32_t, 9>{a * kOne, b * kOne, 0, c * kOne, d * kOne, 0, 0, 0, 0x40000000};
  return out;
}

void set_interlaced(AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  frame.flags |= AV_FRAME_FLAG_INTERLACED;
#else
  frame.interlaced_frame = 1;
#endif
}

TEST(Shape, IsAppliedToWhatIsConverted) {
  struct Row {
    const char* what;
    Shape shape;
    int width, height;
    std::string letters;
  };
  const Row rows[] = {
      {"as it is", {}, 64, 32, "abcd"},
      {"by 90 degrees", turned(0, 1, -1, 0), 32, 64, "cadb"},
      {"by 180 degrees", turned(-1, 0, 0, -1), 64, 32, "dcba"},
      {"by 270 degrees", turned(0, -1, 1, 0), 32, 64, "bdac"},
      {"mirrored", turned(-1, 0, 0, 1), 64, 32, "badc"},
      {"upside down", turned(1, 0, 0, -1), 64, 32, "cdab"},
      {"mirrored and turned", turned(0, 1, 1, 0), 32, 64, "acbd"},
      {"pixels twice as wide",
       {.matrix = {}, .aspect = {2, 1}, .aspect_outside = true},
       128,
       32,
       "abcd"},
  };
  const FrameHandle picture = lettered(64, 32);
  for (const Row& row : rows) {
    const Upright upright = upright_of(*picture, row.shape);
    EXPECT_EQ(upright.width, row.width) << row.what;
    EXPECT_EQ(upright.height, row.height) << row.what;
    if (row.letters.empty()) continue;
    PictureConverter converter{{upright.width, upright.height}};
    const auto out = converter.convert(*picture, row.shape);
    ASSERT_TRUE(out) << out.error().what;
    EXPECT_EQ(letters(**out), row.letters) << row.what;
    // In the middle of a square, likewise.
    PictureConverter padded{{200, 200}, Fit::pad};
    const auto square = padded.convert(*picture, row.shape);
    ASSERT_TRUE(square) << square.error().what;
    EXPECT_EQ((*square)->width, 200) << row.what;
  }
}

TEST(Shape, AFramesOwnCountsMore) {
  const FrameHandle picture = lettered(64, 32);
  picture->sample_aspect_ratio = {3, 2};
  EXPECT_EQ(upright_of(*picture, {}).width, 96);
  Shape outside;
  outside.aspect_outside = true;
  EXPECT_EQ(upright_of(*picture, outside).width, 64);
  picture->sample_aspect_ratio = {0, 1};
  EXPECT_EQ(upright_of(*picture, {}).width, 64);
}

TEST(Shape, OfInterlacedPicturesOneFieldIsTaken) {
  const FrameHandle picture = lettered(64, 32);
  for (int y = 1; y < 32; y += 2)
    for (int x = 0; x < 64; ++x) picture->data[0][y * picture->linesize[0] + x] = 235;
  PictureConverter converter{{64, 32}};
  const auto both = converter.convert(*picture);
  ASSERT_TRUE(both);
  EXPECT_GT((*both)->data[0][3 * (*both)->linesize[0] + 8], 200);
  set_interlaced(*picture);
  const auto one = converter.convert(*picture);
  ASSERT_TRUE(one);
  EXPECT_LT((*one)->data[0][3 * (*one)->linesize[0] + 8], 60);
}

}  // namespace
}  // namespace framewire::codec
