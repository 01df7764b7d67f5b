// What a viewer receives, told apart into messages without copying or looking at their payloads:
// ws frames (RFC 6455, section 5.2) of the bare mode and of framewire.v1, or an HTTP body whose
// messages say their own size. Only the first bytes of each message are read.
//
//   server to client:  |1000 op |0  len7 | len16 or len64 | [v1 header, H bytes] | [lead] |
//   bench_payload.h
//
// Sans-I/O. Keeps at most kStash bytes. Thread: one.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/wire/ws_frame.h"
#include "tools/bench/bench_payload.h"

namespace framewire::bench {

enum class Wire : std::uint8_t { bare, v1, http };

struct ReaderEvent {
  enum class Kind : std::uint8_t {
    message,  // its last byte has come; `header` is its first
    skip,     // framewire.v1: the server says that it left out a run of messages
    text,     // any other text
    ping,     // `control` is to be sent back
    close,    // `close_code`
    broken,   // not what a server may send; nothing is read any more
  } kind = Kind::message;
  PayloadHeader header;
  Bytes control;  // valid during the call
  std::uint16_t close_code = 0;
};

class StreamReader {
 public:
  // lead: bytes of a message before its payload header (bench_content.h).
  explicit StreamReader(Wire wire, std::size_t lead = 0) : wire_(wire), lead_(lead) {}

  // f(const ReaderEvent&) for each event, in order.
  template <class F>
  void feed(Bytes bytes, F&& f) {
    while (!bytes.empty() && !broken_) {
      if (skip_ > 0) {
        const std::size_t n = bytes.size() < skip_ ? bytes.size() : skip_;
        bytes = bytes.subspan(n);
        if ((skip_ -= n) == 0) f(event_);
        continue;
      }
      const std::size_t before = stashed_;
      const Bytes view = before == 0 ? bytes : stash(bytes);
      const std::size_t used = parse(view);
      if (used == 0) {
        if (before == 0) stash(bytes);
        return;
      }
      stashed_ = 0;
      bytes = bytes.subspan(used - before);
      if (skip_ == 0) f(event_);
    }
  }

  // Payload bytes of the current message still to come: they need not be handed to feed().
  std::size_t skippable() const { return skip_; }
  // n of them, at most skippable(), were thrown away.
  template <class F>
  void skipped(std::size_t n, F&& f) {
    if (n != 0 && (skip_ -= n) == 0) f(event_);
  }

 private:
  static constexpr std::size_t kStash =
      256;  // above the longest header with what is read behind it

  Bytes stash(Bytes bytes);
  // Reads a message's beginning: sets event_ and skip_ and gives the bytes used; 0 = more needed.
  std::size_t parse(Bytes view);
  std::size_t parse_http(Bytes view);
  void take_data(Bytes start, std::size_t v1_header);
  void take_control(WsOpcode opcode, Bytes payload);
  std::size_t fail(Bytes view);

  const Wire wire_;
  const std::size_t lead_;
  bool broken_ = false;
  std::size_t skip_ = 0;
  ReaderEvent event_;
  std::size_t stashed_ = 0;
  std::array<std::byte, kStash> stash_{};
};

}  // namespace framewire::bench
