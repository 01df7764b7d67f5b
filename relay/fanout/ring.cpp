#include "relay/fanout/ring.h"

#include <algorithm>
#include <iterator>

namespace framewire::relay {

bool Ring::append(RingEntry entry) {
  const PartFacts& facts = entry.part->facts();
  if (entries_.empty()) begin_ = facts.sequence;
  FW_ASSERT(facts.sequence == end());
  if (facts.group_start) group_starts_.push_back(facts.sequence);
  bytes_ += entry.part->held_bytes();
  const Time now = facts.received;
  entries_.push_back(std::move(entry));

  expire(now);
  // What is left of a group that is no join point any more goes before any that is.
  while (bytes_ > limits_.bytes && !group_starts_.empty() && begin_ < group_starts_.front())
    evict_before(begin_ + 1);
  while (bytes_ > limits_.bytes && group_starts_.size() > 1) {
    group_starts_.pop_front();
    evict_before(group_starts_.front());
  }
  if (bytes_ <= limits_.bytes) return true;

  const bool lost_group = !group_starts_.empty();
  group_starts_.clear();
  while (bytes_ > limits_.bytes / 2 && entries_.size() > 1) evict_before(begin_ + 1);
  return !lost_group;
}

void Ring::expire(Time now) {
  // A group is as old as the first part of the next one: until then it was still being written.
  while (group_starts_.size() > 1 &&
         now - at(group_starts_[1]).part->facts().received > limits_.age) {
    group_starts_.pop_front();
    evict_before(group_starts_.front());
  }
}

void Ring::clear(std::uint64_t next_sequence) {
  entries_.clear();
  group_starts_.clear();
  bytes_ = 0;
  begin_ = next_sequence;
}

std::optional<std::uint64_t> Ring::newest_group() const {
  if (group_starts_.empty()) return std::nullopt;
  return group_starts_.back();
}

std::optional<std::uint64_t> Ring::newest_group_before(std::uint64_t sequence) const {
  const auto above = std::lower_bound(group_starts_.begin(), group_starts_.end(), sequence);
  if (above == group_starts_.begin()) return std::nullopt;
  return *std::prev(above);
}

std::optional<std::uint64_t> Ring::group_from(std::uint64_t sequence) const {
  const auto found = std::lower_bound(group_starts_.begin(), group_starts_.end(), sequence);
  if (found == group_starts_.end()) return std::nullopt;
  return *found;
}

void Ring::evict_before(std::uint64_t sequence) {
  while (!entries_.empty() && begin_ < sequence) {
    FW_ASSERT(bytes_ >= entries_.front().part->held_bytes());
    bytes_ -= entries_.front().part->held_bytes();
    entries_.pop_front();
    ++begin_;
  }
}

}  // namespace framewire::relay
