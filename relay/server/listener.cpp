#include "relay/server/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "relay/server/sliced_round.h"

namespace framewire::relay {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsPerTurn = 64;  // and no more than a slice of time takes: thousands may come

std::string shown(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
            : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string why(int error, const Endpoint& endpoint) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("{} is in use by another program", shown(endpoint));
    case EACCES:
      return fmt::format("no permission to listen on {}: ports below 1024 are privileged",
                         shown(endpoint));
    case EADDRNOTAVAIL:
      return fmt::format("{} is no address of this machine", shown(endpoint));
    default:
      return fmt::format("can't listen on {}: {}", shown(endpoint), std::strerror(error));
  }
}

struct Resolved {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Result<Resolved> resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (const int error = getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found);
      error != 0)
    return fail(Errc::refused, fmt::format("{}: {}", shown(endpoint), gai_strerror(error)));
  Resolved out;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return out;
}

// 0, or errno.
int bind_to(int socket, const Resolved& to, bool share) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (to.address.ss_family == AF_INET6)
    setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&to.address), to.size) != 0) return errno;
  return listen(socket, kBacklog) == 0 ? 0 : errno;
}

bool same_host(const sockaddr_storage& a, const sockaddr_storage& b) {
  if (a.ss_family != b.ss_family) return false;
  if (a.ss_family == AF_INET)
    return reinterpret_cast<const sockaddr_in&>(a).sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in&>(b).sin_addr.s_addr;
  return std::memcmp(&reinterpret_cast<const sockaddr_in6&>(a).sin6_addr,
                     &reinterpret_cast<const sockaddr_in6&>(b).sin6_addr, sizeof(in6_addr)) == 0;
}

std::string numeric_host(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
          : &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  inet_ntop(address.ss_family, bytes, text.data(), text.size());
  return text.data();
}

// What Linux hands on of a connection that broke while it waited; accept(2).
bool is_of_one_connection(int error) {
  switch (error) {
    case ECONNABORTED:
    case EINTR:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:  // forbidden by a firewall
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<int> open_listening_socket(const Endpoint& endpoint, bool probe) {
  const auto to = resolve(endpoint);
  if (!to) return tl::make_unexpected(to.error());
  const auto open = [&](bool share) -> Result<int> {
    const int fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(Errc::internal, why(errno, endpoint));
    if (const int error = bind_to(fd, *to, share); error != 0) {
      ::close(fd);
      return fail(Errc::refused, why(error, endpoint));
    }
    return fd;
  };
  if (probe && endpoint.port != 0) {
    const auto alone = open(false);
    if (!alone) return alone;
    ::close(*alone);
  }
  auto fd = open(true);
  if (!fd) return fd;
  sockaddr_storage got{};
  socklen_t size = sizeof got;
  getsockname(*fd, reinterpret_cast<sockaddr*>(&got), &size);
  if (!same_host(got, to->address)) {
    ::close(*fd);
    return fail(Errc::internal,
                fmt::format("asked to listen on {}, got {}", shown(endpoint), numeric_host(got)));
  }
  return fd;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage got{};
  socklen_t size = sizeof got;
  getsockname(socket, reinterpret_cast<sockaddr*>(&got), &size);
  return ntohs(got.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(got).sin_port
                                        : reinterpret_cast<sockaddr_in6&>(got).sin6_port);
}

Listener::Listener(uv_loop_t& loop, int socket, Accepted accepted)
    : socket_(socket), accepted_(std::move(accepted)) {
  uv_poll_init(&loop, &poll_, socket);
  poll_.data = this;
  watch();
}

void Listener::watch() {
  watching_ = true;
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* poll, int, int) {
    static_cast<Listener*>(poll->data)->on_readable();
  });
}

void Listener::resume() {
  if (socket_ >= 0 && !watching_) watch();
}

void Listener::close() {
  if (socket_ < 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
  ::close(socket_);
  socket_ = -1;
}

void Listener::on_readable() {
  int error = 0;
  const std::uint64_t until = uv_hrtime() + SlicedRound::kSliceNs;
  for (int i = 0; i < kAcceptsPerTurn && (i == 0 || uv_hrtime() < until); ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        accept4(socket_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      error = 0;
      accepted_(fd, numeric_host(peer));
      continue;
    }
    error = errno;
    if (is_of_one_connection(error)) continue;
    break;
  }
  if (error == 0 || error == EAGAIN) {
    if (std::exchange(failing_, false)) spdlog::info("new connections are accepted again");
    return;
  }
  // EMFILE, ENFILE, ENOBUFS, ENOMEM and the like: it would be readable again at once.
  if (!std::exchange(failing_, true))
    spdlog::warn("no new connection can be accepted: {}", std::strerror(error));
  uv_poll_stop(&poll_);
  watching_ = false;
}

}  // namespace framewire::relay
