// What this loop tells those who follow events.
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/streams/hub.h"

namespace framewire::relay {
namespace {

constexpr Duration kLimitEvery{10'000};

}  // namespace

void Hub::announce(Event event) {
  event.wall_ms = wall_clock_us() / 1000;
  bus_.to_events([event = std::move(event)](EventLog& log) { log.append(event); });
}

void Hub::limit_reached(const std::string& option, const std::string& stream) {
  const auto [told, first] = limits_told_.try_emplace(option, now());
  if (!first && now() - told->second < kLimitEvery) return;
  told->second = now();
  announce({"limit", stream, nlohmann::json({{"option", option}}).dump()});
}

}  // namespace framewire::relay
