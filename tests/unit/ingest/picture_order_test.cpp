// Pictures whose own headers tell in which order they are shown.
#include "ingest/codecs/picture_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ordered_pictures.h"

namespace framewire::test {
namespace {

class PictureOrderTest : public testing::TestWithParam<OrderedPictures> {};

// Each picture's place among all.
std::vector<int> places(const std::vector<std::int64_t>& orders) {
  std::vector<int> out;
  for (const std::int64_t one : orders)
    out.push_back(static_cast<int>(
        std::count_if(orders.begin(), orders.end(), [one](auto other) { return other < one; })));
  return out;
}

std::vector<int> right(const OrderedPictures& row) {
  std::vector<int> out;
  for (const auto& [slice, place] : row.pictures) out.push_back(place);
  return out;
}

TEST_P(PictureOrderTest, TellsItBehindLengths) {
  PictureOrder order{GetParam().codec, as_bytes(configuration(GetParam()))};
  EXPECT_EQ(order.reorder(), 2);
  std::vector<std::int64_t> orders;
  for (const auto& [slice, place] : GetParam().pictures)
    orders.push_back(order.next(as_bytes(with_length(from_hex(slice)))).value_or(-1));
  EXPECT_EQ(places(orders), right(GetParam()));
}

TEST_P(PictureOrderTest, TellsItBehindStartCodes) {
  PictureOrder order{GetParam().codec, {}};
  std::string sets;
  for (const std::string& set : GetParam().sets) sets += with_start_code(from_hex(set));
  std::vector<std::int64_t> orders;
  for (const auto& [slice, place] : GetParam().pictures) {
    const std::string unit = std::exchange(sets, {}) + with_start_code(from_hex(slice)) +
                             with_start_code("\x06 what no one reads");
    orders.push_back(order.next(as_bytes(unit)).value_or(-1));
  }
  EXPECT_EQ(places(orders), right(GetParam()));
}

TEST_P(PictureOrderTest, ReadsNeverPastItsBytes) {
  const std::string sets = configuration(GetParam());
  const std::string unit = with_length(from_hex(GetParam().pictures[1].first));
  for (std::size_t size = 0; size < sets.size(); ++size) {
    const std::vector<std::byte> cut_sets(
        as_bytes(sets).begin(), as_bytes(sets).begin() + static_cast<std::ptrdiff_t>(size));
    PictureOrder order{GetParam().codec, cut_sets};
    const std::vector<std::byte> cut(
        as_bytes(unit).begin(),
        as_bytes(unit).begin() + static_cast<std::ptrdiff_t>(size % unit.size()));
    EXPECT_LT(order.next(cut).value_or(0), PictureOrder::kFar);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PictureOrderTest, testing::ValuesIn(kOrderedPictures),
                         [](const auto& row) { return row.param.name; });

TEST(PictureOrder, SaysNothingBeforeTheParameterSets) {
  for (const OrderedPictures& row : kOrderedPictures) {
    PictureOrder order{row.codec, {}};
    EXPECT_EQ(order.next(as_bytes(with_start_code(from_hex(row.pictures[0].first)))), std::nullopt);
    EXPECT_EQ(order.reorder(), 0);
  }
}

// Numbers of few bits wrap, and go on.
TEST(PictureOrder, CountsOverAWrap) {
  const OrderedPictures& row = kOrderedPictures[0];
  PictureOrder order{row.codec, as_bytes(configuration(row))};
  std::int64_t before = -1;
  for (int i = 0; i < 200; ++i) {
    // A P slice that others refer to, its frame_num of 4 bits and pic_order_cnt_lsb of 6.
    const unsigned bits = 0b1'1'1u << 29 | (static_cast<unsigned>(i) & 15) << 25 |
                          (static_cast<unsigned>(2 * i) & 63) << 19;
    std::string slice = "\x41";
    for (int shift = 24; shift >= 0; shift -= 8) slice += static_cast<char>(bits >> shift & 0xff);
    const auto now = order.next(as_bytes(with_length(slice)));
    ASSERT_TRUE(now);
    EXPECT_EQ(*now, before < 0 ? 0 : before + 2);
    before = *now;
  }
}

}  // namespace
}  // namespace framewire::test
