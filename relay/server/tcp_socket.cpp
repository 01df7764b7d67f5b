#include "relay/server/tcp_socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace framewire::relay {
namespace {

constexpr int kProbes = 3;

void set(int socket, int level, int name, std::int64_t value) {
  const int as_int = static_cast<int>(value);
  setsockopt(socket, level, name, &as_int, sizeof as_int);
}

std::size_t count(int socket, unsigned long what) {
  int bytes = 0;
  return ioctl(socket, what, &bytes) < 0 || bytes < 0 ? 0 : static_cast<std::size_t>(bytes);
}

}  // namespace

void prepare_socket(int socket, std::size_t send_buffer_bytes, std::chrono::milliseconds lost_after,
                    std::chrono::milliseconds unacked_after) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  // What the kernel holds for a viewer that does not read is delay and memory: bounded.
  set(socket, SOL_SOCKET, SO_SNDBUF, static_cast<std::int64_t>(send_buffer_bytes));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(lost_after).count();
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(socket, IPPROTO_TCP, TCP_KEEPIDLE, std::max<std::int64_t>(seconds / 2, 1));
  set(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max<std::int64_t>(seconds / 2 / kProbes, 1));
  set(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  // It ends a peer whose window stays shut, too, and overrides the number of probes.
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, std::max(lost_after, unacked_after).count());
}

std::size_t unsent_bytes(int socket) {
  return count(socket, SIOCOUTQ);
}

std::size_t unread_bytes(int socket) {
  return count(socket, SIOCINQ);
}

std::uint64_t acked_bytes(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked : 0;
}

std::string peer_address(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return {};
  const void* bytes =
      peer.ss_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr)
          : &reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(peer.ss_family, bytes, text.data(), text.size()) ? text.data() : "";
}

}  // namespace framewire::relay
