// Tasks of which many may come at once, and each costs something: run in order, in slices of
// bounded time, one a turn, as SlicedRound does with connections.
// Thread: the loop's. Tasks may bring others; they are run once.
#pragma once
#include <uv.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "relay/server/sliced_round.h"

namespace framewire::relay {

class SlicedTasks {
 public:
  using Task = std::function<void()>;

  bool over() const { return tasks_.empty(); }
  void add(std::vector<Task> tasks) {
    std::move(tasks.begin(), tasks.end(), std::back_inserter(tasks_));
  }
  // A slice, of one task at least; not when it is over.
  void go_on() {
    const std::uint64_t until = uv_hrtime() + SlicedRound::kSliceNs;
    do {
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    } while (!over() && uv_hrtime() < until);
  }

 private:
  std::deque<Task> tasks_;
};

}  // namespace framewire::relay
