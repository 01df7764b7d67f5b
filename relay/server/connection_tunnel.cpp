// A Connection that is a tunnel's GET: its peer's frames come by way of others.
#include <nlohmann/json.hpp>

#include "ingest/wire/ws_reader.h"
#include "relay/http/http_intake.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/routes.h"
#include "relay/server/tunnel.h"

namespace framewire::relay {

void Connection::open_tunnel(const Request& request, const Admission& admission) {
  write(as_bytes(tunnel_answer(request.origin)));
  stage_ = Stage::websocket;
  http_.reset();
  ws_ = std::make_unique<WsReader>();
  tunnel_ = std::make_unique<Tunnel>(loop_.shared().tunnels,
                                     TunnelBook::Place{&loop_, number_, publishes(admission)});
  send_text(nlohmann::json{
      {"type", "tunnel"}, {"token", tunnel_->token()}, {"post_bytes", kTunnelPostBytes}}
                .dump());
  start(make_session(*this, admission, request));
  if (!busy_) want_writeable();
}

void Connection::take_tunnelled(std::uint64_t at, std::span<std::byte> bytes, TunnelReply reply) {
  if (!tunnel_ || !wsi_ || killed_) {
    reply(Tunnelled::gone, 0);
    return;
  }
  const auto fresh = tunnel_->take(at, bytes, std::move(reply));
  if (fresh.empty()) return;
  busy_ = true;
  frames_left_ = kFramesPerTurn;
  heard_ = loop_.now();
  take(fresh);
  if (verdict() < 0) end_now();
}

}  // namespace framewire::relay
