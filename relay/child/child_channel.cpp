#include "relay/child/child_channel.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/base/assert.h"
#include "relay/child/watchable.h"

namespace framewire::relay {

Result<UniqueFd> ChildChannel::open(int send_buffer) {
  close();
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return fail(Errc::internal, fmt::format("no socket: {}", std::strerror(errno)));
  UniqueFd ours{pair[0]};
  UniqueFd theirs{pair[1]};
  if (!watchable(loop_, ours.get()))
    return fail(Errc::internal, fmt::format("no watch: {}", std::strerror(errno)));
  if (send_buffer > 0)
    (void)setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  socket_ = std::move(ours);
  poll_ = new uv_poll_t{};
  poll_->data = this;
  uv_poll_init(&loop_, poll_, socket_.get());
  return theirs;
}

void ChildChannel::close() {
  if (poll_) {
    uv_poll_stop(poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  }
  watched_ = 0;
  socket_.reset();
  pending_ = {};
  pending_from_ = 0;
}

void ChildChannel::watch(bool to_read, bool to_write) {
  if (!poll_) return;
  const int events =
      (to_read ? UV_READABLE : 0) | (to_write || pending_bytes() > 0 ? UV_WRITABLE : 0);
  if (events == std::exchange(watched_, events)) return;
  if (events == 0) {
    uv_poll_stop(poll_);
    return;
  }
  uv_poll_start(poll_, events, [](uv_poll_t* poll, int status, int happened) {
    static_cast<ChildChannel*>(poll->data)->ready_(status < 0 ? UV_READABLE : happened);
  });
}

std::optional<std::size_t> ChildChannel::send(Bytes bytes) {
  for (;;) {
    const ssize_t put =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put >= 0) return static_cast<std::size_t>(put);
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

Sent ChildChannel::write(Bytes bytes) {
  FW_ASSERT(pending_bytes() == 0);
  const auto sent = send(bytes);
  if (!sent) return Sent::gone;
  sent_bytes_ += *sent;
  if (*sent == bytes.size()) return Sent::all;
  pending_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(*sent), bytes.end());
  pending_from_ = 0;
  return Sent::kept;
}

bool ChildChannel::write_pending() {
  while (pending_bytes() > 0) {
    const auto sent = send(Bytes{pending_}.subspan(pending_from_));
    if (sent.value_or(0) == 0) return false;
    pending_from_ += *sent;
    sent_bytes_ += *sent;
  }
  pending_ = {};
  pending_from_ = 0;
  return true;
}

ChildChannel::Received ChildChannel::receive(std::span<std::byte> to) {
  for (;;) {
    const ssize_t got = recv(socket_.get(), to.data(), to.size(), MSG_DONTWAIT);
    if (got > 0) return {Got::bytes, to.first(static_cast<std::size_t>(got))};
    if (got < 0 && errno == EAGAIN) return {Got::nothing, {}};
    if (got == 0 || errno != EINTR) return {Got::closed, {}};
  }
}

}  // namespace framewire::relay
