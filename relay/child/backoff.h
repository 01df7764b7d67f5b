// How long to wait before another try: first, then twice as long each time. Pure.
#pragma once
#include "relay/base/clock.h"

namespace framewire::relay {

// failures: before this one.
constexpr Duration backoff(Duration first, Duration longest, unsigned failures) {
  for (; failures > 0 && first < longest; --failures) first *= 2;
  return first < longest ? first : longest;
}

}  // namespace framewire::relay
