// Parts on their way to the local streams of other loops: counted for their stream until the last
// of those loops has taken them, so that a loop that does not turn holds the publisher, and not
// everybody's memory.
// Lifetime: shared by the posts; its end is what the count waits for. Thread: any.
#pragma once
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "relay/fanout/fanout.h"

namespace framewire::relay {

using RenditionEntry = std::pair<Rendition, RingEntry>;

class Posting {
 public:
  using Bytes = std::shared_ptr<std::atomic<std::size_t>>;  // under way, of all of a stream's

  Posting(std::vector<RenditionEntry> entries, Bytes under_way)
      : entries_(std::move(entries)), under_way_(std::move(under_way)) {
    for (const RenditionEntry& entry : entries_) bytes_ += entry.second.part->held_bytes();
    under_way_->fetch_add(bytes_, std::memory_order_relaxed);
  }
  ~Posting() { under_way_->fetch_sub(bytes_, std::memory_order_relaxed); }
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;

  const std::vector<RenditionEntry>& entries() const { return entries_; }

 private:
  const std::vector<RenditionEntry> entries_;
  const Bytes under_way_;
  std::size_t bytes_ = 0;
};

}  // namespace framewire::relay
