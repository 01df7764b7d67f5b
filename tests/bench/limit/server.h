// The least that an epoll server can do for the same load: one thread; what a publisher sends in a
// turn is made into ws frames once, in the buffer that it was received in, and handed to send() for
// each viewer of the stream. No ring, no groups, no late join, no limits: a viewer keeps what its
// socket did not take. What framewire spends above this is the price of what it does more.
//
// /publish/X takes bare WebSocket messages, /live/X gives them to WebSocket and HTTP viewers.
// Thread: run()'s. Never ends but by a signal.
#pragma once
#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "frames.h"

namespace framewire::limit {

struct Stream {
  std::vector<Connection*> viewers;
  std::vector<Connection*> http_viewers;
};

class Server {
 public:
  // listener: bound, listening, non-blocking. tls: null = plain.
  Server(int listener, SSL_CTX* tls);
  void run();

 private:
  void accept_all();
  void on_event(Connection& connection, unsigned events);
  void greet(Connection& connection);
  void answer(Connection& connection, std::size_t head_end);
  void start_viewer(Connection& connection, std::vector<Connection*>& viewers);
  void take(Connection& publisher);
  void fan_out(Stream& stream);
  void drain_input(Connection& viewer);
  void end(Connection& connection);

  const int listener_;
  SSL_CTX* const tls_;
  const int epoll_;
  std::map<std::string, Stream, std::less<>> streams_;
  std::vector<Connection*> over_;  // deleted at the end of the turn
  std::vector<std::byte> scratch_;
  Batch batch_;
};

}  // namespace framewire::limit
