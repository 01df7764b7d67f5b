// One packet of an MPEG transport stream, and what the first bytes of a PES packet say.
// Source: ISO/IEC 13818-1, 2.4.3.2 (packet), 2.4.3.4 (adaptation field), 2.4.3.6 (PES packet).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::ts {

constexpr std::size_t kPacketBytes = 188;
constexpr std::byte kSyncByte{0x47};

// How packets follow one another: alone, each behind a time of 4 bytes (BDAV, "m2ts"), or each
// with 16 bytes for error correction behind it.
struct Grid {
  std::size_t unit = kPacketBytes;  // from one packet to the next
  std::size_t lead = 0;             // bytes of a unit before its sync byte
  Bytes packet(Bytes unit_bytes) const { return unit_bytes.subspan(lead, kPacketBytes); }
  bool operator==(const Grid&) const = default;
};
inline constexpr Grid kGrids[] = {{188, 0}, {192, 4}, {204, 0}};
constexpr std::size_t kLargestUnit = 204;

struct Found {
  std::optional<Grid> grid;  // nullopt: more bytes are needed to tell
  std::size_t at = 0;        // where its first whole unit begins, or where the search goes on
};
// The first place from `from` on behind which sync bytes stand in a grid: three of them, or at byte
// 0 as many as there are whole units. at_end: no more bytes come, two are enough.
Found find_grid(Bytes bytes, std::size_t from, bool at_end);
constexpr std::uint16_t kNullPid = 0x1fff;

struct Packet {
  std::uint16_t pid = kNullPid;
  bool payload_start = false;  // a PES packet or a section begins here
  bool random_access = false;  // the adaptation field's random_access_indicator
  Bytes payload;               // may be empty
};
// bytes: kPacketBytes of them, the sync byte checked. The error's offset counts from the first.
Result<Packet> read_packet(Bytes bytes);

struct PesStart {
  std::optional<std::int64_t> pts;  // 33 bits, 90 kHz
  Bytes data;                       // elementary stream in this packet
};
// payload: of a packet with payload_start. nullopt: no PES packet.
std::optional<PesStart> read_pes_start(Bytes payload);

// Makes 33-bit times that wrap each 26.5 hours go on for ever.
class PtsClock {
 public:
  std::int64_t to_us(std::int64_t pts);

 private:
  std::optional<std::int64_t> last_;
};

}  // namespace framewire::ts
