// What one connection is being used for: a WebSocket, or one HTTP request after another. The
// Connection reads, and calls these; a session answers by way of it. Thread: its loop's. Lifetime:
// owned by the Connection.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/wire/message_reassembler.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class Session {
 public:
  virtual ~Session() = default;
  virtual void on_open() = 0;
  // WebSocket: a piece of a message, in order.
  virtual void on_receive(const FragmentPiece&) {}
  // WebSocket: what came is no ws frame of RFC 6455, so that nothing more can be read: say so,
  // close.
  virtual void on_broken(const Error&) {}
  // WebSocket: the peer's close frame came; code 1005 = it named none. on_gone follows.
  virtual void on_peer_close(std::uint16_t /*code*/) {}
  // HTTP: a piece of the request's body, decoded; the last one was given.
  virtual void on_body(Bytes) {}
  virtual void on_body_end() {}
  // HTTP: nothing was answered yet, and will not be before the body has come.
  virtual bool awaits_body() const { return false; }
  // The socket has room again and has taken everything written before.
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
