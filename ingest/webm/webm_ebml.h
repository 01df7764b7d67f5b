// EBML as WebM and Matroska use it: element heads and flat lists of children. Pure functions over
// bytes in hand; nothing is allocated, nothing recurses, and a declared size is only a number.
// Source: RFC 8794, sections 4 to 6 and 11; RFC 9559 for the IDs.
//
//   element:  ID, 1 to 4 bytes | size, 1 to 8 bytes | data
//
// The count of leading zero bits of each first byte gives its length. An ID keeps that marker bit;
// a size loses it, and is unknown when all its bits are 1.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire::ebml {

enum Id : std::uint32_t {
  kEbmlHeader = 0x1A45DFA3,
  kVoid = 0xEC,
  kCrc32 = 0xBF,
  kSegment = 0x18538067,
  kSeekHead = 0x114D9B74,
  kInfo = 0x1549A966,
  kDuration = 0x4489,
  kTracks = 0x1654AE6B,
  kTags = 0x1254C367,
  kCues = 0x1C53BB6B,
  kCluster = 0x1F43B675,
  kTimestamp = 0xE7,
  kSimpleBlock = 0xA3,
  kBlockGroup = 0xA0,
  kBlock = 0xA1,
  kBlockDuration = 0x9B,
  kReferenceBlock = 0xFB,
};

inline constexpr std::uint64_t kUnknownSize = ~std::uint64_t{0};

struct ElementHead {
  std::uint32_t id = 0;
  std::uint64_t size = 0;      // of the data; kUnknownSize
  std::size_t head_bytes = 0;  // ID and size, 2 to 12

  bool size_known() const { return size != kUnknownSize; }
  std::uint64_t total() const { return head_bytes + size; }  // only if size_known()
};

enum class HeadState { whole, needs_more, malformed };

struct HeadResult {
  HeadState state = HeadState::needs_more;
  ElementHead head;  // if whole
};

// The head at the start of bytes. Malformed: an ID longer than 4 bytes, a size longer than 8.
HeadResult read_head(Bytes bytes);

// An EBML variable-size integer at the start of bytes, marker removed (a track number).
struct Vint {
  std::uint64_t value = 0;
  std::size_t length = 0;
};
std::optional<Vint> read_vint(Bytes bytes);

// Unsigned integer element data, 0 to 8 bytes.
std::optional<std::uint64_t> read_uint(Bytes data);

// Walks the children of a master element whose data is wholly there:
//   for (Children c(data); auto child = c.next();) ...
// ends at the first child that is malformed, of unknown size, or does not fit: see ok().
struct Child {
  std::uint32_t id = 0;
  std::size_t at = 0;  // of the head, in the data walked
  Bytes data;
};
class Children {
 public:
  explicit Children(Bytes data) : data_(data) {}
  std::optional<Child> next();
  bool ok() const { return ok_; }

 private:
  Bytes data_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

// IDs of four bytes stand at level 0 or 1 (EBML header, Segment, Cluster, Cues, ...), and all
// children of a Cluster have shorter ones: this is how a Cluster of unknown size ends.
constexpr bool is_top_level(std::uint32_t id) {
  return id > 0xFFFFFF;
}

}  // namespace framewire::ebml
