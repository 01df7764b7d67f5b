// The one way from a loop of the relay to another: a task is posted, and runs there in a later
// turn, after all that was posted there before from here. Thread: any. Lifetime: the relay's; what
// is posted to a loop that has stopped never runs.
#pragma once
#include <functional>

namespace framewire::relay {

class Directory;
class EventLog;
class Hub;
class Metrics;
struct Relay;

class LoopBus {
 public:
  explicit LoopBus(Relay& relay) : relay_(relay) {}

  void to_hub(unsigned hub, std::function<void(Hub&)> task) const;
  // These are loop 0's.
  void to_directory(std::function<void(Directory&)> task) const;
  void to_events(std::function<void(EventLog&)> task) const;
  void to_metrics(std::function<void(Metrics&)> task) const;

 private:
  Relay& relay_;
};

}  // namespace framewire::relay
