// The control API's bans: the server's list is changed at once, and whoever keeps the options
// writes it down, so that it is there after a restart (config_desk.h).
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "relay/access/counted_address.h"
#include "relay/control/ban_rows.h"
#include "relay/server/cluster_bans.h"
#include "relay/server/control_answer.h"

namespace framewire::relay {
namespace {

BothClocks both_clocks(Connection& connection) {
  return {connection.loop().now(), wall_clock_us() / 1000};
}

ConfigOrder to_be_kept() {
  ConfigOrder out;
  out.keeps_bans = true;
  return out;
}

}  // namespace

void ControlAnswer::list_bans() {
  const BothClocks clocks = both_clocks(connection_);
  respond(bans_json(connection_.loop().shared().bans.list(clocks.now), clocks));
}

void ControlAnswer::ban() {
  const BothClocks clocks = both_clocks(connection_);
  Bans& bans = connection_.loop().shared().bans;
  const auto wish = read_ban_wish(body_, clocks);
  if (!wish) return refuse(Refusal::bad_request, wish.error().what);
  const bool by_address = wish->kind == Ban::Kind::address;
  if (by_address ? counted_network(wish->who) == connection_.counted()
                 : wish->who == connection_.principal()->name())
    return refuse(Refusal::bad_request,
                  "that is whoever asks for it, and could not lift it any more");
  const auto id = bans.add(wish->kind, wish->who, wish->until, wish->reason, clocks.now);
  if (!id)
    return refuse(
        id.error().code == Errc::limit_exceeded ? Refusal::overloaded : Refusal::bad_request,
        id.error().what);
  spdlog::info("by the API: {} is banned", printable(wish->who));
  const auto all = bans.list(clocks.now);
  const auto made =
      std::find_if(all.begin(), all.end(), [&](const Ban& each) { return each.id == *id; });
  if (made == all.end()) return refuse(Refusal::not_found, "it was lifted already");
  if (const auto& tell = connection_.loop().shared().tell_bans) tell(ban_order(*made, false));
  const auto answer = [json = ban_json(*made, clocks)](ControlAnswer& self) { self.respond(json); };
  keep_bans(answer);
}

void ControlAnswer::lift_ban() {
  Bans& bans = connection_.loop().shared().bans;
  const auto all = bans.list(connection_.loop().now());
  const auto lifted =
      std::find_if(all.begin(), all.end(), [&](const Ban& each) { return each.id == target_.ban; });
  if (lifted == all.end() || !bans.lift(target_.ban))
    return refuse(Refusal::not_found,
                  fmt::format("there is no ban {}, or it is one of --ban", target_.ban));
  spdlog::info("by the API: ban {} is lifted", target_.ban);
  if (const auto& tell = connection_.loop().shared().tell_bans) tell(ban_order(*lifted, true));
  keep_bans([](ControlAnswer& self) { self.respond_done(); });
}

// Answers once it is written down, if somebody does that: it holds already.
void ControlAnswer::keep_bans(std::function<void(ControlAnswer&)> answer) {
  ConfigDesk& desk = connection_.loop().shared().config_desk;
  const auto then =
      later([answer](ControlAnswer& self, const Result<ConfigState>&) { answer(self); });
  if (!desk.hand_in(to_be_kept(), then)) answer(*this);
}

}  // namespace framewire::relay
