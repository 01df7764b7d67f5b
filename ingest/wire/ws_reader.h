// Reads a client's ws frames (RFC 6455, section 5): each masked, no reserved bit, lengths in their
// shortest form, control frames whole and of 125 bytes at most.
//
//   | fin rsv op | mask len7 | len16 or len64 | key (4) | payload, masked | next frame ...
//
// Sans-I/O: fed in any pieces. Payloads are unmasked in place, so what is fed must be writable; no
// data frame is copied, joined or bounded here (ingest/wire/message_reassembler.h does that).
// Thread: its connection's loop.
// Errors: Errc::protocol (1002), or Errc::bad_text (1007) for a close reason that is no UTF-8, with
// the byte's offset in all that was fed; after one only a new reader helps.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/wire/message_reassembler.h"
#include "ingest/wire/ws_frame.h"

namespace framewire {

struct WsEvent {
  enum class Kind : std::uint8_t { piece, ping, pong, close };
  Kind kind = Kind::piece;
  FragmentPiece piece;
  Bytes payload;  // of a control frame
};

class WsReader {
 public:
  // The next piece of a message or whole control frame, taken from the front of `bytes`; what it
  // views stays good until the next call. nullopt: all of `bytes` is taken, and more is needed.
  Result<std::optional<WsEvent>> next(std::span<std::byte>& bytes);

 private:
  static constexpr std::size_t kMostHeader = 14;

  Result<bool> read_header(std::span<std::byte>& bytes);
  Result<void> judge_first_bytes() const;
  Result<void> open_frame(std::size_t size);
  Result<std::optional<WsEvent>> read_control(std::span<std::byte>& bytes);
  WsEvent read_piece(std::span<std::byte>& bytes);
  void unmask_next(std::span<std::byte> payload) const;
  Result<void> judge_close(Bytes payload) const;
  tl::unexpected<Error> wrong(std::string what) const;

  std::uint64_t offset_ = 0;         // of the frame that is being read
  std::uint64_t size_ = 0;           // of its payload
  std::uint64_t left_ = 0;           // of it, still to come
  std::unique_ptr<Buffer> control_;  // of a control frame that comes in pieces: hardly one does
  bool in_frame_ = false;            // its header is read
  bool frame_begins_ = false;        // no piece of it was given yet
  bool in_message_ = false;
  bool text_ = false;
  std::uint8_t header_size_ = 0;                 // bytes of the header that have come
  std::array<std::byte, kMostHeader> header_{};  // its last four are the key
};

// Each WebSocket has one, which idles mostly.
static_assert(sizeof(void*) != 8 || sizeof(WsReader) <= 56);

}  // namespace framewire
