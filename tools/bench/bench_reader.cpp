#include "tools/bench/bench_reader.h"

#include <algorithm>
#include <cstring>

namespace framewire::bench {
namespace {

using Kind = ReaderEvent::Kind;

constexpr unsigned kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;
constexpr std::size_t kV1HeaderLeast = 32, kV1HeaderMost = 42;
constexpr std::size_t kTextRead = 128;  // enough to see a `skipped` whole
constexpr std::size_t kMessageMost = 1u << 30;

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
  event_.kind = Kind::broken;
  return view.size();
}

std::size_t StreamReader::parse(Bytes view) {
  if (wire_ == Wire::http) return parse_http(view);
  if (view.size() < 2) return 0;
  const unsigned first = std::to_integer<unsigned>(view[0]);
  std::uint64_t length = std::to_integer<unsigned>(view[1]);
  const unsigned opcode = first & 15;
  if ((first & 0xf0) != 0x80 || length > 127) return fail(view);
  std::size_t at = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (view.size() < at) return 0;
  if (at == 4) length = load_be<std::uint16_t>(view, 2);
  if (at == 10) length = load_be<std::uint64_t>(view, 2);
  if (length > kMessageMost) return fail(view);

  std::size_t v1_header = 0;
  std::size_t wanted = 0;
  if (opcode == kBinary) {
    if (wire_ == Wire::v1) {
      if (length < kV1HeaderLeast + lead_ + kPayloadHeader) return fail(view);
      if (view.size() < at + 3) return 0;
      v1_header = std::to_integer<std::size_t>(view[at + 2]);
      if (v1_header < kV1HeaderLeast || v1_header > kV1HeaderMost) return fail(view);
    }
    wanted = v1_header + lead_ + kPayloadHeader;
    if (length < wanted) return fail(view);
  } else if (opcode == kText) {
    wanted = std::min<std::size_t>(length, kTextRead);
  } else if (opcode == kClose || opcode == kPing || opcode == kPong) {
    if (length > 125) return fail(view);
    wanted = length;
  } else {
    return fail(view);
  }
  if (view.size() < at + wanted) return 0;
  const Bytes start = view.subspan(at, wanted);
  if (opcode == kBinary)
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
  event_.kind = Kind::message;
  event_.header = *header;
}

void StreamReader::take_control(unsigned opcode, Bytes payload) {
  event_ = {};
  if (opcode == kText || opcode == kPong) {
    const bool skip = as_text(payload).find("\"skipped\"") != std::string_view::npos;
    event_.kind = skip ? Kind::skip : Kind::text;
  } else if (opcode == kPing) {
    event_.kind = Kind::ping;
    event_.control = payload;
  } else {
    event_.kind = Kind::close;
    event_.close_code = payload.size() >= 2 ? load_be<std::uint16_t>(payload) : std::uint16_t{1005};
  }
}

}  // namespace framewire::bench
