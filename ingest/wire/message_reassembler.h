// Joins the ws frames (RFC 6455, section 5.4) of one message, in the pieces the transport hands
// over, within Limits. Holds at most one message.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/base/limits.h"

namespace framewire {

struct FragmentPiece {
  Bytes bytes;
  bool first_of_message = false;  // the first piece of the message's first ws frame
  bool first_of_frame = false;    // the first piece of any of its ws frames
  bool last_of_message = false;   // the last piece of its last ws frame
  bool text = false;              // the opcode of the message's first ws frame
  std::uint64_t to_come = 0;      // of this ws frame, as its header says
};

struct Message {
  Bytes bytes;  // valid until the next feed() or reset()
  bool text = false;
};

class MessageReassembler {
 public:
  explicit MessageReassembler(const Limits& limits) : limits_(limits) {}

  // The whole message when this piece ends it, nullopt when more is needed. A message that comes in
  // one piece is not copied. After an error only reset() helps.
  // Errc::limit_exceeded: Limits::message_bytes (text: text_bytes) or message_fragments, as soon as
  // it is known. Errc::protocol: a piece that continues no message, or starts one inside another.
  // Errc::bad_text: a text that is no UTF-8.
  Result<std::optional<Message>> feed(const FragmentPiece& piece);
  bool in_message() const { return in_message_; }
  // Memory that it holds now.
  std::size_t held_bytes() const { return held_.capacity(); }
  // The message handed out is used: what is large is given back, now and not with the next one.
  void release();
  void reset();

 private:
  Result<void> start_or_continue(const FragmentPiece& piece);
  Result<void> check_limits(const FragmentPiece& piece) const;

  Limits limits_;
  std::optional<Error> error_;
  Buffer held_;
  std::size_t fragments_ = 0;
  bool in_message_ = false;
  bool text_ = false;
  bool done_ = false;  // held_ is a message that was handed out
};

}  // namespace framewire
