// What a hub carries beside the relay itself: HLS, recording. It subscribes to streams as viewers
// do, and neither hub nor stream knows what it is. Thread: its hub's loop. Lifetime: its hub's:
// built before the loops run, destroyed after their threads have ended, before the streams.
#pragma once

namespace framewire::relay {

class Service {
 public:
  Service() = default;
  virtual ~Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  // A few times a second, before the streams' own tick.
  virtual void tick() = 0;
};

}  // namespace framewire::relay
