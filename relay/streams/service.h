// What a hub carries beside the relay itself: HLS, recording, restreaming. It subscribes to streams
// as viewers do, and neither hub nor stream knows what it is. Thread: its hub's loop. Lifetime:
// ends before the hub's streams, or leaves by Hub::remove().
#pragma once
#include <string>
#include <vector>

namespace framewire::relay {

class Service {
 public:
  Service() = default;
  virtual ~Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  // A published stream has its home at this hub now, or no longer. Not of derived ones.
  virtual void on_stream_begin(const std::string& /*stream*/) {}
  virtual void on_stream_end(const std::string& /*stream*/) {}
  // The operator has changed Hub::config(). streams: all that have begun and not ended here.
  virtual void on_config(const std::vector<std::string>& /*streams*/) {}
  // A few times a second, before the streams' own tick.
  virtual void tick() {}
};

}  // namespace framewire::relay
