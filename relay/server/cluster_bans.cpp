#include "relay/server/cluster_bans.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "relay/control/ban_rows.h"

namespace framewire::relay {
namespace {

BothClocks clocks_now() {
  return {Clock::now(), wall_clock_us() / 1000};
}

bool is_wish(const nlohmann::json& wish) {
  if (!wish.is_object()) return false;
  for (const char* name : {"address", "identity", "reason"})
    if (wish.contains(name) && !wish[name].is_string()) return false;
  return true;
}

}  // namespace

std::string ban_order(const Ban& ban, bool lift) {
  return nlohmann::json({{"lift", lift}, {"ban", ban_wish_json(ban, clocks_now())}})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void obey_ban_order(const std::string& order, Bans& bans) {
  const auto object = nlohmann::json::parse(order, nullptr, false);
  const auto ban = object.is_object() ? object.find("ban") : object.end();
  const BothClocks clocks = clocks_now();
  if (!object.is_object() || ban == object.end() || !is_wish(*ban)) {
    spdlog::warn("cluster: a ban that cannot be read");
    return;
  }
  const auto wish = read_ban_wish(*ban, clocks);
  if (!wish) {
    spdlog::warn("cluster: a ban of another node: {}", wish.error().what);
    return;
  }
  const auto lift = object.find("lift");
  if (lift == object.end() || *lift != true) {
    if (const auto made = bans.add(wish->kind, wish->who, wish->until, wish->reason, clocks.now);
        !made)
      spdlog::warn("cluster: a ban of another node: {}", made.error().what);
    return;
  }
  for (const Ban& each : bans.list(clocks.now))
    if (each.kind == wish->kind && each.who == wish->who) bans.lift(each.id);
}

}  // namespace framewire::relay
