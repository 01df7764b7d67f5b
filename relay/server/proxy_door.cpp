#include "relay/server/proxy_door.h"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "relay/server/proxy_header.h"

namespace framewire::relay {
namespace {

// The socket counts as readable once so much is there, or when nothing more will come.
void wait_for(int socket, std::size_t bytes) {
  const int count = static_cast<int>(bytes);
  setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &count, sizeof count);
}

}  // namespace

struct ProxyDoor::Guest {
  uv_poll_t poll{};
  ProxyDoor* door = nullptr;
  int socket = -1;
  std::string proxy;
  Time until{};
  std::size_t asked = 1;  // bytes
};

ProxyDoor::ProxyDoor(uv_loop_t& loop, Entered entered)
    : loop_(loop), entered_(std::move(entered)) {}

ProxyDoor::~ProxyDoor() {
  close();
}

void ProxyDoor::admit(int socket, std::string proxy, Time until) {
  auto* guest = new Guest;
  guest->door = this;
  guest->socket = socket;
  guest->proxy = std::move(proxy);
  guest->until = until;
  guest->poll.data = guest;
  if (uv_poll_init(&loop_, &guest->poll, socket) != 0) {
    ::close(socket);
    delete guest;
    return;
  }
  waiting_.push_back(guest);
  uv_poll_start(&guest->poll, UV_READABLE, [](uv_poll_t* poll, int, int) {
    auto& it = *static_cast<Guest*>(poll->data);
    it.door->look(it);
  });
}

// The guest's handle is closed, and deletes it; the socket is the caller's.
int ProxyDoor::release(Guest& guest) {
  std::erase(waiting_, &guest);
  const int socket = std::exchange(guest.socket, -1);
  uv_close(reinterpret_cast<uv_handle_t*>(&guest.poll),
           [](uv_handle_t* handle) { delete static_cast<Guest*>(handle->data); });
  return socket;
}

void ProxyDoor::look(Guest& guest) {
  std::array<std::byte, kLongestProxyHeader> room{};
  const auto count = recv(guest.socket, room.data(), room.size(), MSG_PEEK);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const bool over = count <= 0 || static_cast<std::size_t>(count) < guest.asked;
  const ProxyHeader header =
      over ? ProxyHeader{ProxyHeader::Kind::bad, 0, {}}
           : read_proxy_header(Bytes{room}.first(static_cast<std::size_t>(count)));
  switch (header.kind) {
    case ProxyHeader::Kind::more:
      wait_for(guest.socket, guest.asked = header.size);
      return;
    case ProxyHeader::Kind::bad:
      if (!over) spdlog::warn("{}: its PROXY header cannot be read", guest.proxy);
      ::close(release(guest));
      return;
    case ProxyHeader::Kind::header:
      (void)recv(guest.socket, room.data(), header.size, 0);
      break;
    case ProxyHeader::Kind::none:
      break;
  }
  std::string peer = header.source.empty() ? guest.proxy : header.source;
  wait_for(guest.socket, 1);
  entered_(release(guest), std::move(peer));
}

void ProxyDoor::tick(Time now) {
  const auto waiting = waiting_;
  for (Guest* guest : waiting)
    if (now > guest->until) ::close(release(*guest));
}

void ProxyDoor::close() {
  while (!waiting_.empty()) ::close(release(*waiting_.back()));
}

}  // namespace framewire::relay
