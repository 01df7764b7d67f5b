// The events of all loops in one order: numbered, the newest kept for who comes back, handed to who
// follows. Thread: loop 0's; others reach it by LoopBus::to_events().
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "relay/base/event.h"

namespace framewire::relay {

class EventLog {
 public:
  // most: kept. sink: null = none. started_us: since 1970; ids go on from there, or from what the
  // sink has seen, so that they never go back.
  EventLog(std::size_t most, std::shared_ptr<EventSink> sink, std::int64_t started_us);

  void append(Event event);

  // Called for each event from now on, in order.
  using Listener = std::function<void(const EventPtr&)>;
  std::uint64_t follow(Listener listener);
  void unfollow(std::uint64_t follower) { followers_.erase(follower); }

  struct Since {
    std::vector<EventPtr> events;
    bool lost = false;  // there were more, which are not kept
  };
  // Those after this one.
  Since since(std::uint64_t id) const;
  std::uint64_t last_id() const { return last_id_; }
  void set_most(std::size_t most) { most_ = most; }

 private:
  std::size_t most_;
  const std::shared_ptr<EventSink> sink_;
  std::uint64_t last_id_;
  std::uint64_t forgotten_;  // the newest id that is not kept
  std::deque<EventPtr> kept_;
  std::map<std::uint64_t, Listener> followers_;
  std::uint64_t last_follower_ = 0;
};

}  // namespace framewire::relay
