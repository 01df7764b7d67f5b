// The binary header of framewire.v1, big-endian:
//
//   | kind | flags | H | 0 | epoch (4) | sequence (8) | pts (8) | clock (8) | skipped, to H |
//   payload
//
// Between 32 and H a server has the ws header of the bare form, and a lossless capture's publisher
// its hash. Pure, without allocation. Thread: any. Lifetime: views last as long as the message.
// Errors: Errc::protocol, offset 0. Source: PROTOCOL.md, "The framewire.v1 binary header".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire {

constexpr std::size_t kV1FieldBytes = 32;
constexpr std::size_t kV1MostHeaderBytes = 42;
constexpr std::size_t kV1FlagsAt = 1;

// sound: beside the frames of a lossless capture, from its publisher.
enum class V1Kind : std::uint8_t { init = 1, media = 2, sound = 3 };
constexpr std::byte kV1GroupStart{1};
constexpr std::byte kV1LeadIn{2};        // decode, don't show
constexpr std::byte kV1More{4};          // of a publisher: the frame goes on in the next message
constexpr std::byte kV1JoinersOnly{16};  // an init that the published bytes do not hold here
constexpr std::byte kV1Captured{8};      // the clock is that of the capture, in the server's time

struct V1Header {
  V1Kind kind = V1Kind::media;
  std::byte flags{};
  std::uint8_t bytes = kV1FieldBytes;  // H
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  std::int64_t pts_us = 0;    // in a lossless capture the number of the frame, or of the sample
  std::int64_t clock_us = 0;  // since 1970: received by the server, or captured(). 0: unknown

  bool is_init() const { return kind == V1Kind::init; }
  bool group_start() const { return (flags & kV1GroupStart) != std::byte{0}; }
  bool captured() const { return (flags & kV1Captured) != std::byte{0}; }
  bool joiners_only() const { return (flags & kV1JoinersOnly) != std::byte{0}; }
  bool lead_in() const { return (flags & kV1LeadIn) != std::byte{0}; }
  bool more() const { return (flags & kV1More) != std::byte{0}; }
};

// Writes the 32 bytes of the fields.
void write_v1_header(std::byte* to, const V1Header& header);

// start: the message, or its first 32 bytes at least; message_bytes: of all of it.
Result<V1Header> read_v1_header(Bytes start, std::uint64_t message_bytes);
inline Result<V1Header> read_v1_header(Bytes message) {
  return read_v1_header(message, message.size());
}

// What a server sends: an init segment or media.
struct V1Part {
  V1Header header;
  Bytes payload;
};
Result<V1Part> read_v1_part(Bytes message);

// Of a publisher's message in a lossless capture: the XXH32 of the frame. nullopt: it has none.
std::optional<std::uint32_t> v1_frame_hash(Bytes message, const V1Header& header);

}  // namespace framewire
