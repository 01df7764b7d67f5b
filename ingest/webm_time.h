// Matroska time: ticks of TimestampScale nanoseconds (RFC 9559, section 11), and how far a stream
// may go back in it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace framewire {

class WebmTime {
 public:
  WebmTime() = default;
  // timestamp_scale: 1 to 1,000,000,000.
  explicit WebmTime(std::uint64_t timestamp_scale)
      : scale_(static_cast<std::int64_t>(timestamp_scale)) {}

  // A Cluster's Timestamp up to here can't overflow to_us(), whatever its blocks add.
  std::uint64_t largest() const {
    return static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / scale_ - 65'536);
  }
  std::int64_t to_us(std::int64_t ticks) const { return ticks * scale_ / 1000; }
  std::int64_t ticks(std::int64_t ns) const { return (ns + scale_ / 2) / scale_; }
  std::int64_t to_ns(std::int64_t ticks) const { return ticks * scale_; }
  std::int64_t seconds(std::int64_t s) const { return s * 1'000'000'000 / scale_; }  // in ticks

  // Blocks of several tracks are not strictly in order, and so neither are Clusters; more than this
  // is no muxing but a broken clock. Says whether a Cluster may begin at ticks, and remembers it.
  bool admit_cluster(std::int64_t ticks) {
    if (newest_cluster_ && ticks < *newest_cluster_ - seconds(kMostSecondsBack)) return false;
    newest_cluster_ = std::max(ticks, newest_cluster_.value_or(ticks));
    return true;
  }

 private:
  static constexpr std::int64_t kMostSecondsBack = 10;
  std::int64_t scale_ = 1'000'000;
  std::optional<std::int64_t> newest_cluster_;
};

}  // namespace framewire
