// The time of frame n of a stream of pictures, which carry none themselves: n / fps.
#pragma once
#include <cmath>
#include <cstdint>

namespace framewire {

class FrameClock {
 public:
  // fps of 0, or no usable number: unknown, and every frame is at 0.
  explicit FrameClock(double fps) : frame_us_(fps > 0 && std::isfinite(fps) ? 1e6 / fps : 0) {}

  std::int64_t next_us() {
    constexpr double kEnd = 9e18;  // a double that an int64_t still holds
    const double us = frame_us_ * static_cast<double>(frames_++);
    return us < kEnd ? static_cast<std::int64_t>(std::llround(us))
                     : static_cast<std::int64_t>(kEnd);
  }

 private:
  double frame_us_;
  std::uint64_t frames_ = 0;
};

}  // namespace framewire
