// Time in the relay: a steady clock for ages and time-outs, whose Duration is in milliseconds; the
// wall clock, in microseconds, only as a stamp for people and the wire.
#pragma once
#include <chrono>
#include <cstdint>

namespace framewire::relay {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = std::chrono::milliseconds;

inline std::int64_t wall_clock_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace framewire::relay
