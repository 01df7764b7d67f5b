// Listening sockets, made by ourselves: libwebsockets binds "127.0.0.1" to all addresses when it
// was built with IPv6 (4.1.6, not 4.3.5), and shares a port only among threads of one context
// (both). Thread: open_listening_socket any; a Listener its loop's.
#pragma once
#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ingest/base/error.h"

namespace framewire::relay {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};

// A non-blocking listening socket, bound to exactly this address (checked with getsockname).
// shared: others of this process listen on the same port too (SO_REUSEPORT). The first of them must
// be opened with probe, which fails if anybody else has the port, as SO_REUSEPORT alone would not.
// Errors: Errc::refused with a sentence for people.
Result<int> open_listening_socket(const Endpoint& endpoint, bool probe);
// The port it got.
std::uint16_t bound_port(int socket);

class Listener {
 public:
  // accepted: a connected non-blocking socket, the caller's from then on, and its peer's address.
  using Accepted = std::function<void(int socket, std::string peer)>;
  // Takes the socket over.
  Listener(uv_loop_t& loop, int socket, Accepted accepted);
  ~Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  // Goes on after the system refused (no descriptor, no memory), which stops it: a socket that is
  // left readable would wake the loop for ever. Called now and then.
  void resume();
  // Takes no more connections. The loop must run once more before the Listener is destroyed.
  void close();

 private:
  void watch();
  void on_readable();
  int socket_;
  bool watching_ = false;
  bool failing_ = false;  // the last accept() was refused by the system
  uv_poll_t poll_{};
  Accepted accepted_;
};

}  // namespace framewire::relay
