// Who publishes and watches on one loop: for the control API.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/tcp_host.h"

namespace framewire::relay {
namespace {

// The row of something that has facts.
SessionRow row_of(unsigned loop, std::uint64_t number, const SessionFacts& facts) {
  SessionRow out;
  out.id = {loop, number};
  out.publishes = facts.publishes;
  out.stream = facts.stream;
  out.output = facts.output;
  out.transport = facts.transport;
  out.bytes = facts.bytes;
  out.skips = facts.skips;
  out.delay_ms = facts.delay_ms;
  out.sender = facts.sender;
  return out;
}

SessionRow row_of(unsigned loop, const Connection& connection, const SessionFacts& facts) {
  SessionRow out = row_of(loop, connection.number(), facts);
  out.address = connection.peer();
  out.user_agent = std::string{connection.user_agent()};
  out.since_ms = connection.since_ms();
  if (connection.principal()) {
    out.identity = connection.principal()->name();
    out.personal = connection.principal()->about().personal;
  }
  return out;
}

SessionRow row_of(unsigned loop, const TcpPeer& peer, const SessionFacts& facts) {
  SessionRow out = row_of(loop, peer.number(), facts);
  out.address = peer.address();
  out.since_ms = peer.since_ms();
  out.identity = "plain TCP";
  return out;
}

std::optional<SessionFacts> session_facts(const Connection& connection) {
  if (!connection.session() || connection.ending()) return std::nullopt;
  return connection.session()->facts();
}

bool fits(const SessionQuery& query, const SessionFacts& facts) {
  return (!query.stream || *query.stream == facts.stream) &&
         (!query.publishes || *query.publishes == facts.publishes);
}

}  // namespace

namespace {

void announce(Hub& hub, std::string_view type, const SessionRow& row) {
  nlohmann::json data = {{"session", to_string(row.id)}, {"address", row.address},
                         {"identity", row.identity},     {"output", row.output},
                         {"transport", row.transport},   {"user_agent", row.user_agent}};
  if (type == "viewer-leave") {
    data["bytes"] = row.bytes;
    data["duration_ms"] = wall_clock_us() / 1000 - row.since_ms;
  }
  hub.announce({std::string{type}, row.stream,
                data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
}

}  // namespace

void Connection::announce_viewer(std::string_view type) {
  if (!loop_.config().viewer_events || !session_) return;
  if (const auto facts = session_->facts())
    announce(hub(), type, row_of(hub().index(), *this, *facts));
}

void TcpPeer::announce_viewer(std::string_view type) {
  Hub& hub = host_.hub();
  if (!hub.config().viewer_events) return;
  if (const auto its = facts()) announce(hub, type, row_of(hub.index(), *this, *its));
}

// The numbers first: of thousands of viewers only a page is described.
std::vector<SessionRow> LwsLoop::sessions(const SessionQuery& query) const {
  const auto loop = static_cast<unsigned>(index_);
  const auto is_behind = [&](std::uint64_t number) {
    return !query.after || Target::SessionId{loop, number} > *query.after;
  };
  std::vector<std::pair<std::uint64_t, const Connection*>> found;
  for (const auto& [number, connection] : connections_)
    if (is_behind(number))
      if (const auto facts = session_facts(*connection); facts && fits(query, *facts))
        found.emplace_back(number, connection);
  const std::size_t most = std::min(query.limit + 1, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(most), found.end());
  std::vector<SessionRow> out;
  for (std::size_t i = 0; i < most; ++i)
    out.push_back(row_of(loop, *found[i].second, *session_facts(*found[i].second)));
  if (!tcp_) return out;
  for (const TcpPeer* peer : tcp_->peers())
    if (is_behind(peer->number()))
      if (const auto facts = peer->facts(); facts && fits(query, *facts))
        out.push_back(row_of(loop, *peer, *facts));
  std::sort(out.begin(), out.end(),
            [](const SessionRow& a, const SessionRow& b) { return a.id < b.id; });
  if (out.size() > query.limit + 1) out.resize(query.limit + 1);
  return out;
}

std::optional<SessionRow> LwsLoop::session(std::uint64_t number) const {
  const auto loop = static_cast<unsigned>(index_);
  if (const auto found = connections_.find(number); found != connections_.end()) {
    const auto facts = session_facts(*found->second);
    return facts ? std::optional{row_of(loop, *found->second, *facts)} : std::nullopt;
  }
  if (!tcp_) return std::nullopt;
  for (const TcpPeer* peer : tcp_->peers())
    if (peer->number() == number)
      if (const auto facts = peer->facts()) return row_of(loop, *peer, *facts);
  return std::nullopt;
}

bool LwsLoop::kick(std::uint64_t number) {
  const auto row = session(number);
  if (!row) return false;
  spdlog::info("{}: kicked: {} {}", row->address, row->publishes ? "publishing" : "watching",
               row->stream);
  if (Connection* connection = find(number)) {
    connection->session()->dismiss(kKicked);
    return true;
  }
  for (TcpPeer* peer : tcp_->peers())
    if (peer->number() == number) peer->dismiss();
  return true;
}

}  // namespace framewire::relay
