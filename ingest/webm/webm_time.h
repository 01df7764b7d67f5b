// Matroska time: ticks of TimestampScale nanoseconds (RFC 9559, section 11).
#pragma once
#include <cstdint>
#include <limits>

namespace framewire {

class WebmTime {
 public:
  WebmTime() = default;
  // timestamp_scale: 1 to 1,000,000,000.
  explicit WebmTime(std::uint64_t timestamp_scale)
      : scale_(static_cast<std::int64_t>(timestamp_scale)) {}

  // A Cluster's Timestamp up to here can't overflow to_us(), whatever its blocks add,
  // nor does the distance of two of them.
  std::uint64_t largest() const {
    return static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / scale_ / 4 -
                                      65'536);
  }
  std::int64_t to_us(std::int64_t ticks) const { return ticks * scale_ / 1000; }
  std::int64_t ticks(std::int64_t ns) const { return (ns + scale_ / 2) / scale_; }
  std::int64_t to_ns(std::int64_t ticks) const { return ticks * scale_; }
  std::int64_t seconds(std::int64_t s) const { return s * 1'000'000'000 / scale_; }  // in ticks

 private:
  std::int64_t scale_ = 1'000'000;
};

}  // namespace framewire
