#include "relay/services/services.h"

#include <utility>

#include "relay/record/loop_recorder.h"

namespace framewire::relay {
namespace {

void announce(Relay& relay, Event event) {
  event.wall_ms = wall_clock_us() / 1000;
  LoopBus{relay}.to_events([event = std::move(event)](EventLog& log) { log.append(event); });
}

std::unique_ptr<Recorder> make_recorder(Relay& relay) {
  RecorderDelegate delegate;
  delegate.send_text = [&relay](PublisherId publisher, std::string text) {
    LoopBus{relay}.to_hub(publisher.loop, [number = publisher.number, text = std::move(text)](
                                              Hub& hub) { hub.take(number, PublisherText{text}); });
  };
  delegate.count = [&relay](const RecorderCounters& counters) {
    LoopBus{relay}.to_metrics([counters](Metrics& metrics) { metrics.update(counters); });
  };
  delegate.announce = [&relay](Event event) { announce(relay, std::move(event)); };
  return std::make_unique<Recorder>(relay.config, std::move(delegate));
}

}  // namespace

std::unique_ptr<RelayWithServices> make_relay(Config config, const std::vector<Loop*>& loops) {
  auto relay = std::make_unique<RelayWithServices>(std::move(config));
  make_hubs(*relay, loops);
  if (!relay->config.record_dir.empty()) relay->recorder = make_recorder(*relay);
  if (relay->recorder && relay->config.render)
    relay->renders = std::make_unique<RenderDesk>(
        relay->config, *relay->recorder,
        [&relay = *relay](Event event) { announce(relay, std::move(event)); });
  for (const auto& hub : relay->hubs) {
    auto host = std::make_unique<hls::Host>(*hub, relay->hls);
    relay->hls.push_back(host.get());
    hub->add(std::move(host));
    if (!relay->recorder) continue;
    auto recorder = std::make_unique<LoopRecorder>(*hub, *relay->recorder);
    hub->set_recorder(recorder.get());
    hub->add(std::move(recorder));
  }
  return relay;
}

}  // namespace framewire::relay
