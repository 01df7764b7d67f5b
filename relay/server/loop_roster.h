// Which loop takes a new connection. A message for viewers of two loops wakes two cores, which
// costs more than the same sends from one; so loops fill up one after the other, until one is half
// busy or has its share of connections. From then on each connection goes where there is most room.
// Thread: any; nothing here locks.
#pragma once
#include <atomic>
#include <cstddef>
#include <deque>

namespace framewire::relay {

class LoopRoster {
 public:
  // fill: connections that a loop takes before the next one gets any, 0 = none (they are spread).
  LoopRoster(std::size_t loops, std::size_t fill);

  // The loop for one more connection, which is counted there until leave().
  std::size_t enter();
  void leave(std::size_t loop);
  // By the loop itself, regularly: how much of the last while it was busy, in thousandths.
  void set_busy(std::size_t loop, unsigned permille);

 private:
  struct Place {
    std::atomic<std::size_t> connections{0};
    std::atomic<unsigned> busy_permille{0};
  };
  std::deque<Place> places_;
  const std::size_t fill_;
};

// How busy a thread is, over about a second.
// Thread: the one that is measured.
class BusyMeter {
 public:
  // Some times a second; the answer in thousandths.
  unsigned tick();

 private:
  long long wall_ns_ = 0;
  long long cpu_ns_ = 0;
  double busy_ = 0;
};

}  // namespace framewire::relay
