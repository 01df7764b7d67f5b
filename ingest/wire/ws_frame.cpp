#include "ingest/wire/ws_frame.h"

#include <fmt/format.h>

#include "ingest/base/assert.h"

namespace framewire {
namespace {

constexpr std::byte kFin{0x80};
constexpr std::byte kMask{0x80};

}  // namespace

void write_ws_header(std::byte* to, WsOpcode opcode, std::uint64_t payload_bytes) {
  to[0] = kFin | static_cast<std::byte>(opcode);
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

void append_ws_frame(Buffer& to, WsOpcode opcode, Bytes payload) {
  const std::size_t at = to.size();
  to.resize(at + ws_header_size(payload.size()));
  write_ws_header(to.data() + at, opcode, payload.size());
  append(to, payload);
}

void append_client_ws_header(Buffer& to, WsOpcode opcode, std::uint64_t payload_bytes) {
  const std::size_t at = to.size();
  to.resize(at + ws_header_size(payload_bytes) + kWsKeyBytes);
  write_ws_header(to.data() + at, opcode, payload_bytes);
  to[at + 1] |= kMask;
}

Result<std::optional<WsHead>> read_ws_head(Bytes bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto opcode = static_cast<WsOpcode>(bytes[0] & std::byte{0x0f});
  if ((bytes[0] & std::byte{0xf0}) != kFin || !is_known(opcode) ||
      opcode == WsOpcode::continuation || (bytes[1] & kMask) != std::byte{0})
    return fail(Errc::protocol, fmt::format("a ws frame that begins with {:02x} {:02x}",
                                            std::to_integer<unsigned>(bytes[0]),
                                            std::to_integer<unsigned>(bytes[1])));
  const std::size_t header_bytes = ws_header_bytes(bytes[1]);
  if (bytes.size() < header_bytes) return std::nullopt;
  const WsHead head{opcode, header_bytes, ws_payload_bytes(bytes)};
  if (is_control(opcode) && head.payload_bytes > kMostWsControl)
    return fail(Errc::protocol, fmt::format("a control frame of {} bytes", head.payload_bytes));
  return head;
}

WsFrame take_ws_frame(Bytes& frames) {
  const auto head = read_ws_head(frames);
  FW_ASSERT(head && *head && (*head)->payload_bytes <= frames.size() - (*head)->header_bytes);
  const WsFrame frame{
      (*head)->opcode,
      frames.subspan((*head)->header_bytes, static_cast<std::size_t>((*head)->payload_bytes))};
  frames = frames.subspan((*head)->header_bytes + frame.payload.size());
  return frame;
}

}  // namespace framewire
