// Decoding times for pictures that came in the order of decoding with nothing but the times at
// which they are shown: each is decoded at the time of the picture that is shown `depth` pictures
// before.
//
//   decoded   I0  P4  B2  B1  B3          depth 2
//   shown at   0  4   2   1   3
//   dts       -2 -1   0   1   2           never above the time it is shown at
//
// Times: microseconds. No clock, no thread. Source: H.264, annex C.4.5.3 ("bumping").
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace framewire {

class DecodeOrder {
 public:
  static constexpr int kMostDepth = 16;  // H.264, annex A.3.1: MaxDpbFrames

  // The decoding time of the picture shown at pts_us. step_us: between two pictures, as far as
  // known.
  std::int64_t next(std::int64_t pts_us, int depth, std::int64_t step_us) {
    depth = std::clamp(depth, 0, kMostDepth);
    if (shown_.empty()) first_us_ = pts_us;
    shown_.insert(std::upper_bound(shown_.begin(), shown_.end(), pts_us), pts_us);
    if (shown_.size() <= static_cast<std::size_t>(depth))
      return first_us_ - (depth + 1 - static_cast<std::int64_t>(shown_.size())) * step_us;
    const std::int64_t dts_us = shown_.front();
    shown_.erase(shown_.begin());
    return dts_us;
  }
  // What comes does not go on where this ended.
  void reset() { shown_.clear(); }

 private:
  std::vector<std::int64_t> shown_;  // at most depth + 1, the earliest first
  std::int64_t first_us_ = 0;
};

}  // namespace framewire
