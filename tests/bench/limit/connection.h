// A connection of the reference: its descriptor, its TLS state, and what its socket did not take.
// TLS records are gathered in one buffer that all connections share and leave in one send().
// Thread: one.
#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace framewire::limit {

struct Stream;

class Connection {
 public:
  enum class Kind : std::uint8_t { greeting, publisher, viewer, http_viewer };

  // tls: null = plain.
  Connection(int fd, SSL_CTX* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  // Bytes read, 0 = none now, -1 = it is over.
  std::ptrdiff_t read(std::span<std::byte> to);
  // Sends at once, and keeps what is not taken. Drops it all while more than kRestMost is kept.
  // False: it is over.
  bool send(std::span<const std::byte> bytes);
  // The socket has room again.
  bool send_rest();

  Kind kind = Kind::greeting;
  std::string request;
  Stream* stream = nullptr;
  std::size_t index = 0;            // among the viewers of its stream
  std::vector<std::byte> received;  // publisher: what is not yet a whole message is its front
  std::size_t received_bytes = 0;
  bool over = false;

 private:
  bool send_plain(std::span<const std::byte> bytes);
  bool finish_tls_write();

  const int fd_;
  SSL* ssl_ = nullptr;
  std::vector<std::byte> rest_;
  std::size_t rest_sent_ = 0;
};

}  // namespace framewire::limit
