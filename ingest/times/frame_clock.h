// The time of frame n of a stream of pictures, which carry none themselves: n / fps; without an fps
// that of the message in which the frame began.
#pragma once
#include <cmath>
#include <cstdint>

namespace framewire {

class FrameClock {
 public:
  // fps of 0, or no usable number: unknown.
  explicit FrameClock(double fps) : frame_us_(fps > 0 && std::isfinite(fps) ? 1e6 / fps : 0) {}

  // The time of the bytes that come next. inside: a frame has begun with those before.
  void stamp(std::int64_t us, bool inside) {
    if (!inside) begun_us_ = us;
    message_us_ = us;
  }

  // Of the frame that is whole now; 0 if nothing told.
  std::int64_t next_us() {
    if (frame_us_ <= 0) {
      const std::int64_t us = begun_us_;
      begun_us_ = message_us_;
      return us;
    }
    constexpr double kEnd = 9e18;  // a double that an int64_t still holds
    const double us = frame_us_ * static_cast<double>(frames_++);
    return us < kEnd ? static_cast<std::int64_t>(std::llround(us))
                     : static_cast<std::int64_t>(kEnd);
  }

 private:
  double frame_us_;
  std::uint64_t frames_ = 0;
  std::int64_t begun_us_ = 0;    // when the frame's message was
  std::int64_t message_us_ = 0;  // when the newest message was
};

}  // namespace framewire
