// A rendition's recent groups, bounded by bytes of memory and by age. A cursor is a sequence
// number: the part a viewer is to get next. Belongs to one loop; the parts in it are shared with
// all loops.
//
//    begin()                newest_group()             end()
//      |  group   | group     |  unfinished group       |
//      [p p p p p | p p p p p | p p p p                 ]
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ingest/base/assert.h"
#include "relay/fanout/part.h"

namespace framewire::relay {

struct RingEntry {
  PartPtr part;
  EpochPtr epoch;
};

struct RingLimits {
  std::size_t bytes = 32u << 20;
  Duration age{30'000};
};

class Ring {
 public:
  explicit Ring(RingLimits limits) : limits_(limits) {}

  // The part's sequence must be end(), unless the ring is empty. Evicts whole groups, the oldest
  // first, but never the newest. If that one alone outgrows the limit, it is no join point any
  // more, and only its newest parts stay, for those who are reading. Returns false once, when that
  // happens.
  bool append(RingEntry entry);
  void expire(Time now);  // by age
  void clear(std::uint64_t next_sequence);

  bool empty() const { return entries_.empty(); }
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return begin_ + entries_.size(); }
  // A sequence outside of [begin, end) is a bug of the caller's.
  const RingEntry& at(std::uint64_t sequence) const {
    FW_ASSERT(sequence >= begin_ && sequence < end());
    return entries_[sequence - begin_];
  }
  // The newest place to join or skip to; nullopt while there is none.
  std::optional<std::uint64_t> newest_group() const;
  // The newest one below a sequence.
  std::optional<std::uint64_t> newest_group_before(std::uint64_t sequence) const;
  // The first one at or after a sequence.
  std::optional<std::uint64_t> group_from(std::uint64_t sequence) const;
  std::size_t bytes() const { return bytes_; }
  std::vector<RingEntry> entries() const { return {entries_.begin(), entries_.end()}; }

 private:
  void evict_before(std::uint64_t sequence);

  RingLimits limits_;
  std::deque<RingEntry> entries_;
  std::deque<std::uint64_t> group_starts_;
  std::uint64_t begin_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace framewire::relay
