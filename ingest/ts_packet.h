// One packet of an MPEG transport stream, and what the first bytes of a PES packet say.
// Source: ISO/IEC 13818-1, 2.4.3.2 (packet), 2.4.3.4 (adaptation field), 2.4.3.6 (PES packet).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/bytes.h"
#include "ingest/error.h"

namespace framewire::ts {

constexpr std::size_t kPacketBytes = 188;
constexpr std::byte kSyncByte{0x47};
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
