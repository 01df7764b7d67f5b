#include "tools/bench/bench_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace framewire::bench {

// Below 2^kSubBits each value has its own bucket; above, the top kSubBits bits under the leading
// one choose among those of its power of two.
std::size_t Histogram::index_of(std::uint64_t ns) {
  ns = std::min(ns, (std::uint64_t{1} << kTopBits) - 1);
  const unsigned width = static_cast<unsigned>(std::bit_width(ns));
  if (width <= kSubBits) return static_cast<std::size_t>(ns);
  const unsigned shift = width - kSubBits - 1;
  return (static_cast<std::size_t>(shift + 1) << kSubBits) +
         static_cast<std::size_t>((ns >> shift) & ((1u << kSubBits) - 1));
}

std::uint64_t Histogram::upper_end(std::size_t index) {
  const std::size_t power = index >> kSubBits;
  const std::uint64_t sub = index & ((1u << kSubBits) - 1);
  if (power == 0) return sub;
  return (((std::uint64_t{1} << kSubBits) + sub + 1) << (power - 1)) - 1;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(upper_end(i), max_);
  }
  return max_;
}

}  // namespace framewire::bench
