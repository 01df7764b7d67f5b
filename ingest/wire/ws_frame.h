// ws frames (RFC 6455, section 5.2), their beginnings written and read. Here: a server's frames,
// unmasked and whole messages, so that the bytes are the same for every viewer and are made once.
// A client's, masked and in fragments, are read by ws_reader.h.
//
//   +--------+--------+----------------+-------------------+---------+
//   |1000 op |m  len7 | len16 or len64 | key (4), if m = 1 | payload |
//   +--------+--------+----------------+-------------------+---------+
//
// Pure, without allocation but where a Buffer is given. Thread: any. Lifetime: views last as long
// as the bytes that were read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire {

enum class WsOpcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa
};
constexpr bool is_control(WsOpcode opcode) {
  return opcode >= WsOpcode::close;
}
constexpr bool is_known(WsOpcode opcode) {
  return opcode <= WsOpcode::binary || (is_control(opcode) && opcode <= WsOpcode::pong);
}

constexpr std::size_t kMostWsControl = 125;  // payload bytes of a control frame
constexpr std::size_t kWsKeyBytes = 4;

// ---- writing

// 2, 4 or 10 bytes.
constexpr std::size_t ws_header_size(std::uint64_t payload_bytes) {
  return payload_bytes < 126 ? 2 : payload_bytes < 65536 ? 4 : 10;
}
// Writes ws_header_size(payload_bytes) bytes.
void write_ws_header(std::byte* to, WsOpcode opcode, std::uint64_t payload_bytes);

// Appends a whole frame.
void append_ws_frame(Buffer& to, WsOpcode opcode, Bytes payload);
inline void append_text_frame(Buffer& to, std::string_view text) {
  append_ws_frame(to, WsOpcode::text, as_bytes(text));
}

// Appends the header of a client's frame. Its key is 0, so the payload follows as it is.
void append_client_ws_header(Buffer& to, WsOpcode opcode, std::uint64_t payload_bytes);

// ---- reading

// Of a header without its key, as its second byte says: 2, 4 or 10.
constexpr std::size_t ws_header_bytes(std::byte second) {
  const unsigned length = std::to_integer<unsigned>(second) & 0x7fu;
  return length < 126 ? 2 : length == 126 ? 4 : 10;
}
// What the header says of its payload. header: ws_header_bytes() of it at least.
constexpr std::uint64_t ws_payload_bytes(Bytes header) {
  const unsigned length = std::to_integer<unsigned>(header[1]) & 0x7fu;
  return length < 126    ? length
         : length == 126 ? load_be<std::uint16_t>(header, 2)
                         : load_be<std::uint64_t>(header, 2);
}

struct WsHead {
  WsOpcode opcode = WsOpcode::binary;
  std::size_t header_bytes = 0;
  std::uint64_t payload_bytes = 0;
};
// Of a server's frame that begins here. nullopt: more bytes are needed. Errc::protocol for what our
// server does not send: fragments, a mask, reserved bits and opcodes, a long control frame.
Result<std::optional<WsHead>> read_ws_head(Bytes bytes);

// The first of the whole frames in bytes that we have written ourselves, which is asserted.
struct WsFrame {
  WsOpcode opcode = WsOpcode::binary;
  Bytes payload;
};
WsFrame take_ws_frame(Bytes& frames);

}  // namespace framewire
