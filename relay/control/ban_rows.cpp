#include "relay/control/ban_rows.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace framewire::relay {
namespace {

using nlohmann::json;

// A steady clock's nanoseconds do not reach to the year 9999, nor back to 1970.
constexpr std::int64_t kLongestMs = std::int64_t{10} * 365 * 24 * 3'600 * 1'000;

// To the second: the two clocks are not read in the same moment.
std::int64_t wall_ms_of(Time time, BothClocks clocks) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(time - clocks.now);
  constexpr std::int64_t kSecond = 1'000;
  return (clocks.wall_ms + left.count() + kSecond / 2) / kSecond * kSecond;
}

}  // namespace

Result<BanWish> read_ban_wish(const json& body, BothClocks clocks) {
  const auto address = body.find("address"), identity = body.find("identity");
  if ((address == body.end()) == (identity == body.end()))
    return fail(Errc::bad_text, "a ban names either an \"address\" or an \"identity\"");
  BanWish out;
  const bool by_address = address != body.end();
  out.kind = by_address ? Ban::Kind::address : Ban::Kind::identity;
  out.who = (by_address ? *address : *identity).get<std::string>();
  if (const auto until = body.find("until_ms"); until != body.end() && until->is_number()) {
    const double left = until->get<double>() - static_cast<double>(clocks.wall_ms);
    constexpr auto kMost = static_cast<double>(kLongestMs);
    out.until = clocks.now + Duration{static_cast<std::int64_t>(std::clamp(left, -kMost, kMost))};
  }
  if (const auto reason = body.find("reason"); reason != body.end())
    out.reason = reason->get<std::string>();
  return out;
}

json ban_wish_json(const Ban& ban, BothClocks clocks) {
  json out = json::object();
  out[ban.kind == Ban::Kind::address ? "address" : "identity"] = ban.who;
  if (ban.until) out["until_ms"] = wall_ms_of(*ban.until, clocks);
  if (!ban.reason.empty()) out["reason"] = ban.reason;
  return out;
}

json ban_json(const Ban& ban, BothClocks clocks) {
  json out = ban_wish_json(ban, clocks);
  out["id"] = ban.id;
  if (!ban.until) out["until_ms"] = nullptr;
  out["reason"] = ban.reason;
  out["configured"] = ban.configured;
  return out;
}

json bans_json(const std::vector<Ban>& bans, BothClocks clocks) {
  json rows = json::array();
  for (const Ban& ban : bans) rows.push_back(ban_json(ban, clocks));
  json out = json::object();
  out["bans"] = std::move(rows);
  return out;
}

}  // namespace framewire::relay
