#include "relay/streams/delay_tally.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

Time at(int ms) {
  return Time{} + std::chrono::hours{1} + Duration{ms};
}

TEST(DelayTally, KnowsNothingBeforeAReport) {
  EXPECT_FALSE(DelayTally{}.read(at(0)));
}

TEST(DelayTally, GivesMedianAndWhatNearlyAllKeep) {
  DelayTally tally;
  for (int i = 0; i < 90; ++i) tally.add(0.05, at(0));
  for (int i = 0; i < 10; ++i) tally.add(0.45, at(0));
  const auto read = tally.read(at(1'000));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reports, 100u);
  EXPECT_EQ(read->median_ms, 51u) << "between 40 and 60";
  EXPECT_EQ(read->p95_ms, 400u) << "between 300 and 500";
  DelayTally slow;
  slow.add(60, at(0));
  EXPECT_EQ(slow.read(at(0))->median_ms, 10'000u) << "10 s and more";
}

TEST(DelayTally, ForgetsWhatIsOld) {
  DelayTally tally;
  tally.add(3, at(0));
  tally.add(0.01, at(15'000));
  EXPECT_EQ(tally.read(at(15'000))->reports, 2u);
  EXPECT_EQ(tally.read(at(29'999))->reports, 2u);
  EXPECT_EQ(tally.read(at(30'000))->reports, 1u);
  EXPECT_EQ(tally.read(at(44'999))->reports, 1u);
  EXPECT_FALSE(tally.read(at(45'000)));
  tally.add(1, at(60'000));
  EXPECT_EQ(tally.read(at(60'000))->reports, 1u);
}

}  // namespace
}  // namespace framewire::relay
