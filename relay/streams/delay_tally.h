// How long pictures take from their capture to viewers' screens, of what viewers reported in the
// last 15 to 30 s. Pure: it is told the time.
#pragma once
#include <optional>

#include "relay/base/clock.h"
#include "relay/base/metrics.h"
#include "relay/base/summary.h"

namespace framewire::relay {

class DelayTally {
 public:
  void add(double seconds, Time now);
  // nullopt: nobody reported anything.
  std::optional<DelaySummary> read(Time now) const;

 private:
  static constexpr Duration kHalf{15'000};

  Histogram<kDelayBounds> older_;
  Histogram<kDelayBounds> newer_;
  Time newer_since_{};
};

}  // namespace framewire::relay
