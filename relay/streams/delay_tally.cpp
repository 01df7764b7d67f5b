#include "relay/streams/delay_tally.h"

#include <cmath>

namespace framewire::relay {
namespace {

std::uint64_t reports_in(const Histogram<kDelayBounds>& of) {
  std::uint64_t sum = of.above;
  for (const std::uint64_t each : of.counts) sum += each;
  return sum;
}

// As if all of a bucket lay evenly in it; what is above the last bound counts as that.
std::uint32_t percentile_ms(const Histogram<kDelayBounds>& of, double share) {
  double left = share * static_cast<double>(reports_in(of));
  double low = 0;
  for (std::size_t i = 0; i < of.counts.size(); ++i) {
    const auto here = static_cast<double>(of.counts[i]);
    if (here > 0 && left <= here)
      return static_cast<std::uint32_t>(
          std::lround(1000 * (low + (kDelayBounds[i] - low) * left / here)));
    left -= here;
    low = kDelayBounds[i];
  }
  return static_cast<std::uint32_t>(std::lround(1000 * kDelayBounds.back()));
}

}  // namespace

void DelayTally::add(double seconds, Time now) {
  if (now - newer_since_ >= kHalf) {
    older_ = now - newer_since_ < 2 * kHalf ? newer_ : Histogram<kDelayBounds>{};
    newer_ = {};
    newer_since_ = now;
  }
  newer_.observe(seconds);
}

std::optional<DelaySummary> DelayTally::read(Time now) const {
  const Duration since = std::chrono::duration_cast<Duration>(now - newer_since_);
  Histogram<kDelayBounds> all;
  if (since < 2 * kHalf) all.add(newer_);
  if (since < kHalf) all.add(older_);
  const std::uint64_t reports = reports_in(all);
  if (reports == 0) return std::nullopt;
  return DelaySummary{reports, percentile_ms(all, 0.5), percentile_ms(all, 0.95)};
}

}  // namespace framewire::relay
