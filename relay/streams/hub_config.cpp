// What the operator changes while the server runs.
#include "relay/base/stream_name.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

// In place, and on this loop's thread: whoever holds a reference sees it from the next turn on.
void Hub::reconfigure(const Config& fresh) {
  config_ = fresh;
  if (index_ == 0)
    bus_.to_events([most = fresh.event_history](EventLog& log) { log.set_most(most); });
  if (index_ == 0)
    bus_.to_directory([count = fresh.max_streams](Directory& d) { d.set_max_streams(count); });
  for (const auto& [name, local] : local_streams_) local->trim_history();
  std::vector<std::string> here;
  for (const auto& [name, stream] : streams_)
    if (!is_derived(name)) here.push_back(name);
  for (Service* service : services_) service->on_config(here);
}

}  // namespace framewire::relay
