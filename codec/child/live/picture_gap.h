// Whether the pictures of an output have gone while its sound goes on: players that show what is
// there of all tracks would stand still. Gone are pictures when more sound than kPatienceUs, and
// than kTimes what came before another one so far, has come behind the newest one; before two have
// come, kLongestUs. A hole in both is none.
// Thread: one. Times: microseconds of one timeline; all in the order in which it comes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>

namespace framewire::codec {

class PictureGap {
 public:
  static constexpr std::int64_t kPatienceUs = 1'500'000;
  static constexpr std::int64_t kLongestUs = 10'000'000;
  static constexpr int kTimes = 3;

  void picture(std::int64_t dts_us) {
    if (!gone_) usual_us_ = std::max(usual_us_, alone_us_);
    gone_ = false;
    alone_us_ = 0;
    ++pictures_;
    newest_us_ = dts_us;
  }
  // Whether they have gone by now: told once, and again only when others have come.
  bool gone_at_sound(std::int64_t dts_us) {
    if (sound_us_ && dts_us > newest_us_)
      alone_us_ += std::clamp<std::int64_t>(dts_us - *sound_us_, 0, kLongestStepUs);
    sound_us_ = dts_us;
    const std::int64_t patience_us =
        pictures_ > 1 ? std::clamp(kTimes * usual_us_, kPatienceUs, kLongestUs) : kLongestUs;
    if (gone_ || pictures_ == 0 || alone_us_ < patience_us) return false;
    return gone_ = true;
  }

 private:
  static constexpr std::int64_t kLongestStepUs = 500'000;  // of a sound that goes on

  bool gone_ = false;
  std::int64_t pictures_ = 0;
  std::int64_t newest_us_ = 0;            // of them
  std::int64_t usual_us_ = 0;             // the most sound before another one
  std::optional<std::int64_t> sound_us_;  // the newest one
  std::int64_t alone_us_ = 0;             // of sound, behind the newest picture
};

}  // namespace framewire::codec
