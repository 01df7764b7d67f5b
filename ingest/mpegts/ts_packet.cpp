#include "ingest/mpegts/ts_packet.h"

namespace framewire::ts {

Found find_grid(Bytes bytes, std::size_t from, bool at_end) {
  for (std::size_t at = from; at < bytes.size(); ++at) {
    bool undecided = false;
    for (const Grid& grid : kGrids) {
      std::size_t seen = 0;
      std::size_t sync = at + grid.lead;
      while (sync < bytes.size() && bytes[sync] == kSyncByte && seen < 3) {
        ++seen;
        sync += grid.unit;
      }
      if (seen == 3) return {grid, at};
      if (sync < bytes.size()) continue;  // another byte where one is due
      const bool ends_with_it = sync - grid.lead == bytes.size();
      if (at == 0 && seen > 0 && ends_with_it) return {grid, at};
      if (at_end && seen == 2) return {grid, at};
      undecided = undecided || !at_end;
    }
    if (undecided) return {std::nullopt, at};
  }
  return {std::nullopt, bytes.size()};
}

//  0    1                                   3                                     4
//  47 | error:1 start:1 priority:1 PID:13 | scrambling:2 adaptation:1 payload:1 counter:4 |
//  adaptation: length(1) | discontinuity:1 random_access:1 flags:6 | ...
Result<Packet> read_packet(Bytes bytes) {
  Packet packet;
  const auto flags = load_be<std::uint16_t>(bytes, 1);
  const std::uint8_t control = u8(bytes, 3);
  const bool damaged = (flags & 0x8000) != 0;
  packet.pid = flags & 0x1fff;
  packet.payload_start = (flags & 0x4000) != 0;
  std::size_t payload_at = 4;
  if ((control & 0x20) != 0) {
    const std::size_t length = u8(bytes, 4);
    payload_at = 5 + length;
    if (payload_at > kPacketBytes)
      return fail(Errc::malformed_media, "an MPEG-TS adaptation field longer than its packet", 4);
    packet.random_access = length > 0 && (u8(bytes, 5) & 0x40) != 0;
  }
  if ((control & 0x10) != 0 && !damaged) packet.payload = bytes.subspan(payload_at);
  packet.payload_start = packet.payload_start && !packet.payload.empty();
  return packet;
}

//  0          3           4         6                 7              8               9
//  00 00 01 | stream id | length | 10:2 scrambling.. | PTS:1 DTS:1 .. | header length | PTS(5) ...
//  PTS: 4 bits, 3 bits of it, 1, 15 bits, 1, 15 bits, 1
std::optional<PesStart> read_pes_start(Bytes payload) {
  if (payload.size() < 9 || load_be<std::uint32_t>(payload) >> 8 != 1) return std::nullopt;
  PesStart pes;
  const std::size_t data_at = 9 + std::size_t{u8(payload, 8)};
  if ((u8(payload, 7) & 0x80) != 0 && payload.size() >= 14) {
    const auto high = static_cast<std::int64_t>((u8(payload, 9) >> 1) & 7);
    const auto middle = static_cast<std::int64_t>(load_be<std::uint16_t>(payload, 10) >> 1);
    const auto low = static_cast<std::int64_t>(load_be<std::uint16_t>(payload, 12) >> 1);
    pes.pts = high << 30 | middle << 15 | low;
  }
  if (data_at < payload.size()) pes.data = payload.subspan(data_at);
  return pes;
}

std::int64_t PtsClock::to_us(std::int64_t pts) {
  constexpr std::int64_t kWrap = std::int64_t{1} << 33;
  if (last_) {
    std::int64_t step = (pts - *last_) % kWrap;
    if (step > kWrap / 2) step -= kWrap;
    if (step < -kWrap / 2) step += kWrap;
    pts = *last_ + step;
  }
  last_ = pts;
  return pts * 100 / 9;
}

}  // namespace framewire::ts
