// The wall clock of a timeline: when what lies at a position of it was received, from when each
// fragment was. Some come late (a network that stumbles, a group that was there before), none
// early: so those that came soonest count, of the last 15 to 30 s, since a publisher's clock may
// drift.
// Times: microseconds. Pure; no clock of its own.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

namespace framewire::relay::hls {

class ReceiptClock {
 public:
  void note(std::int64_t position_us, std::int64_t wall_us) {
    if (position_us - since_us_ >= kHalf || position_us < since_us_) {
      older_us_ = newer_us_;
      newer_us_ = kNone;
      since_us_ = position_us;
    }
    newer_us_ = std::min(newer_us_, wall_us - position_us);
  }
  // Something was noted.
  std::int64_t at(std::int64_t position_us) const {
    return std::min(older_us_, newer_us_) + position_us;
  }

 private:
  static constexpr std::int64_t kHalf = 15'000'000;
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  std::int64_t since_us_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::int64_t older_us_ = kNone;  // the least of the half before
  std::int64_t newer_us_ = kNone;  // and of this one
};

}  // namespace framewire::relay::hls
