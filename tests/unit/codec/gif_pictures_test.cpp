#include "codec/child/render/gif_pictures.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/unit/codec/swatches.h"

namespace framewire::codec {
namespace {

constexpr int kWidth = 64, kHeight = 48;

// RGBA by a function of x and y that gives {red, green, blue, alpha}.
template <class Paint>
FrameHandle painted(const Paint& paint) {
  FrameHandle out = paint_swatches(kWidth, kHeight, 0);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const std::array<int, 4> pixel = paint(x, y);
      std::uint8_t* at = out->data[0] + std::ptrdiff_t{y} * out->linesize[0] + 4 * x;
      for (std::size_t c = 0; c < 4; ++c) at[c] = static_cast<std::uint8_t>(pixel[c]);
    }
  return out;
}

// A slope in each direction, of far more than 255 colours.
FrameHandle slope(int blue) {
  return painted([=](int x, int y) { return std::array{4 * x, 5 * y, blue, 255}; });
}

TEST(GifPalette, IsExactForFewColoursAndGrowsWithThem) {
  GifPalette palette;
  const FrameHandle swatches = paint_swatches(kWidth, kHeight, 0);
  EXPECT_TRUE(palette.choose(*swatches));
  ASSERT_EQ(palette.colours().size(), kSwatches.size());
  for (const Colour& swatch : kSwatches) {
    const auto level = [&](std::size_t c) { return static_cast<std::uint8_t>(swatch[c]); };
    const PaletteColour pixel{level(0), level(1), level(2)};
    EXPECT_EQ(palette.colours()[palette.index_of(pixel, 0, 0)], pixel);
  }
  EXPECT_FALSE(palette.choose(*swatches)) << "it has them";
  const auto before = palette.colours();
  const FrameHandle other = painted([](int, int) { return std::array{1, 2, 3, 255}; });
  EXPECT_TRUE(palette.choose(*other));
  EXPECT_EQ(palette.colours().size(), before.size() + 1);
  EXPECT_EQ(palette.colours().front(), before.front()) << "appended";
  EXPECT_FALSE(palette.choose(*swatches)) << "it still has them";
}

TEST(GifPalette, TakesExactly255ColoursAndBeginsAnewForOthers) {
  GifPalette palette;
  const auto greys = [](int many) {
    return painted([=](int x, int y) {
      const int level = (y * kWidth + x) % many;
      return std::array{level, level, level, 255};
    });
  };
  EXPECT_TRUE(palette.choose(*greys(255)));
  EXPECT_EQ(palette.colours().size(), GifPalette::kMost);
  EXPECT_TRUE(palette.choose(*paint_swatches(kWidth, kHeight, 0))) << "there is no room for more";
  EXPECT_EQ(palette.colours().size(), kSwatches.size());
  palette.choose(*greys(256));
  EXPECT_EQ(palette.colours().size(), GifPalette::kMost) << "near ones";
}

TEST(GifPalette, IsNearForManyColoursAndKeptWhileItServes) {
  GifPalette palette;
  EXPECT_TRUE(palette.choose(*slope(100)));
  EXPECT_EQ(palette.colours().size(), GifPalette::kMost);
  int worst = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const PaletteColour pixel{static_cast<std::uint8_t>(4 * x), static_cast<std::uint8_t>(5 * y),
                                100};
      const PaletteColour got = palette.colours()[palette.index_of(pixel, x, y)];
      for (const int off : {got.red - pixel.red, got.green - pixel.green, got.blue - pixel.blue})
        worst = std::max(worst, std::abs(off));
    }
  EXPECT_LE(worst, 40) << "16 by 16 colours for 256 by 240";
  EXPECT_FALSE(palette.choose(*slope(101)));
  EXPECT_TRUE(palette.choose(*slope(220)));
  EXPECT_TRUE(palette.choose(*paint_swatches(kWidth, kHeight, 0))) << "exact again";
  EXPECT_EQ(palette.colours().size(), kSwatches.size());
}

TEST(GifPictures, LeaveOutWhatIsShownAlready) {
  GifPictures pictures{/*alpha=*/false};
  const auto count_none = [&](const AVFrame& frame) {
    int out = 0;
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x)
        out += frame.data[0][std::ptrdiff_t{y} * frame.linesize[0] + x] == GifPalette::kNone;
    return out;
  };
  const FrameHandle swatches = paint_swatches(kWidth, kHeight, 0);
  const auto first = pictures.next(*swatches);
  ASSERT_TRUE(first);
  EXPECT_EQ(count_none(**first), 0);
  const auto second = pictures.next(*swatches);
  ASSERT_TRUE(second);
  EXPECT_EQ(count_none(**second), kWidth * kHeight);
  EXPECT_EQ(std::memcmp((*first)->data[1], (*second)->data[1], AVPALETTE_SIZE), 0);
  swatches->data[0][0] ^= 0x10;
  const auto third = pictures.next(*swatches);
  ASSERT_TRUE(third);
  EXPECT_EQ(count_none(**third), kWidth * kHeight - 1);
}

TEST(GifPictures, WithAlphaStandByThemselves) {
  GifPictures pictures{/*alpha=*/true};
  const FrameHandle half = painted([](int x, int) {
    return std::array{9, 8, 7, x < kWidth / 2 ? 127 : 128};
  });
  for (int n = 0; n < 2; ++n) {
    const auto made = pictures.next(*half);
    ASSERT_TRUE(made);
    EXPECT_EQ((*made)->data[0][0], GifPalette::kNone);
    EXPECT_EQ((*made)->data[0][kWidth - 1], 0);
  }
}

TEST(GifPictures, SayWhatBecomesOfThem) {
  // A Graphic Control Extension alone, and behind a head with a table of two colours.
  const std::vector<std::uint8_t> alone{0x21, 0xf9, 4, 0x05, 10, 0, 255, 0, 0x2c, 0};
  std::vector<std::uint8_t> first{'G',  'I', 'F', '8', '9', 'a', 1, 0, 1, 0,
                                  0x80, 0,   0,   0,   0,   0,   9, 9, 9};
  first.insert(first.end(), alone.begin(), alone.end());
  for (const auto& bytes : {alone, first})
    for (const bool alpha : {false, true}) {
      const PacketHandle packet{av_packet_alloc()};
      ASSERT_EQ(av_new_packet(packet.get(), static_cast<int>(bytes.size())), 0);
      std::memcpy(packet->data, bytes.data(), bytes.size());
      GifPictures{alpha}.set_disposal(*packet);
      const std::size_t at = bytes.size() - alone.size() + 3;
      EXPECT_EQ(packet->data[at], alpha ? 0x09 : 0x05) << "and the transparency stays";
    }
}

}  // namespace
}  // namespace framewire::codec
