#include "relay/server/tcp_host.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "relay/child/watchable.h"
#include "relay/server/listener.h"
#include "relay/server/tcp_kinds.h"
#include "relay/server/tcp_socket.h"

namespace framewire::relay {

struct TcpHost::Port {
  TcpPoint point;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<TcpRoom> room;  // of a chat
  std::size_t peers = 0;
};

TcpHost::TcpHost(LwsLoop& loop) : loop_(loop) {}

TcpHost::~TcpHost() {
  close();
}

Result<void> TcpHost::open() {
  for (const TcpPoint& point : loop_.config().tcp_points) {
    const auto socket = open_listening_socket({point.host, point.port}, /*probe=*/true);
    if (!socket) return tl::make_unexpected(socket.error());
    auto port = std::make_unique<Port>();
    port->point = point;
    if (point.use == TcpPoint::Use::chat) port->room = make_tcp_room(*this, point.name);
    port->listener = std::make_unique<Listener>(
        uv(), *socket, [this, port = port.get()](int fd, const std::string& address) {
          accept(*port, fd, address);
        });
    spdlog::info("plain TCP: {} {} on {}:{}", to_string(point.use), point.name, point.host,
                 bound_port(*socket));
    ports_.push_back(std::move(port));
  }
  return {};
}

void TcpHost::accept(Port& port, int socket, const std::string& address) {
  const std::string counted = PerAddressLimit::counted_as(address);
  if (loop_.shared().bans.holds_address(counted, loop_.now())) {
    spdlog::info("{}: is banned: turned away from {}", address, port.point.name);
    ::close(socket);
    return;
  }
  if (port.peers >= loop_.config().max_tcp || !loop_.shared().addresses.enter(counted)) {
    spdlog::warn("{}: no room for one more TCP connection to {} {}", address,
                 to_string(port.point.use), port.point.name);
    ::close(socket);
    return;
  }
  if (!watchable(uv(), socket)) {
    spdlog::warn("{}: turned away: its socket can't be watched: {}", address, std::strerror(errno));
    loop_.shared().addresses.leave(counted);
    ::close(socket);
    return;
  }
  const Config& config = loop_.config();
  prepare_socket(socket, config.send_buffer_bytes, config.lost_after,
                 config.stall_timeout + config.lost_after);
  std::unique_ptr<TcpPeer> peer;
  switch (port.point.use) {
    case TcpPoint::Use::publish:
      peer = make_tcp_publisher(*this, socket, address, port.point.name);
      break;
    case TcpPoint::Use::watch:
      peer = make_tcp_viewer(*this, socket, address, port.point.name);
      break;
    case TcpPoint::Use::chat:
      peer = port.room->seat(socket, address);
      break;
  }
  ++port.peers;
  peers_.push_back({&port, std::move(peer)});
  peers_.back().peer->on_open();
}

void TcpHost::leave(const TcpPeer& peer) {
  loop_.shared().addresses.leave(PerAddressLimit::counted_as(peer.address()));
}

void TcpHost::reap() {
  if (closed_ || std::exchange(reaping_, true)) return;
  loop_.post([this] { reap_now(); });
}

void TcpHost::reap_now() {
  reaping_ = false;
  // A peer's end may call others, and accept none.
  std::vector<std::unique_ptr<TcpPeer>> gone;
  std::erase_if(peers_, [&](Seated& seated) {
    if (!seated.peer->over()) return false;
    --seated.port->peers;
    leave(*seated.peer);
    gone.push_back(std::move(seated.peer));
    return true;
  });
}

void TcpHost::tick(Time now) {
  for (const auto& port : ports_) {
    port->listener->resume();
    if (port->room) port->room->tick();
  }
  const Bans& bans = loop_.shared().bans;
  const std::uint64_t number = bans.number();
  const bool banned_anew = std::exchange(bans_seen_, number) != number;
  for (const Seated& seated : peers_)
    if (!seated.peer->over() && banned_anew &&
        bans.holds_address(PerAddressLimit::counted_as(seated.peer->address()), now)) {
      spdlog::info("{}: is banned: sent away", seated.peer->address());
      seated.peer->dismiss();
    } else if (!seated.peer->over()) {
      seated.peer->tick(now);
      seated.peer->look_whether_gone(now);
    }
}

std::vector<TcpPeer*> TcpHost::peers() const {
  std::vector<TcpPeer*> out;
  for (const Seated& seated : peers_)
    if (!seated.peer->over()) out.push_back(seated.peer.get());
  return out;
}

void TcpHost::drain() {
  for (const auto& port : ports_) {
    port->listener->close();
    if (port->room) port->room->deliver();
  }
  for (const Seated& seated : peers_) seated.peer->drain();
}

void TcpHost::close() {
  if (std::exchange(closed_, true)) return;
  for (const auto& port : ports_) port->listener->close();
  for (const Seated& seated : peers_) leave(*seated.peer);
  peers_.clear();
  for (const auto& port : ports_)
    if (port->room) port->room->close();
}

}  // namespace framewire::relay
