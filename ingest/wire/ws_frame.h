// Server-to-client ws frames (RFC 6455, section 5.2): FIN set, unmasked, so the bytes are the same
// for every viewer and can be made once.
//
//   +--------+--------+----------------+---------+
//   |1000 op |0  len7 | len16 or len64 | payload |
//   +--------+--------+----------------+---------+
#pragma once
#include <cstddef>
#include <string_view>

#include "ingest/base/bytes.h"

namespace framewire::relay {

enum class Opcode : std::uint8_t { text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xa };

constexpr std::size_t kMaxWsHeader = 10;

// 2, 4 or 10 bytes.
constexpr std::size_t ws_header_size(std::uint64_t payload_bytes) {
  return payload_bytes < 126 ? 2 : payload_bytes < 65536 ? 4 : 10;
}
// Writes ws_header_size(payload_bytes) bytes.
void write_ws_header(std::byte* to, Opcode opcode, std::uint64_t payload_bytes);

// Appends a whole text frame.
void append_text_frame(Buffer& to, std::string_view text);

// The first of the whole frames in bytes that we have written ourselves.
struct WsFrame {
  bool text = false;  // else binary
  Bytes payload;
  std::size_t bytes = 0;  // of the frame
};
WsFrame read_ws_frame(Bytes frames);

}  // namespace framewire::relay
