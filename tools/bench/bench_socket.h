// A TCP connection to the server under load, non-blocking, with TLS or without. The certificate is
// not checked: only addresses of this machine are loaded.
// Thread: one. Lifetime: closes its descriptor; the SSL_CTX outlives it.
#pragma once
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <span>

#include "ingest/base/bytes.h"
#include "tools/base/option_values.h"

namespace framewire::bench {

struct SslContextDelete {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDelete>;
SslContext make_client_context();  // null: OpenSSL has none

struct Target {
  sockaddr_storage address{};
  socklen_t length = 0;
};
Target target_of(const cli::Address& address);

enum class Io : std::uint8_t { done, again, closed };

class Socket {
 public:
  Socket() = default;
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // receive_buffer: SO_RCVBUF, 0 = the system's. False: no descriptor, or refused at once.
  bool open(const Target& target, SSL_CTX* tls, std::size_t receive_buffer);
  void close();
  int fd() const { return fd_; }

  // Goes on with the connect and the TLS handshake; again: wait for wants_write() or reading.
  Io establish();
  bool wants_write() const { return wants_write_; }

  // done: `count` bytes, at least one. Through TLS at most one record's.
  Io read(std::span<std::byte> to, std::size_t& count);
  // Drops up to `most` bytes in the kernel, uncopied; only without TLS.
  Io discard(std::size_t most, std::size_t& count);
  bool can_discard() const { return !ssl_; }
  Io write(Bytes bytes, std::size_t& count);

 private:
  struct SslDelete {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Io tls_result(int result);

  int fd_ = -1;
  bool connected_ = false;
  bool wants_write_ = true;
  std::unique_ptr<SSL, SslDelete> ssl_;
};

}  // namespace framewire::bench
