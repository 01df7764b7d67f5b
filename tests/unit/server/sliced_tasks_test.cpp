#include "relay/server/sliced_tasks.h"

#include <gtest/gtest.h>

#include <vector>

namespace framewire::relay {
namespace {

void spend(std::uint64_t ns) {
  for (const std::uint64_t until = uv_hrtime() + ns; uv_hrtime() < until;) continue;
}

TEST(SlicedTasks, RunEachOnceAndInOrder) {
  SlicedTasks tasks;
  EXPECT_TRUE(tasks.over());
  std::vector<int> ran, want;
  std::vector<SlicedTasks::Task> some;
  for (int i = 0; i < 10'000; ++i) {
    some.emplace_back([&ran, i] { ran.push_back(i); });
    want.push_back(i);
  }
  tasks.add(std::move(some));
  while (!tasks.over()) tasks.go_on();
  EXPECT_EQ(ran, want);
}

TEST(SlicedTasks, EndASliceInTime) {
  SlicedTasks tasks;
  int ran = 0;
  tasks.add(std::vector<SlicedTasks::Task>(10, [&ran] {
    spend(SlicedRound::kSliceNs + 1);
    ++ran;
  }));
  for (int slices = 1; !tasks.over(); ++slices) {
    tasks.go_on();
    EXPECT_EQ(ran, slices);
  }
  EXPECT_EQ(ran, 10);
}

TEST(SlicedTasks, MayBringOthers) {
  SlicedTasks tasks;
  int ran = 0;
  const SlicedTasks::Task last = [&ran] { ++ran; };
  tasks.add({[&] {
    tasks.add({last});
    ++ran;
  }});
  while (!tasks.over()) tasks.go_on();
  EXPECT_EQ(ran, 2);
}

}  // namespace
}  // namespace framewire::relay
