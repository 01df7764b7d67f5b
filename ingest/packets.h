// The `packets` format: what WebCodecs' encoders give and its decoders take, as a stream of bytes
// (PROTOCOL.md, "The packets format"). An epoch is a header, a config for each track, then packets;
// a header in the middle begins the next epoch.
//
//   header   "FWPK" | version(1) = 1 | tracks(1) | 0(2)
//   config   length(4) | 1(1) | track(1) | 0(2)     | length of the JSON(4) | JSON | description
//   packet   length(4) | 2(1) | track(1) | flags(1) 0(1) | pts(8, signed, µs) | duration(4, µs) |
//   data
//
// A length counts what follows it. Readers need whole records. Views are of the bytes given.
// Thread: any. Errors: malformed_media, offsets from the bytes given; limit_exceeded.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/bytes.h"
#include "ingest/cutter.h"
#include "ingest/error.h"

namespace framewire {

inline constexpr std::string_view kPacketsMagic = "FWPK";
inline constexpr std::size_t kPacketsHeaderBytes = 8;
inline constexpr std::size_t kPacketsLengthBytes = 4;

struct PacketsConfig {
  std::uint8_t track = 0;  // 0, 1, ... in the order of the configs
  TrackInfo info;          // kind, codec and sizes as WebCodecs' decoder configs name them
  Bytes description;       // avcC, av1C, OpusHead, AudioSpecificConfig; may be empty (Annex B, VP8)
};
struct PacketsPacket {
  std::uint8_t track = 0;
  bool key = false;
  std::int64_t pts_us = 0;
  std::uint32_t duration_us = 0;  // 0 = not known
  Bytes data;
};

bool begins_packets(Bytes bytes);
// The number of tracks in a header.
Result<std::uint8_t> read_packets_header(Bytes header);
// Of a record that begins with these 4 bytes.
std::uint64_t packets_record_bytes(Bytes start);
bool is_packets_config(Bytes record);
Result<PacketsConfig> read_packets_config(Bytes record);
Result<PacketsPacket> read_packets_packet(Bytes record);

void append_packets_header(Buffer& to, std::uint8_t tracks);
void append_packets_config(Buffer& to, const PacketsConfig& config);
void append_packets_packet(Buffer& to, const PacketsPacket& packet);

}  // namespace framewire
