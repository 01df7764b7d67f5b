#include "relay/server/loop_roster.h"

#include <gtest/gtest.h>

#include <ctime>
#include <thread>
#include <vector>

namespace framewire::relay {
namespace {

std::vector<std::size_t> enter(LoopRoster& roster, int count) {
  std::vector<std::size_t> out;
  for (int i = 0; i < count; ++i) out.push_back(roster.enter());
  return out;
}
using Loops = std::vector<std::size_t>;

TEST(LoopRoster, LoopsFillOneAfterTheOtherThenEvenly) {
  LoopRoster roster{3, 2};
  EXPECT_EQ(enter(roster, 9), (Loops{0, 0, 1, 1, 2, 2, 0, 1, 2}));
}

TEST(LoopRoster, WithoutFillingTheyAreSpread) {
  LoopRoster roster{3, 0};
  EXPECT_EQ(enter(roster, 5), (Loops{0, 1, 2, 0, 1}));
}

TEST(LoopRoster, AHalfBusyLoopIsFullUntilAllAre) {
  LoopRoster roster{2, 100};
  roster.set_busy(0, 500);
  EXPECT_EQ(enter(roster, 3), (Loops{1, 1, 1}));
  roster.set_busy(1, 800);
  EXPECT_EQ(enter(roster, 2), (Loops{0, 0})) << "it has more room, though it is half busy";
  roster.set_busy(0, 900);
  EXPECT_EQ(enter(roster, 2), (Loops{0, 0})) << "both are busy: it has fewer connections";
  EXPECT_EQ(enter(roster, 1), (Loops{1})) << "as many here as there, and one more there now";
  roster.set_busy(0, 100);
  EXPECT_EQ(enter(roster, 1), (Loops{0}));
}

TEST(LoopRoster, WhoLeavesMakesRoom) {
  LoopRoster roster{2, 1};
  EXPECT_EQ(enter(roster, 2), (Loops{0, 1}));
  roster.leave(0);
  EXPECT_EQ(enter(roster, 1), (Loops{0}));
}

TEST(LoopRoster, OneLoopTakesAll) {
  LoopRoster roster{1, 2};
  roster.set_busy(0, 1000);
  EXPECT_EQ(enter(roster, 4), (Loops{0, 0, 0, 0}));
}

// Takes 50 ms of a core, while the rest of the process waits.
void work() {
  const auto begun = std::clock();
  while (std::clock() - begun < CLOCKS_PER_SEC / 20) {
  }
}

TEST(BusyMeter, MeasuresItsOwnThreadAndNoOther) {
  BusyMeter meter;
  EXPECT_EQ(meter.tick(), 0u) << "nothing to compare with yet";
  std::thread{work}.join();
  EXPECT_LT(meter.tick(), 50u) << "it waited";
  work();
  const unsigned busy = meter.tick();
  EXPECT_GT(busy, 0u);
  EXPECT_LE(busy, 250u) << "a quarter of what was measured now";
}

}  // namespace
}  // namespace framewire::relay
