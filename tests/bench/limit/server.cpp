#include "server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace framewire::limit {
namespace {

constexpr std::size_t kReceive = 256u << 10;
constexpr std::size_t kRequestMost = 8192;
constexpr unsigned kViewerEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

// RFC 6455, section 4.2.2.
std::string accept_of(std::string_view key) {
  const std::string text = fmt::format("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

std::string_view header_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
    at += 2;
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        strncasecmp(line.data(), name.data(), name.size()) == 0) {
      const std::string_view value = line.substr(name.size() + 1);
      return value.substr(std::min(value.find_first_not_of(' '), value.size()));
    }
    at = end < head.size() ? end : std::string_view::npos;
  }
  return {};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

}  // namespace

Server::Server(int listener, SSL_CTX* tls)
    : listener_(listener), tls_(tls), epoll_(epoll_create1(EPOLL_CLOEXEC)), scratch_(16u << 10) {
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

void Server::run() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr)
        accept_all();
      else
        on_event(*static_cast<Connection*>(event.data.ptr), event.events);
    }
    for (const Connection* connection : over_) delete connection;
    over_.clear();
  }
}

void Server::accept_all() {
  for (int fd = 0;
       (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = new Connection(fd, tls_);
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void Server::on_event(Connection& connection, unsigned events) {
  if (connection.over) return;
  if ((events & EPOLLOUT) != 0 && !connection.send_rest()) {
    end(connection);
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) == 0) return;
  switch (connection.kind) {
    case Connection::Kind::greeting:
      greet(connection);
      break;
    case Connection::Kind::publisher:
      take(connection);
      break;
    default:
      drain_input(connection);
  }
}

void Server::greet(Connection& connection) {
  const std::ptrdiff_t count = connection.read(scratch_);
  if (count > 0)
    connection.request.append(reinterpret_cast<const char*>(scratch_.data()),
                              static_cast<std::size_t>(count));
  const std::size_t end_at = connection.request.find("\r\n\r\n");
  if (count < 0 || connection.request.size() > kRequestMost)
    end(connection);
  else if (end_at != std::string::npos)
    answer(connection, end_at);
}

void Server::answer(Connection& connection, std::size_t head_end) {
  const std::string request = std::exchange(connection.request, {});
  const std::string_view head = std::string_view{request}.substr(0, head_end);
  const std::size_t path_at = head.find(' ') + 1;
  const std::string_view path = head.substr(path_at, head.find_first_of(" ?", path_at) - path_at);
  const std::string_view key = header_of(head, "Sec-WebSocket-Key");
  const bool publishes = path.starts_with("/publish/");
  if ((!publishes && !path.starts_with("/live/")) || (publishes && key.empty())) {
    connection.send(bytes_of("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
    end(connection);
    return;
  }
  Stream& stream = streams_[std::string{path.substr(path.find('/', 1) + 1)}];
  connection.stream = &stream;
  const std::string text = key.empty()
                               ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                               : fmt::format(
                                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                     "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
                                     accept_of(key));
  if (!connection.send(bytes_of(text))) {
    end(connection);
  } else if (publishes) {
    connection.kind = Connection::Kind::publisher;
    connection.received.resize(kReceive);
  } else {
    connection.kind = key.empty() ? Connection::Kind::http_viewer : Connection::Kind::viewer;
    start_viewer(connection, key.empty() ? stream.http_viewers : stream.viewers);
  }
}

void Server::start_viewer(Connection& connection, std::vector<Connection*>& viewers) {
  connection.index = viewers.size();
  viewers.push_back(&connection);
  // Edge-triggered once and for all: the kernel tells of room only where there was none.
  epoll_event event{};
  event.events = kViewerEvents;
  event.data.ptr = &connection;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd(), &event);
}

void Server::take(Connection& publisher) {
  auto& received = publisher.received;
  std::size_t& have = publisher.received_bytes;
  // What TLS has read ahead epoll does not tell of.
  for (bool again = true; again && !publisher.over;) {
    const std::ptrdiff_t count = publisher.read(std::span{received}.subspan(have));
    if (count < 0) {
      end(publisher);
      return;
    }
    again = tls_ != nullptr && count > 0;
    have += static_cast<std::size_t>(count);
    // Of several records one batch is made.
    if (again && have < received.size()) continue;
    reframe(std::span{received}.first(have), batch_);
    if (!batch_.frames.empty()) fan_out(*publisher.stream);
    std::memmove(received.data(), received.data() + batch_.used, have - batch_.used);
    have -= batch_.used;
    if (batch_.wanted > received.size()) received.resize(batch_.wanted);
    if (batch_.ended) end(publisher);
  }
}

void Server::fan_out(Stream& stream) {
  // From the back: a viewer that ends is replaced by one that was served already.
  for (std::size_t i = stream.viewers.size(); i-- > 0;)
    if (!stream.viewers[i]->send(batch_.frames)) end(*stream.viewers[i]);
  for (std::size_t i = stream.http_viewers.size(); i-- > 0;) {
    Connection& viewer = *stream.http_viewers[i];
    for (const auto payload : batch_.payloads) {
      if (viewer.send(payload)) continue;
      end(viewer);
      break;
    }
  }
}

// A viewer has nothing to say that matters here, but its end.
void Server::drain_input(Connection& viewer) {
  for (std::ptrdiff_t count = 1; count != 0;) {
    count = viewer.read(scratch_);
    if (count >= 0) continue;
    end(viewer);
    return;
  }
}

void Server::end(Connection& connection) {
  if (connection.over) return;
  connection.over = true;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd(), nullptr);
  over_.push_back(&connection);
  if (connection.kind != Connection::Kind::viewer &&
      connection.kind != Connection::Kind::http_viewer)
    return;
  auto& viewers = connection.kind == Connection::Kind::viewer ? connection.stream->viewers
                                                              : connection.stream->http_viewers;
  viewers[connection.index] = viewers.back();
  viewers[connection.index]->index = connection.index;
  viewers.pop_back();
}

}  // namespace framewire::limit
