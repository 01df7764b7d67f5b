// A histogram of times whose relative error is the same at all sizes (as in HdrHistogram): each
// power of two is split into 64 buckets, so a percentile is at most 1/64 above the true value.
// Fixed memory (18 KB), no allocation in add(). Values: nanoseconds; above 2^42 (73 min) they count
// as that. Thread: one; merge what several threads counted.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace framewire::bench {

class Histogram {
 public:
  void add(std::uint64_t ns) {
    ++buckets_[index_of(ns)];
    ++count_;
    if (ns > max_) max_ = ns;
  }
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  // share 0..1. The upper end of the bucket in which it lies, never above max(); 0 when empty.
  std::uint64_t percentile(double share) const;

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr unsigned kTopBits = 42;
  static constexpr std::size_t kBuckets = (kTopBits - kSubBits + 1) << kSubBits;

  static std::size_t index_of(std::uint64_t ns);
  static std::uint64_t upper_end(std::size_t index);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace framewire::bench
