#include "relay/server/sliced_round.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace framewire::relay {
namespace {

std::vector<std::uint64_t> upto(std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1u);
  return numbers;
}

// A visit of half a slice: as long as it takes, whatever the machine does.
void spend(std::uint64_t ns) {
  for (const std::uint64_t until = uv_hrtime() + ns; uv_hrtime() < until;) continue;
}

TEST(SlicedRound, WithoutAnybodyIsOver) {
  SlicedRound round;
  EXPECT_TRUE(round.over());
  round.begin({});
  EXPECT_TRUE(round.over());
}

TEST(SlicedRound, VisitsEachOnceAndInOrder) {
  SlicedRound round;
  round.begin(upto(100'000));
  std::vector<std::uint64_t> seen;
  while (!round.over()) round.go_on([&](std::uint64_t number) { seen.push_back(number); });
  EXPECT_EQ(seen, upto(100'000));
}

TEST(SlicedRound, EndsASliceInTime) {
  SlicedRound round;
  round.begin(upto(20));
  std::size_t seen = 0;
  std::size_t slices = 0;
  for (; !round.over(); ++slices) {
    std::size_t visits = 0;
    round.go_on([&](std::uint64_t) {
      spend(SlicedRound::kSliceNs / 2 + 1);
      ++visits;
    });
    EXPECT_LE(visits, 2u);
    seen += visits;
  }
  EXPECT_EQ(seen, 20u);
  EXPECT_GE(slices, 10u);
}

TEST(SlicedRound, BeginsAnewWithThoseOfThen) {
  SlicedRound round;
  round.begin({7});
  round.go_on([](std::uint64_t) {});
  EXPECT_TRUE(round.over());
  round.begin({8, 9});
  std::vector<std::uint64_t> seen;
  while (!round.over()) round.go_on([&](std::uint64_t number) { seen.push_back(number); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{8, 9}));
}

}  // namespace
}  // namespace framewire::relay
