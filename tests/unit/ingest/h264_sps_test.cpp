// Sequence parameter sets as encoders write them, and cut anywhere.
#include "ingest/codecs/h264_sps.h"

#include <gtest/gtest.h>

#include <string_view>

namespace framewire {
namespace {

Buffer from_hex(std::string_view hex) {
  Buffer out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return out;
}

struct Case {
  const char* name;
  const char* hex;
  unsigned profile, level, chroma, bit_depth;
  std::uint32_t width, height;
  int reorder;
  std::int64_t frame_us;
};
const Case kCases[] = {
    {"baseline", "6742c00dd90141fb011000000300100000030320f142a480", 66, 13, 1, 8, 320, 240, 0,
     40000},
    {"main_without_b", "674d400cd901419f9f011000000300100000030320f142a480", 77, 12, 1, 8, 320, 180,
     0, 40000},
    {"high_with_pyramid", "6764001eacd940a02ff97011000003000100000300320f162d96", 100, 30, 1, 8,
     640, 360, 2, 40000},
    {"high10", "676e000ca6cd941419f9f011000003000100000300320f142996", 110, 12, 1, 10, 320, 180, 2,
     40000},
    {"high422", "677a000cbcd941419f8dc044000003000400000300c83c50a658", 122, 12, 2, 8, 320, 180, 2,
     40000},
    {"high444", "67f4000c919b282833f1b808800000030080000019078a14cb", 244, 12, 3, 8, 320, 180, 2,
     40000},
    {"interlaced", "67640028acd94078044fde0220000003002000000643e2c5b2c0", 100, 40, 1, 8, 1920,
     1080, 2, 40000},
    {"hrd", "6764001eacd940a02ff9701100000300010000030032604000f424001e84e4c30078b16cb0", 100, 30,
     1, 8, 640, 360, 2, 40000},
};

class H264SpsTest : public testing::TestWithParam<Case> {};

TEST_P(H264SpsTest, SaysWhatTheEncoderSaid) {
  const Case& row = GetParam();
  const auto sps = read_h264_sps(from_hex(row.hex));
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->profile, row.profile);
  EXPECT_EQ(sps->level, row.level);
  EXPECT_EQ(sps->chroma, row.chroma);
  EXPECT_EQ(sps->bit_depth, row.bit_depth);
  EXPECT_EQ(sps->width, row.width);
  EXPECT_EQ(sps->height, row.height);
  EXPECT_EQ(sps->reorder, row.reorder);
  EXPECT_EQ(sps->frame_us, row.frame_us);
}

TEST_P(H264SpsTest, ReadsNeverPastItsBytes) {
  const Buffer whole = from_hex(GetParam().hex);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    const auto sps = read_h264_sps(cut);
    EXPECT_LE(sps.value_or(H264Sps{}).reorder, 16);
  }
}

INSTANTIATE_TEST_SUITE_P(All, H264SpsTest, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace framewire
