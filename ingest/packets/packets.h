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
#include <optional>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"

namespace framewire {

inline constexpr std::string_view kPacketsMagic = "FWPK";
inline constexpr std::size_t kPacketsHeaderBytes = 8;
inline constexpr std::size_t kPacketsLengthBytes = 4;
// The codec of whole pictures in planes: Y, U, V, each row after row, U and V of half the sides,
// rounded up; BT.709, limited range, unless the config has a colour.
inline constexpr std::string_view kI420 = "i420";
// The same, packed (ingest/pictures/packed_planes.h) where that makes fewer bytes of it.
inline constexpr std::string_view kPackedI420 = "i420-packed";

// ITU-T H.273 code points; 2 = not said.
struct PacketsColour {
  std::uint8_t primaries = 2;
  std::uint8_t transfer = 2;
  std::uint8_t matrix = 2;
  std::optional<bool> full_range;
  bool said() const { return primaries != 2 || transfer != 2 || matrix != 2 || full_range; }
};
inline constexpr PacketsColour kBt709Colour{1, 1, 1, false};

struct PacketsConfig {
  std::uint8_t track = 0;  // 0, 1, ... in the order of the configs
  TrackInfo info;          // kind, codec and sizes as WebCodecs' decoder configs name them
  Bytes description;       // avcC, av1C, OpusHead, AudioSpecificConfig; may be empty (Annex B, VP8)
  PacketsColour colour;    // read, not written
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
