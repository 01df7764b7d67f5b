// What one connection is being used for: a WebSocket, or one HTTP request after another. The
// adapter turns libwebsockets callbacks into these calls; a session answers by way of its
// Connection. Thread: its loop's. Lifetime: owned by the Connection.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/message_reassembler.h"
#include "relay/clock.h"

namespace framewire::relay {

class Session {
 public:
  virtual ~Session() = default;
  virtual void on_open() = 0;
  // WebSocket: a piece of a message, in order.
  virtual void on_receive(const FragmentPiece&) {}
  // WebSocket: the peer's close frame came; code 1005 = it named none. on_gone follows.
  virtual void on_peer_close(std::uint16_t /*code*/) {}
  // HTTP: a piece of the request's body; the last one.
  virtual void on_body(Bytes) {}
  virtual void on_body_end() {}
  // The socket has room again and everything written before has left libwebsockets.
  virtual void on_writeable() {}
  // The connection is gone; the session is destroyed next.
  virtual void on_gone() {}
  // Once a second.
  virtual void tick(Time) {}
  // A ping now would fall into a message that is coming in (Firefox then leaks bufferedAmount).
  virtual bool quiet_for_ping() const { return true; }
  // The server stops: say so and end.
  virtual void drain() = 0;
};

}  // namespace framewire::relay
