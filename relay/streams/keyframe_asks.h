// When a publisher is asked for a keyframe: not sooner than so long after the last one came, or was
// asked for, however many want one. Pure: it is told the time.
#pragma once
#include <optional>

#include "relay/base/clock.h"

namespace framewire::relay {

class KeyframeAsks {
 public:
  // The publisher is another one, or on another connection: nothing was asked of it.
  void restart() { asked_.reset(); }

  // every: the time between two. came: when the newest one did; nullopt: viewers can join at none.
  // True: it is to be asked now, and counts as asked.
  bool ask(Time now, Duration every, std::optional<Time> came) {
    if (came && now - *came < every) return false;
    if (asked_ && now - *asked_ < every) return false;
    asked_ = now;
    return true;
  }

 private:
  std::optional<Time> asked_;
};

}  // namespace framewire::relay
