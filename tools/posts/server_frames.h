// A server's ws frames (RFC 6455, section 5.2) out of a body that comes in any pieces: texts and
// control frames, as a publisher is sent them. Sans-I/O. Thread: one.
// Errors: Errc::protocol for what our server does not send, Errc::limit_exceeded past kMostFrame;
// after one nothing more is read.
#pragma once
#include <optional>

#include "ingest/wire/ws_frame.h"

namespace framewire::cli {

class ServerFrames {
 public:
  static constexpr std::size_t kMostFrame = 1u << 20;  // its payload

  void feed(Bytes bytes);
  // Its payload is good until the next call of either. nullopt: more bytes are needed.
  Result<std::optional<WsFrame>> next();

 private:
  Buffer held_;
  std::size_t read_ = 0;  // of held_
};

}  // namespace framewire::cli
