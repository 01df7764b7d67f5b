#include "relay/streams/loop_bus.h"

#include <utility>

#include "relay/streams/hub.h"

namespace framewire::relay {

void LoopBus::to_hub(unsigned hub, std::function<void(Hub&)> task) const {
  Hub& to = *relay_.hubs[hub];
  to.loop().post([&to, task = std::move(task)] { task(to); });
}

void LoopBus::to_directory(std::function<void(Directory&)> task) const {
  relay_.hubs[0]->loop().post(
      [&relay = relay_, task = std::move(task)] { task(*relay.directory); });
}

void LoopBus::to_events(std::function<void(EventLog&)> task) const {
  relay_.hubs[0]->loop().post([&relay = relay_, task = std::move(task)] { task(*relay.events); });
}

void LoopBus::to_metrics(std::function<void(Metrics&)> task) const {
  relay_.hubs[0]->loop().post([&relay = relay_, task = std::move(task)] { task(relay.metrics); });
}

}  // namespace framewire::relay
