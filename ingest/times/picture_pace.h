// How long a picture is said to last of which nothing but its own time is known yet: as long as the
// longest step between pictures lately, which is forgotten by a sixteenth with each that follows.
// The step before it, which is no worse a guess, will not do: pictures of a page come at 17, 50 and
// 33 ms, and behind a picture that lasts less than half of the next step Chromium's MSE takes the
// next one for a new beginning, and drops all up to a keyframe.
// A step longer than kLongestUs is no pace: the picture behind it lasts as long, and none after it.
// Times: microseconds. Values in, values out: no clock, no thread. Nothing is an error.
// Source: Media Source Extensions, "Coded Frame Processing", step 6 ("2 times last frame
// duration"); Firefox and WebKit take the longest of their frames there.
#pragma once
#include <algorithm>
#include <cstdint>

namespace framewire {

class PicturePace {
 public:
  static constexpr std::int64_t kLongestUs = 1'000'000;

  // step_us: since the picture before it, above 0.
  std::int64_t duration_us(std::int64_t step_us) {
    if (step_us > kLongestUs) return step_us;
    return longest_us_ = std::max(step_us, longest_us_ - (longest_us_ - step_us) / kForgets);
  }

 private:
  static constexpr std::int64_t kForgets = 16;  // pictures

  std::int64_t longest_us_ = 0;
};

}  // namespace framewire
