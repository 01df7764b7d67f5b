#include "tools/bench/bench_reader.h"

#include <algorithm>
#include <cstring>

#include "ingest/wire/v1_header.h"

namespace framewire::bench {
namespace {

using EventKind = ReaderEvent::Kind;

constexpr std::size_t kTextRead = 128;  // enough to see a `skipped` whole
constexpr std::size_t kFrameMost = 1u << 30;

}  // namespace

Bytes StreamReader::stash(Bytes bytes) {
  const std::size_t n = std::min(bytes.size(), kStash - stashed_);
  std::memcpy(stash_.data() + stashed_, bytes.data(), n);
  stashed_ += n;
  return Bytes{stash_}.first(stashed_);
}

std::size_t StreamReader::fail(Bytes view) {
  broken_ = true;
  skip_ = 0;
  event_ = {};
  event_.kind = EventKind::broken;
  return view.size();
}

std::size_t StreamReader::parse(Bytes view) {
  if (wire_ == Wire::http) return parse_http(view);
  const auto head = read_ws_head(view);
  if (!head) return fail(view);
  if (!*head) return 0;
  const auto [opcode, at, length] = **head;
  if (length > kFrameMost) return fail(view);

  std::size_t v1_header = 0;
  std::size_t wanted = 0;
  if (opcode == WsOpcode::binary) {
    if (wire_ == Wire::v1) {
      if (length < kV1FieldBytes + lead_ + kPayloadHeader) return fail(view);
      if (view.size() < at + kV1FieldBytes) return 0;
      const auto v1 = read_v1_header(view.subspan(at), length);
      if (!v1) return fail(view);
      v1_header = v1->bytes;
    }
    wanted = v1_header + lead_ + kPayloadHeader;
    if (length < wanted) return fail(view);
  } else if (opcode == WsOpcode::text) {
    wanted = std::min<std::size_t>(length, kTextRead);
  } else {
    wanted = length;
  }
  if (view.size() < at + wanted) return 0;
  const Bytes start = view.subspan(at, wanted);
  if (opcode == WsOpcode::binary)
    take_data(start, v1_header);
  else
    take_control(opcode, start);
  if (broken_) return view.size();
  skip_ = static_cast<std::size_t>(length) - wanted;
  return at + wanted;
}

std::size_t StreamReader::parse_http(Bytes view) {
  const std::size_t wanted = lead_ + kPayloadHeader;
  if (view.size() < wanted) return 0;
  take_data(view.first(wanted), 0);
  if (broken_ || event_.header.size < wanted) return fail(view);
  skip_ = event_.header.size - wanted;
  return wanted;
}

void StreamReader::take_data(Bytes start, std::size_t v1_header) {
  const auto header = load_payload_header(start.subspan(v1_header + lead_));
  if (!header) {
    fail(start);
    return;
  }
  event_.kind = EventKind::message;
  event_.header = *header;
}

void StreamReader::take_control(WsOpcode opcode, Bytes payload) {
  event_ = {};
  if (opcode == WsOpcode::text || opcode == WsOpcode::pong) {
    const bool skip = as_text(payload).find("\"skipped\"") != std::string_view::npos;
    event_.kind = skip ? EventKind::skip : EventKind::text;
  } else if (opcode == WsOpcode::ping) {
    event_.kind = EventKind::ping;
    event_.control = payload;
  } else {
    event_.kind = EventKind::close;
    event_.close_code = payload.size() >= 2 ? load_be<std::uint16_t>(payload) : std::uint16_t{1005};
  }
}

}  // namespace framewire::bench
