#include "tools/bench/bench_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace framewire::bench {
namespace {

Io io_of(ssize_t result, std::size_t& count) {
  if (result > 0) {
    count = static_cast<std::size_t>(result);
    return Io::done;
  }
  return result < 0 && (errno == EAGAIN || errno == EINTR) ? Io::again : Io::closed;
}

int int_size(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

SslContext make_client_context() {
  SslContext context{SSL_CTX_new(TLS_client_method())};
  if (!context) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Target target_of(const cli::Address& address) {
  Target target;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&target.address);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&target.address);
  if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    target.length = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    target.length = sizeof(sockaddr_in6);
  }
  return target;
}

bool Socket::open(const Target& target, SSL_CTX* tls, std::size_t receive_buffer) {
  fd_ = ::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (const int size = int_size(receive_buffer); size != 0)
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&target.address), target.length) != 0 &&
      errno != EINPROGRESS)
    return false;
  if (tls) {
    ssl_.reset(SSL_new(tls));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) return false;
    SSL_set_connect_state(ssl_.get());
  }
  return true;
}

void Socket::close() {
  ssl_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Io Socket::establish() {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return Io::closed;
    connected_ = true;
  }
  wants_write_ = false;
  return ssl_ ? tls_result(SSL_do_handshake(ssl_.get())) : Io::done;
}

Io Socket::tls_result(int result) {
  if (result > 0) return Io::done;
  const int error = SSL_get_error(ssl_.get(), result);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Io::again;
  ERR_clear_error();
  return Io::closed;
}

Io Socket::read(std::span<std::byte> to, std::size_t& count) {
  if (!ssl_) return io_of(::recv(fd_, to.data(), to.size(), 0), count);
  const int result = SSL_read(ssl_.get(), to.data(), int_size(to.size()));
  if (result > 0) count = static_cast<std::size_t>(result);
  return tls_result(result);
}

Io Socket::discard(std::size_t most, std::size_t& count) {
  return io_of(::recv(fd_, nullptr, most, MSG_TRUNC), count);
}

Io Socket::write(Bytes bytes, std::size_t& count) {
  if (!ssl_) return io_of(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), count);
  const int result = SSL_write(ssl_.get(), bytes.data(), int_size(bytes.size()));
  if (result > 0) count = static_cast<std::size_t>(result);
  return tls_result(result);
}

}  // namespace framewire::bench
