// One SimpleBlock or BlockGroup of a Cluster, and how to set another relative timestamp in it.
// Source: RFC 9559, sections 5.1.3.4, 5.1.3.5 and 10.
//
//   Block data:  track number, EBML vint | timestamp, int16, relative to the Cluster's | flags |
//   ...
//
// flags: 0x80 keyframe (SimpleBlock only; a BlockGroup is one when it has no ReferenceBlock),
//        0x06 lacing.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/webm/webm_ebml.h"
#include "ingest/webm/webm_lacing.h"

namespace framewire {

struct WebmBlock {
  std::uint64_t track = 0;
  std::int16_t relative = 0;  // ticks after the Cluster's timestamp
  bool keyframe = false;
  Lacing lacing = Lacing::none;
  Bytes frame;                        // the payload after the block header, laced or not
  std::optional<std::int64_t> ticks;  // BlockDuration
  std::size_t timestamp_at = 0;       // of the int16, from the start of the element
  std::optional<std::size_t> crc_at;  // of a CRC-32 child of the BlockGroup: it covers the int16
};

// element: a whole SimpleBlock or BlockGroup, its head first. nullopt: its own rules are broken, or
// the group has not exactly one Block. The result points into element.
std::optional<WebmBlock> read_block(const ebml::ElementHead& head, Bytes element);

// Appends element to `to` with another relative timestamp; a CRC-32 that would no longer be right
// becomes a Void of the same size.
void append_block(Buffer& to, Bytes element, const WebmBlock& block, std::int16_t relative);
// Appends one frame of it as a SimpleBlock of its own.
void append_simple_block(Buffer& to, const WebmBlock& block, Bytes frame, std::int16_t relative);

}  // namespace framewire
