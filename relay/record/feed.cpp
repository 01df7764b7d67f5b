#include "relay/record/feed.h"

#include <utility>

namespace framewire::relay {
namespace {

constexpr std::size_t kWakeBytes = 1u << 20;

}  // namespace

RecordFeed::RecordFeed(std::string stream, std::size_t limit_bytes, std::function<void()> wake)
    : stream_(std::move(stream)), limit_(limit_bytes), wake_(std::move(wake)) {}

void RecordFeed::append(const RingEntry& entry) {
  if (failed()) return;
  const PartFacts& facts = entry.part->facts();
  const std::size_t size = entry.part->held_bytes();
  bool wake = false;
  {
    const Lock lock{mutex_};
    if (over_ && (facts.group_start || facts.init) && bytes_ + size <= limit_ / 2) over_ = false;
    if (!over_ && bytes_ + size > limit_) {
      over_ = true;
      batch_.entries.emplace_back();
    }
    if (over_) {
      ++batch_.dropped;
      return;
    }
    batch_.entries.push_back(entry);
    wake = bytes_ < kWakeBytes && bytes_ + size >= kWakeBytes;
    bytes_ += size;
  }
  if (wake) wake_();
}

void RecordFeed::refuse(std::string why) {
  {
    const Lock lock{mutex_};
    batch_.refused = std::move(why);
  }
  close();
}

void RecordFeed::close() {
  closed_.store(true, std::memory_order_relaxed);
  {
    const Lock lock{mutex_};
    batch_.closed = true;
  }
  wake_();
}

void RecordFeed::set_publisher(PublisherId publisher, std::string title) {
  const Lock lock{mutex_};
  batch_.publisher = publisher;
  batch_.title = std::move(title);
}

RecordFeed::Batch RecordFeed::take() {
  const Lock lock{mutex_};
  Batch next;
  next.publisher = batch_.publisher;
  next.title = batch_.title;
  next.closed = batch_.closed;
  bytes_ = 0;
  return std::exchange(batch_, std::move(next));
}

}  // namespace framewire::relay
