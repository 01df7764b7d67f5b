#include "ingest/wire/ws_frame.h"

namespace framewire::relay {

void write_ws_header(std::byte* to, Opcode opcode, std::uint64_t payload_bytes) {
  to[0] = std::byte{0x80} | static_cast<std::byte>(opcode);
  switch (ws_header_size(payload_bytes)) {
    case 2:
      to[1] = static_cast<std::byte>(payload_bytes);
      break;
    case 4:
      to[1] = std::byte{126};
      store_be(to + 2, static_cast<std::uint16_t>(payload_bytes));
      break;
    default:
      to[1] = std::byte{127};
      store_be(to + 2, payload_bytes);
  }
}

void append_text_frame(Buffer& to, std::string_view text) {
  const std::size_t at = to.size();
  to.resize(at + ws_header_size(text.size()));
  write_ws_header(to.data() + at, Opcode::text, text.size());
  append(to, as_bytes(text));
}

WsFrame read_ws_frame(Bytes frames) {
  std::size_t head = 2;
  std::uint64_t size = std::to_integer<std::uint8_t>(frames[1]);
  if (size == 126) {
    size = load_be<std::uint16_t>(frames, 2);
    head = 4;
  } else if (size == 127) {
    size = load_be<std::uint64_t>(frames, 2);
    head = 10;
  }
  const auto bytes = static_cast<std::size_t>(size);
  const bool text = frames[0] == (std::byte{0x80} | static_cast<std::byte>(Opcode::text));
  return {text, frames.subspan(head, bytes), head + bytes};
}

}  // namespace framewire::relay
