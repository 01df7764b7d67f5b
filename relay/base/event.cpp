#include "relay/base/event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace framewire::relay {

std::string event_json(const Event& event) {
  using nlohmann::json;
  const auto text = [](const std::string& value) {
    return json(value).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  return fmt::format(R"({{"id":"{}","type":{},"stream":{},"wall_ms":{},"data":{}}})", event.id,
                     text(event.type), text(event.stream), event.wall_ms,
                     event.data.empty() ? "{}" : event.data);
}

}  // namespace framewire::relay
