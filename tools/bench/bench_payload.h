// What a bench message begins with, so that each viewer can check loss, order and delay alone.
//
//    0      4       8          16            24      28      32
//   +------+-------+----------+-------------+-------+-------+-- ...
//   | fwb1 |stream | sequence | sent (ns)   | size  |   0   | zeros up to size
//   +------+-------+----------+-------------+-------+-------+-- ...
//
// Big-endian. size: of the whole message, so that an HTTP body can be told apart into messages.
// sent: steady clock of this machine. No sniffer knows "fwb1": the stream is `binary`.  Thread:
// any.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire::bench {

constexpr std::size_t kPayloadHeader = 32;
constexpr std::uint32_t kPayloadMagic = 0x66776231;  // "fwb1"

struct PayloadHeader {
  std::uint32_t stream = 0;
  std::uint64_t sequence = 0;
  std::uint64_t sent_ns = 0;
  std::uint32_t size = 0;
};

// Writes kPayloadHeader bytes.
inline void store_payload_header(std::byte* to, const PayloadHeader& header) {
  store_be(to, kPayloadMagic);
  store_be(to + 4, header.stream);
  store_be(to + 8, header.sequence);
  store_be(to + 16, header.sent_ns);
  store_be(to + 24, header.size);
  store_be(to + 28, std::uint32_t{0});
}

// bytes: at least kPayloadHeader. nullopt: these are not ours.
inline std::optional<PayloadHeader> load_payload_header(Bytes bytes) {
  if (load_be<std::uint32_t>(bytes) != kPayloadMagic) return std::nullopt;
  return PayloadHeader{load_be<std::uint32_t>(bytes, 4), load_be<std::uint64_t>(bytes, 8),
                       load_be<std::uint64_t>(bytes, 16), load_be<std::uint32_t>(bytes, 24)};
}

inline std::uint64_t steady_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

}  // namespace framewire::bench
