#include "relay/server/body_tap.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace framewire::relay {
namespace {
constexpr std::size_t kReadBytes = 64u << 10;
constexpr int kReadsPerTurn = 8;
}  // namespace

BodyTap* BodyTap::open(uv_loop_t& loop, lws* wsi, std::function<void(Bytes)> data) {
  auto* tap = new BodyTap(wsi, std::move(data));
  tap->socket_ = dup(lws_get_socket_fd(wsi));
  uv_poll_init(&loop, &tap->poll_, tap->socket_);
  tap->poll_.data = tap;
  // Writable too, so that it looks at once: TLS may hold bytes that the socket has given already.
  tap->watch(UV_READABLE | UV_WRITABLE);
  return tap;
}

void BodyTap::watch(int events) {
  uv_poll_start(&poll_, events, [](uv_poll_t* poll, int, int) {
    static_cast<BodyTap*>(poll->data)->on_readable();
  });
}

void BodyTap::close() {
  if (closed_) return;
  closed_ = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* handle) {
    auto* tap = static_cast<BodyTap*>(handle->data);
    ::close(tap->socket_);
    delete tap;
  });
}

// Above 0: bytes; 0: the end; below: try later.
std::ptrdiff_t BodyTap::read(std::byte* to, std::size_t size) {
  if (SSL* ssl = lws_get_ssl(wsi_)) {
    const int got = SSL_read(ssl, to, static_cast<int>(size));
    if (got > 0) return got;
    const int error = SSL_get_error(ssl, got);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? -1 : 0;
  }
  const auto got = recv(socket_, to, size, 0);
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? -1 : std::max<std::ptrdiff_t>(got, 0);
}

void BodyTap::on_readable() {
  if (!std::exchange(looked_, true)) watch(UV_READABLE);
  static thread_local std::array<std::byte, kReadBytes> buffer;
  for (int i = 0; i < kReadsPerTurn && !closed_; ++i) {
    const std::ptrdiff_t got = read(buffer.data(), buffer.size());
    if (got < 0) return;
    data_(Bytes{buffer}.first(static_cast<std::size_t>(got)));
    if (got == 0) return;
  }
}

}  // namespace framewire::relay
