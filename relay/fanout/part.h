// A part, framed once: the one buffer from which every viewer of every loop is served.
//
//   +-----------------+----------------------------+-----------------+-----------+
//   | ws header 2..10 | v1 header, fields (32)     | ws header 2..10 | payload   |
//   +-----------------+----------------------------+-----------------+-----------+
//   ^ framed(v1)                                   ^ framed(bare)    ^ framed(http)
//
// The bare form's ws header stands in bytes that the v1 header declares as skipped.
// Lifetime: shared, immutable. Thread: any. Source: PROTOCOL.md, "The framewire.v1 binary header".
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "ingest/base/bytes.h"
#include "ingest/cut/cutter.h"
#include "ingest/wire/v1_header.h"
#include "relay/base/clock.h"

namespace framewire::relay {

// How a viewer reads: framewire.v1, bare WebSocket, or an HTTP body, as it is (HTTP/1.0) or
// chunked.
enum class Framing : std::uint8_t { v1, bare, http, chunked };
constexpr std::size_t kFramings = 4;
constexpr bool is_http(Framing f) {
  return f == Framing::http || f == Framing::chunked;
}

struct PartFacts {
  bool init = false;
  bool group_start = false;
  bool joiners_only = false;
  bool lead_in = false;  // old when it came, by a link: to be decoded, and not shown
  std::uint32_t epoch = 0;
  std::uint64_t sequence = 0;
  std::int64_t pts_us = 0;
  std::int64_t received_wall_us = 0;  // since 1970
  std::int64_t captured_wall_us = 0;  // the same; 0 = not said
  Time received{};
};

class Part {
 public:
  // The one copy of the payload.
  static std::shared_ptr<const Part> make(const PartFacts& facts, Bytes payload);

  const PartFacts& facts() const { return facts_; }
  Bytes framed(Framing framing) const {
    const std::size_t from = framing == Framing::v1     ? 0
                             : framing == Framing::bare ? bare_at_
                                                        : payload_at_;
    return {bytes_.get() + from, size_ - from};
  }
  Bytes payload() const { return framed(Framing::http); }
  std::size_t size() const { return size_; }  // of the whole buffer
  // Of memory, with its place in a ring: of small parts many times size().
  std::size_t held_bytes() const { return size_ + kOverhead; }
  // Where the v1 flags stand in framed(v1): for marking a copy as lead-in.
  std::size_t v1_flags_at() const { return v1_at_ + kV1FlagsAt; }

 private:
  // The Part, its shared_ptr's counts, two allocators' heads, and a ring's entry (two pointers each
  // of part and epoch), as measured with 10^6 parts of one byte.
  static constexpr std::size_t kOverhead = 224;

  Part() = default;
  PartFacts facts_;
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t v1_at_ = 0;
  std::size_t bare_at_ = 0;
  std::size_t payload_at_ = 0;
};

using PartPtr = std::shared_ptr<const Part>;

// One init segment and all that follows it, in one rendition. Immutable; shared by all loops.
struct Epoch {
  std::uint32_t number = 0;
  EpochInfo info;
  PartPtr init;  // null: the format has none
};

using EpochPtr = std::shared_ptr<const Epoch>;

}  // namespace framewire::relay
