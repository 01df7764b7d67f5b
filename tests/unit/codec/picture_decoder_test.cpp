#include "codec/child/codecs/picture_decoder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "codec/child/codecs/picture_converter.h"

namespace framewire::codec {
namespace {

Buffer picture(const std::string& name) {
  std::ifstream file(std::string{FRAMEWIRE_MEDIA_DIR} + "/browser/frames/" + name,
                     std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

struct Step {
  std::int64_t pts_us, received_us, time_us;
};

TEST(PictureClock, GoesByThePicturesTimesElseByTheirArrival) {
  const std::vector<std::vector<Step>> cases = {
      {{1000, 77, 1000}, {41'000, 80, 41'000}, {90'000, 81, 90'000}},  // their own
      {{0, 500, 0}, {0, 40'500, 40'000}, {0, 80'600, 80'100}},         // none
      {{0, 500, 0}, {0, 500, 1}, {0, 400, 2}},  // at once; the clock set back
      {{9000, 100, 9000}, {9000, 5'100, 14'000}, {10'000, 9'000, 15'000}},  // one twice
      {{9'000'000, 0, 9'000'000}, {0, 40'000, 9'040'000}, {33'000, 73'000, 9'073'000}},  // anew
  };
  for (const auto& steps : cases) {
    PictureClock clock;
    for (const Step& step : steps)
      EXPECT_EQ(clock.time_of(step.pts_us, step.received_us), step.time_us) << step.pts_us;
  }
}

TEST(PictureDecoder, ABrokenPictureIsAnErrorOfItsOwn) {
  for (const auto& [format, extension] :
       {std::pair{Format::png, "png"}, std::pair{Format::jpeg, "jpg"},
        std::pair{Format::webp, "webp"}}) {
    const Buffer good = picture(std::string{"f00."} + extension);
    const Buffer half{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(good.size() / 2)};
    auto decoder = PictureDecoder::open({.format = format});
    ASSERT_TRUE(decoder);
    for (const Buffer& each : {good, half, Buffer(100), good}) {
      const auto decoded = decoder->decode(each);
      ASSERT_EQ(decoded.has_value(), each == good) << extension;
      if (decoded) {
        EXPECT_EQ((*decoded)->width, 320);
      } else {
        EXPECT_EQ(decoded.error().code, Errc::malformed_media) << decoded.error().what;
      }
    }
  }
}

// Every byte that a browser cannot be trusted with: bits turned over, ends cut off, all from a
// seed.
TEST(PictureDecoder, BrokenPicturesAreSafeToDecodeAndConvert) {
  constexpr int kCases = 60;
  std::mt19937 random{20'261'122};
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (const auto& [format, name] :
       {std::pair{Format::png, "f07.png"}, std::pair{Format::jpeg, "f07.jpg"},
        std::pair{Format::webp, "f07.webp"}}) {
    const Buffer good = picture(name);
    auto decoder = PictureDecoder::open({.format = format});
    ASSERT_TRUE(decoder);
    PictureConverter opaque{{321, 181}, Fit::pad};
    PictureConverter transparent{{160, 90, AV_PIX_FMT_YUVA420P}};
    for (int i = 0; i < kCases; ++i) {
      Buffer broken = good;
      for (std::size_t flips = 1 + below(8); flips > 0; --flips)
        broken[below(broken.size())] ^= static_cast<std::byte>(1u << below(8));
      if (below(3) == 0) broken.resize(1 + below(broken.size()));
      const auto decoded = decoder->decode(broken);
      if (!decoded) {
        EXPECT_NE(decoded.error().code, Errc::internal) << decoded.error().what;
        continue;
      }
      (void)opaque.convert(**decoded);
      (void)transparent.convert(**decoded);
    }
    EXPECT_TRUE(decoder->decode(good)) << "the next good one";
  }
}

TEST(PictureDecoder, RgbaIsReadWhereItLies) {
  const Buffer frame = picture("raw-rgba-320x180.bin");
  auto decoder = PictureDecoder::open({.format = Format::rgba, .width = 320, .height = 180});
  ASSERT_TRUE(decoder);
  const auto decoded = decoder->decode(frame);
  ASSERT_TRUE(decoded);
  EXPECT_EQ((*decoded)->data[0], reinterpret_cast<const std::uint8_t*>(frame.data()));
  EXPECT_EQ(decoder->decode(Bytes{frame}.first(100)).error().code, Errc::malformed_media);
}

TEST(PictureDecoder, PlanesArePackedOrAsTheyAre) {
  const PictureOrigin origin{.width = 32, .height = 2, .i420 = true, .packed = true};
  auto decoder = PictureDecoder::open(origin);
  ASSERT_TRUE(decoder);
  // 6 blocks: the first one's steps are 1, 0, 0, ... and all others 0.
  Buffer packed(3 + 4);
  packed[0] = std::byte{8 | 2};
  packed[3] = std::byte{2};
  const auto unpacked = decoder->decode(packed);
  ASSERT_TRUE(unpacked) << unpacked.error().what;
  EXPECT_EQ((*unpacked)->format, AV_PIX_FMT_YUV420P);
  EXPECT_EQ((*unpacked)->data[0][31], 1);
  EXPECT_EQ((*unpacked)->data[0][63], 2);  // the row begins as the one above did
  EXPECT_EQ((*unpacked)->data[1][0], 0);
  const Buffer plain(96, std::byte{7});
  const auto as_it_is = decoder->decode(plain);
  ASSERT_TRUE(as_it_is);
  EXPECT_EQ((*as_it_is)->data[2], reinterpret_cast<const std::uint8_t*>(plain.data()) + 80);
  EXPECT_EQ(decoder->decode(Buffer(5)).error().code, Errc::malformed_media);
  auto unpackable = PictureDecoder::open({.width = 32, .height = 2, .i420 = true});
  ASSERT_TRUE(unpackable);
  EXPECT_EQ(unpackable->decode(packed).error().code, Errc::malformed_media);
}

}  // namespace
}  // namespace framewire::codec
