#include "relay/server/tcp_peer.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "relay/server/lws_loop.h"
#include "relay/server/tcp_host.h"
#include "relay/server/tcp_socket.h"

namespace framewire::relay {
namespace {
constexpr std::size_t kReadBytes = 64u << 10;
constexpr int kReadsPerTurn = 4;
}  // namespace

TcpPeer::TcpPeer(TcpHost& host, int socket, std::string address)
    : host_(host),
      socket_(socket),
      address_(std::move(address)),
      number_(host.loop().next_number()),
      since_ms_(wall_clock_us() / 1000),
      poll_(new uv_poll_t{}) {
  uv_poll_init(&host.uv(), poll_, socket);
  poll_->data = this;
}

TcpPeer::~TcpPeer() {
  if (socket_ < 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(poll_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  ::close(std::exchange(socket_, -1));
}

void TcpPeer::watch() {
  if (over()) return;
  // While nothing is read only an error is told: of a peer that has said all there may be bytes
  // still to be read.
  const int events = (reading_ ? UV_READABLE : UV_PRIORITIZED) |
                     (!rest_.empty() || wants_room_ || finishing_ ? UV_WRITABLE : 0);
  uv_poll_start(poll_, events, [](uv_poll_t* poll, int status, int fired) {
    static_cast<TcpPeer*>(poll->data)->on_events(status, fired);
  });
}

void TcpPeer::read(bool on) {
  reading_ = on;
  watch();
}

void TcpPeer::on_events(int status, int events) {
  if (status < 0 || (events & UV_PRIORITIZED) != 0) {
    kill();
    return;
  }
  if ((events & UV_READABLE) != 0) on_readable();
  if (over() || (events & UV_WRITABLE) == 0) return;
  if (!flush()) return;
  if (finishing_) {
    kill();
    return;
  }
  wants_room_ = false;
  on_room();
  watch();
}

void TcpPeer::on_readable() {
  std::array<std::byte, kReadBytes> bytes;
  for (int i = 0; i < kReadsPerTurn && !over() && reading_; ++i) {
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
    if (got > 0) {
      on_bytes(Bytes{bytes}.first(static_cast<std::size_t>(got)));
    } else if (got == 0) {
      half_closed_ = true;
      took_ = host_.loop().now();
      read(false);
      on_end();
      return;
    } else if (errno == EAGAIN || errno == EINTR) {
      return;
    } else {
      kill();
      return;
    }
  }
}

void TcpPeer::look_whether_gone(Time now) {
  if (!half_closed_ || over()) return;
  const std::uint64_t acked = acked_bytes(socket_);
  if (std::exchange(acked_, acked) != acked) took_ = now;
  if (now - took_ > host_.loop().config().half_closed_timeout) kill();
}

// False: something is left, or the connection is gone.
bool TcpPeer::flush() {
  while (!rest_.empty()) {
    const auto put = put_out(Bytes{rest_}.subspan(rest_from_));
    if (!put) return false;
    rest_from_ += *put;
    const bool all = rest_from_ == rest_.size();
    // Moved seldom, for it may be a large picture; dropped, for more may come behind it.
    if (all || rest_from_ > rest_.size() / 2) {
      rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(rest_from_));
      rest_from_ = 0;
    }
    if (!all) return false;
    rest_ = {};
  }
  return true;
}

// How much of it the socket took; nullopt: the connection is gone.
std::optional<std::size_t> TcpPeer::put_out(Bytes bytes) {
  std::size_t out = 0;
  while (out < bytes.size()) {
    const ssize_t put =
        send(socket_, bytes.data() + out, bytes.size() - out, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) {
      kill();
      return std::nullopt;
    }
    out += static_cast<std::size_t>(put);
  }
  return out;
}

Sent TcpPeer::write(Bytes bytes) {
  if (over() || finishing_) return Sent::gone;
  if (rest_.empty()) {
    const auto put = put_out(bytes);
    if (!put) return Sent::gone;
    bytes = bytes.subspan(*put);
    if (bytes.empty()) return Sent::all;
  }
  append(rest_, bytes);
  watch();
  return Sent::kept;
}

void TcpPeer::want_room() {
  wants_room_ = true;
  watch();
}

std::size_t TcpPeer::unsent_bytes() const {
  int queued = 0;
  if (!over()) ioctl(socket_, SIOCOUTQ, &queued);
  return rest_.size() - rest_from_ + static_cast<std::size_t>(queued);
}

void TcpPeer::finish() {
  if (over()) return;
  finishing_ = true;
  reading_ = false;
  watch();
}

void TcpPeer::kill() {
  if (over()) return;
  uv_close(reinterpret_cast<uv_handle_t*>(poll_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  poll_ = nullptr;
  ::close(std::exchange(socket_, -1));
  // The hub may be within a call about this peer: it is told afterwards.
  host_.reap();
}

}  // namespace framewire::relay
