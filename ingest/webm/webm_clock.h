// The times of a Matroska stream's blocks, made ones that go on, whatever the publisher's clock
// does: for the regrouped rendition, whose blocks do not wait for those after them as a Timeline's
// do.
//   back by more than a second in a track, or half an hour ahead: a jump. What comes goes on behind
//   the newest block of its track; a track that jumps after another one goes with it, so that sound
//   and pictures keep their distance. Once the time before fits again it counts again: a lone slip
//   moves nothing else.
//   the time of the block before it again: the clock stands still, and what comes is a step behind
//   that one. A clock of few ticks a step repeats times by itself.
// Ticks of WebmTime. Thread: one; values in, values out. Nothing is an error.
#pragma once
#include <cstdint>
#include <map>
#include <optional>

#include "ingest/webm/webm_time.h"

namespace framewire {

class WebmClock {
 public:
  WebmClock() = default;
  explicit WebmClock(WebmTime time) : time_(time) {}
  // track: of the header, whose tracks are limited.
  std::int64_t place(std::uint64_t track, std::int64_t ticks);

 private:
  struct Track {
    std::int64_t shift = 0;
    std::int64_t shift_before = 0;
    std::int64_t latest = 0;
    std::int64_t step = 0;
    std::int64_t came = 0;  // the newest block's own time
    std::int64_t at = 0;    // where it was placed
  };
  bool goes_on(const Track& track, std::int64_t at) const;
  std::optional<std::int64_t> known_shift(const Track& track, std::int64_t ticks) const;

  WebmTime time_;
  std::map<std::uint64_t, Track> tracks_;
  std::int64_t newest_ = 0;
};

}  // namespace framewire
