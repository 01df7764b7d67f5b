// The one wiring place: the hubs of a server, and what subscribes to their streams inside it.
// A new output registers here. Thread: built before the loops run; stop_recorder() once all threads
// of loops have ended.
#pragma once
#include <memory>
#include <vector>

#include "relay/hls/host.h"
#include "relay/record/recorder.h"
#include "relay/render/render_desk.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

struct RelayWithServices final : Relay {
  using Relay::Relay;
  ~RelayWithServices() {
    stop_recorder();
    hubs.clear();  // their streams still close what the recorder reads
  }
  // It speaks to the hubs by way of the loops: before these end.
  void stop_recorder() {
    if (renders) renders->stop();
    if (recorder) recorder->stop();
  }

  std::unique_ptr<Recorder> recorder;   // null: nothing is recorded
  std::unique_ptr<RenderDesk> renders;  // null: no films of pages are made; uses the recorder
  std::vector<hls::Host*> hls;          // by loop; its hub's own
};

// One hub for each loop; the loops outlive the relay.
std::unique_ptr<RelayWithServices> make_relay(Config config, const std::vector<Loop*>& loops);

}  // namespace framewire::relay
