#include "relay/http/chunked.h"

#include <fmt/format.h>

#include <algorithm>

namespace framewire::relay {
namespace {

constexpr unsigned kSizeDigits = 15;
constexpr unsigned kLineBytes = 4096;

// One alone might be a line end to somebody else.
bool is_control(std::uint8_t c) {
  return (c < ' ' && c != '\t') || c == 0x7f;
}

int hex_value(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<void> ChunkedDecoder::feed(Bytes& bytes, const std::function<void(Bytes)>& data) {
  while (!bytes.empty() && state_ != State::done) {
    if (state_ == State::data) {
      const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      const Bytes piece = bytes.first(run);
      bytes = bytes.subspan(run);
      offset_ += run;
      left_ -= run;
      if (left_ == 0) state_ = State::data_cr;
      data(piece);
      continue;
    }
    if (auto taken = step(std::to_integer<std::uint8_t>(bytes.front())); !taken) return taken;
    bytes = bytes.subspan(1);
    ++offset_;
  }
  return {};
}

Result<void> ChunkedDecoder::step(std::uint8_t byte) {
  const auto expect = [&](char wanted, State next) -> Result<void> {
    if (byte != static_cast<std::uint8_t>(wanted))
      return fail(Errc::protocol, fmt::format("byte {:#04x} in a chunk's line end", byte), offset_);
    state_ = next;
    return {};
  };
  switch (state_) {
    case State::size:
      return take_size_digit(byte);
    case State::size_blank:
      if (byte == ';')
        state_ = State::extension;
      else if (byte == '\r')
        state_ = State::size_lf;
      else if (byte != ' ' && byte != '\t')
        return fail(Errc::protocol, fmt::format("byte {:#04x} behind a chunk size", byte), offset_);
      return count_line_byte();
    case State::extension:
      if (byte == '\r')
        state_ = State::size_lf;
      else if (is_control(byte))
        return fail(Errc::protocol, fmt::format("byte {:#04x} in a chunk extension", byte),
                    offset_);
      return count_line_byte();
    case State::size_lf:
      digits_ = 0;
      line_bytes_ = 0;
      return expect('\n', left_ > 0 ? State::data : State::trailer);
    case State::data_cr:
      return expect('\r', State::data_lf);
    case State::data_lf:
      return expect('\n', State::size);
    case State::trailer:
      if (byte == '\r') {
        state_ = State::trailer_lf;
        return {};
      }
      if (is_control(byte))
        return fail(Errc::protocol, fmt::format("byte {:#04x} in a trailer", byte), offset_);
      line_empty_ = false;
      if (++line_bytes_ > kLineBytes)
        return fail(Errc::limit_exceeded, "trailers without end", offset_);
      return {};
    case State::trailer_lf: {
      const State next = line_empty_ ? State::done : State::trailer;
      line_empty_ = true;
      return expect('\n', next);
    }
    case State::data:
    case State::done:
      break;
  }
  return {};
}

Result<void> ChunkedDecoder::count_line_byte() {
  if (++line_bytes_ > kLineBytes)
    return fail(Errc::limit_exceeded, "a chunk extension without end", offset_);
  return {};
}

Result<void> ChunkedDecoder::take_size_digit(std::uint8_t byte) {
  if (digits_ == 0) left_ = 0;
  if (const int value = hex_value(byte); value >= 0) {
    if (++digits_ > kSizeDigits)
      return fail(Errc::limit_exceeded, "a chunk size without end", offset_);
    left_ = left_ * 16 + static_cast<unsigned>(value);
    return {};
  }
  if (digits_ == 0)
    return fail(Errc::protocol, fmt::format("byte {:#04x} for a chunk size", byte), offset_);
  if (byte == '\r') {
    state_ = State::size_lf;
  } else if (byte == ';') {
    state_ = State::extension;
  } else if (byte == ' ' || byte == '\t') {
    state_ = State::size_blank;
  } else {
    return fail(Errc::protocol, fmt::format("byte {:#04x} in a chunk size", byte), offset_);
  }
  return {};
}

}  // namespace framewire::relay
