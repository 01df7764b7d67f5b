#include "relay/streams/event_log.h"

#include <algorithm>
#include <utility>

#include "relay/base/clock.h"

namespace framewire::relay {

EventLog::EventLog(std::size_t most, std::shared_ptr<EventSink> sink, std::int64_t started_us)
    : most_(most),
      sink_(std::move(sink)),
      last_id_(std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(started_us, 0)),
                        sink_ ? sink_->last_id() : 0)),
      forgotten_(last_id_) {}

void EventLog::append(Event event) {
  event.id = ++last_id_;
  if (event.wall_ms == 0) event.wall_ms = wall_clock_us() / 1000;
  const EventPtr shared = std::make_shared<const Event>(std::move(event));
  kept_.push_back(shared);
  while (kept_.size() > most_) {
    forgotten_ = kept_.front()->id;
    kept_.pop_front();
  }
  if (sink_) sink_->take(shared);
  for (const auto& [number, listener] : followers_) listener(shared);
}

std::uint64_t EventLog::follow(Listener listener) {
  followers_.emplace(++last_follower_, std::move(listener));
  return last_follower_;
}

EventLog::Since EventLog::since(std::uint64_t id) const {
  Since out;
  out.lost = id < forgotten_;
  for (const EventPtr& event : kept_)
    if (event->id > id) out.events.push_back(event);
  return out;
}

}  // namespace framewire::relay
