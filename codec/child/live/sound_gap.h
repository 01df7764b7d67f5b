// Silence in an output whose sound stays away while its pictures go on: players that show what is
// there of all tracks (Media Source Extensions, HLS) would stand still.
//   away    pictures went on for kPatienceUs, or for kMarginUs more than the sound is known to come
//           behind the pictures of its time (MP4 has a fragment's pictures before its sound)
//   filled  from the last sound to the newest picture's end, and on with each picture that follows
//   back    what comes of a time that was filled is left out; then the sound is as it came
//   lost    a hole of less than kPatienceUs, as long as the packet before it or longer, is filled:
//           Chromium's MSE takes what comes behind it for a new beginning of both tracks, and drops
//           all pictures up to a keyframe
// A longer hole in both is none. A sound more than kLongestUs behind has another clock: nothing is
// filled. Thread: one. Times: microseconds of one timeline.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class SoundGap {
 public:
  using Put = std::function<Result<void>(AVPacket& silent)>;
  static constexpr std::int64_t kPatienceUs = 700'000;
  static constexpr std::int64_t kMarginUs = 500'000;
  static constexpr std::int64_t kLongestUs = 10'000'000;

  // In the order in which they come.
  void came(const AVPacket& packet, bool picture);
  // In the order in which they go out. sound: of the output's track. put: for what is missing up to
  // this packet, or its end.
  Result<void> before_picture(const AVPacket& picture, const AVCodecParameters& sound,
                              const Put& put);
  // False: silence stands in its place already.
  Result<bool> before_sound(const AVPacket& packet, const AVCodecParameters& sound, const Put& put);

 private:
  // whole: by whole packets that fit.
  Result<void> fill(std::int64_t to_us, bool whole, const AVCodecParameters& sound, const Put& put);
  std::int64_t patience_us() const { return std::max(kPatienceUs, late_us_ + kMarginUs); }

  std::optional<std::int64_t> newest_picture_us_;  // that came
  std::int64_t late_us_ = 0;                       // the latest sound
  std::int64_t packet_us_ = 0;                     // of a sound
  std::optional<std::int64_t> end_us_;             // of all sound that went out, silence too
  std::optional<std::int64_t> alone_from_us_;      // the first picture that went out behind it
  std::optional<std::int64_t> silent_from_us_;     // the silence that goes out now
  std::int64_t silent_packets_ = 0;                // of it
  bool away_ = false;
};

}  // namespace framewire::codec
