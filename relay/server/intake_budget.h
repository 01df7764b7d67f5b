// What all connections of a server hold of messages that are not complete yet, together: without a
// total, a limit per message is one per connection.
// Thread: any; a share is its connection's.
#pragma once
#include <atomic>
#include <cstddef>

namespace framewire::relay {

class IntakeBudget {
 public:
  explicit IntakeBudget(std::size_t limit) : limit_(limit) {}
  void set_limit(std::size_t limit) { limit_.store(limit, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  friend class IntakeShare;
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> used_{0};
};

// One holder's part of it, given back when it ends.
class IntakeShare {
 public:
  explicit IntakeShare(IntakeBudget& budget) : budget_(&budget) {}
  ~IntakeShare() { set(0); }
  IntakeShare(const IntakeShare&) = delete;
  IntakeShare& operator=(const IntakeShare&) = delete;

  // It holds so much now. False: that is more than there is for all; it must let go.
  bool set(std::size_t bytes) {
    if (bytes == bytes_) return true;
    const std::size_t before = bytes_;
    bytes_ = bytes;
    const std::size_t used =
        budget_->used_.fetch_add(bytes - before, std::memory_order_relaxed) + bytes - before;
    return bytes < before || used <= budget_->limit_.load(std::memory_order_relaxed);
  }
  // From now on it is a part of another one.
  void move_to(IntakeBudget& budget) {
    if (budget_ == &budget) return;
    const std::size_t bytes = bytes_;
    set(0);
    budget_ = &budget;
    set(bytes);  // what is too much is found out as it grows
  }

 private:
  IntakeBudget* budget_;
  std::size_t bytes_ = 0;
};

}  // namespace framewire::relay
