#include "ingest/mpegts/ts_writer.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "ingest/mpegts/ts_packet.h"

namespace framewire::ts {
namespace {

constexpr std::uint16_t kPmtPid = 0x1000, kPid = 0x100;
constexpr std::size_t kPayload = kPacketBytes - 4;
constexpr std::int64_t kAhead = 90'000 / 10;  // of a PCR, by the time it is decoded
constexpr std::int64_t kTimes = (std::int64_t{1} << 33) - 1;

void put(Buffer& to, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes) to.push_back(static_cast<std::byte>(byte & 0xff));
}

// ISO/IEC 13818-1, annex A.
std::uint32_t crc32(Bytes bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte) << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ ((crc & 0x80000000) != 0 ? 0x04c11db7u : 0u);
  }
  return crc;
}
void put_crc(Buffer& to) {
  const std::uint32_t crc = crc32(to);
  put(to, {crc >> 24, crc >> 16, crc >> 8, crc});
}

//  47 | start:1 PID:13 | adaptation:1 payload:1 counter:4
void put_head(Buffer& to, std::uint16_t pid, bool start, bool adaptation, std::uint8_t& counter) {
  put(to, {0x47, (start ? 0x40u : 0u) | pid >> 8, pid, (adaptation ? 0x30u : 0x10u) | counter});
  counter = static_cast<std::uint8_t>((counter + 1) & 15);
}

//  4 bits | time 32..30:3 1 | 29..15:15 1 | 14..0:15 1
void put_time(Buffer& to, unsigned mark, std::int64_t ticks) {
  const auto time = static_cast<std::uint64_t>(ticks & kTimes);
  const auto bits = [](std::uint64_t value) { return static_cast<unsigned>(value & 0xff); };
  put(to, {bits(mark << 4 | 1 | (time >> 29 & 0x0e)), bits(time >> 22), bits(time >> 14 | 1),
           bits(time >> 7), bits(time << 1 | 1)});
}

}  // namespace

void Writer::section(Buffer& to, std::uint16_t pid, std::uint8_t& counter, Bytes section) {
  put_head(to, pid, true, false, counter);
  put(to, {0});  // pointer
  append(to, section);
  to.resize(to.size() + kPayload - 1 - section.size(), std::byte{0xff});
}

void Writer::tables(Buffer& to) {
  Buffer pat, pmt;
  put(pat, {0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | kPmtPid >> 8, kPmtPid & 0xff});
  put_crc(pat);
  put(pmt, {0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe0 | kPid >> 8, kPid & 0xff, 0xf0, 0});
  put(pmt, {stream_type_, 0xe0 | kPid >> 8, kPid & 0xff, 0xf0, 0});
  put_crc(pmt);
  section(to, 0, pat_counter_, pat);
  section(to, kPmtPid, pmt_counter_, pmt);
}

//  PES: 00 00 01 | stream id | length(2), 0 = unbounded | 84 | 80: PTS, C0: and DTS | 5 or 10 |
//       PTS(5), DTS(5) | data
//  adaptation field of the first packet: length | random_access.. PCR:1 | PCR base:33 ..(6)
void Writer::access_unit(Buffer& to, Bytes unit, std::int64_t pts, std::int64_t dts,
                         bool random_access) {
  Buffer pes;
  pes.reserve(unit.size() + 19);
  const bool both = pts != dts;
  const std::size_t length = unit.size() + (both ? 13 : 8);
  const bool bounded = !video_ && length <= 0xffff;
  put(pes,
      {0, 0, 1, video_ ? 0xe0u : 0xc0u, bounded ? static_cast<unsigned>(length >> 8) : 0u,
       bounded ? static_cast<unsigned>(length) : 0u, 0x84, both ? 0xc0u : 0x80u, both ? 10u : 5u});
  put_time(pes, both ? 3 : 2, pts);
  if (both) put_time(pes, 1, dts);
  append(pes, unit);

  Bytes left = pes;
  for (bool first = true; !left.empty(); first = false) {
    Buffer field;  // behind its length
    if (first) {
      const auto clock = static_cast<std::uint64_t>((dts - kAhead) & kTimes);
      const auto bits = [](std::uint64_t value) { return static_cast<unsigned>(value & 0xff); };
      put(field, {random_access ? 0x50u : 0x10u, bits(clock >> 25), bits(clock >> 17),
                  bits(clock >> 9), bits(clock >> 1), bits(clock << 7 | 0x7e), 0});
    }
    // Stuffing fills what is left over: its length byte alone, or flags and FF as well.
    const std::size_t wanted = field.empty() ? 0 : 1 + field.size();
    const std::size_t taken = std::min(left.size(), kPayload - wanted);
    const std::size_t adaptation = kPayload - taken;
    put_head(to, kPid, first, adaptation > 0, counter_);
    if (adaptation > 0) {
      if (field.empty() && adaptation > 1) put(field, {0});
      field.resize(adaptation - 1, std::byte{0xff});
      put(to, {static_cast<unsigned>(field.size())});
      append(to, field);
    }
    append(to, left.first(taken));
    left = left.subspan(taken);
  }
}

}  // namespace framewire::ts
