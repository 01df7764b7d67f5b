#include "ingest/wire/ws_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "ingest/base/try.h"
#include "ingest/base/utf8.h"

namespace framewire {
namespace {

unsigned number(std::byte b) {
  return std::to_integer<unsigned>(b);
}

WsOpcode opcode_of(std::byte first) {
  return static_cast<WsOpcode>(first & std::byte{0x0f});
}

// key: its first byte is for the first of data.
void unmask(std::span<std::byte> data, const std::array<std::byte, 4>& key) {
  std::uint32_t once = 0;
  std::memcpy(&once, key.data(), sizeof once);
  const std::uint64_t twice = (static_cast<std::uint64_t>(once) << 32) | once;
  std::size_t i = 0;
  for (; i + sizeof twice <= data.size(); i += sizeof twice) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + i, sizeof word);
    word ^= twice;
    std::memcpy(data.data() + i, &word, sizeof word);
  }
  for (; i < data.size(); ++i) data[i] ^= key[i % 4];
}

// RFC 6455, section 7.4, and the codes that IANA has given since.
bool may_close_with(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

tl::unexpected<Error> WsReader::wrong(std::string what) const {
  return fail(Errc::protocol, std::move(what), offset_);
}

Result<std::optional<WsEvent>> WsReader::next(std::span<std::byte>& bytes) {
  if (!in_frame_) {
    ASSIGN_OR_RETURN(const auto whole, read_header(bytes));
    if (!whole) return std::nullopt;
  }
  if (is_control(opcode_of(header_[0]))) return read_control(bytes);
  if (bytes.empty() && left_ > 0) return std::nullopt;
  return std::optional{read_piece(bytes)};
}

Result<bool> WsReader::read_header(std::span<std::byte>& bytes) {
  const auto has = [&](std::size_t needed) {
    const std::size_t run = std::min(needed - header_size_, bytes.size());
    std::copy_n(bytes.begin(), run, header_.begin() + header_size_);
    bytes = bytes.subspan(run);
    header_size_ = static_cast<std::uint8_t>(header_size_ + run);
    return header_size_ == needed;
  };
  if (header_size_ < 2) {
    if (!has(2)) return false;
    RETURN_IF_ERROR(judge_first_bytes());
  }
  const std::size_t needed = ws_header_bytes(header_[1]) + kWsKeyBytes;
  if (!has(needed)) return false;
  RETURN_IF_ERROR(open_frame(needed));
  return true;
}

Result<void> WsReader::judge_first_bytes() const {
  const WsOpcode opcode = opcode_of(header_[0]);
  const bool fin = (number(header_[0]) & 0x80u) != 0;
  if ((number(header_[0]) & 0x70u) != 0) return wrong("a reserved bit is set in a ws frame");
  if (!is_known(opcode))
    return wrong(
        fmt::format("a ws frame of the reserved opcode {}", static_cast<unsigned>(opcode)));
  if ((number(header_[1]) & 0x80u) == 0) return wrong("a ws frame of a client that is not masked");
  if (is_control(opcode)) {
    if (!fin) return wrong("a control frame in fragments");
    if ((number(header_[1]) & 0x7fu) > kMostWsControl)
      return wrong("a control frame of more than 125 bytes");
  } else if (opcode == WsOpcode::continuation) {
    if (!in_message_) return wrong("a continuation without a message before it");
  } else if (in_message_) {
    return wrong("a message starts inside another");
  }
  return {};
}

Result<void> WsReader::open_frame(std::size_t header_bytes) {
  size_ = ws_payload_bytes(header_);
  if (ws_header_size(size_) + kWsKeyBytes != header_bytes)
    return wrong("a ws frame's length is not in its shortest form");
  if (size_ >> 63 != 0) return wrong("a ws frame's length has its highest bit set");
  left_ = size_;
  in_frame_ = true;
  frame_begins_ = true;
  const WsOpcode opcode = opcode_of(header_[0]);
  if (opcode != WsOpcode::continuation && !is_control(opcode)) text_ = opcode == WsOpcode::text;
  return {};
}

// payload: what comes next of the frame. left_ still has it.
void WsReader::unmask_next(std::span<std::byte> payload) const {
  std::array<std::byte, kWsKeyBytes> key{};
  const std::size_t at = header_size_ - kWsKeyBytes;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = header_[at + (size_ - left_ + i) % 4];
  unmask(payload, key);
}

WsEvent WsReader::read_piece(std::span<std::byte>& bytes) {
  const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const std::span<std::byte> payload = bytes.first(run);
  unmask_next(payload);
  bytes = bytes.subspan(run);
  left_ -= run;
  const bool fin = (number(header_[0]) & 0x80u) != 0;
  WsEvent event;
  event.piece.bytes = payload;
  event.piece.first_of_frame = std::exchange(frame_begins_, false);
  event.piece.first_of_message =
      event.piece.first_of_frame && opcode_of(header_[0]) != WsOpcode::continuation;
  event.piece.last_of_message = fin && left_ == 0;
  event.piece.text = text_;
  event.piece.to_come = left_;
  in_message_ = !event.piece.last_of_message;
  if (left_ == 0) {
    offset_ += header_size_ + size_;
    in_frame_ = false;
    header_size_ = 0;
  }
  return event;
}

Result<std::optional<WsEvent>> WsReader::read_control(std::span<std::byte>& bytes) {
  if (std::exchange(frame_begins_, false)) control_.reset();
  const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const std::span<std::byte> payload = bytes.first(run);
  unmask_next(payload);
  bytes = bytes.subspan(run);
  left_ -= run;
  WsEvent event;
  event.payload = payload;
  if (left_ > 0 || run < size_) {
    if (!control_) control_ = std::make_unique<Buffer>();
    append(*control_, payload);
    event.payload = *control_;
  }
  if (left_ > 0) return std::nullopt;
  const WsOpcode opcode = opcode_of(header_[0]);
  event.kind = opcode == WsOpcode::close  ? WsEvent::Kind::close
               : opcode == WsOpcode::ping ? WsEvent::Kind::ping
                                          : WsEvent::Kind::pong;
  if (event.kind == WsEvent::Kind::close) RETURN_IF_ERROR(judge_close(event.payload));
  offset_ += header_size_ + size_;
  in_frame_ = false;
  header_size_ = 0;
  return std::optional{event};
}

Result<void> WsReader::judge_close(Bytes payload) const {
  if (payload.empty()) return {};
  if (payload.size() == 1) return wrong("a close frame with half a code");
  const auto code = load_be<std::uint16_t>(payload);
  if (!may_close_with(code)) return wrong(fmt::format("a close frame with the code {}", code));
  if (!is_utf8(payload.subspan(2)))
    return fail(Errc::bad_text, "a close reason that is no UTF-8", offset_);
  return {};
}

}  // namespace framewire
