// ftyp and moov of a fragmented MP4 for FFmpeg's demuxer: what it needs to know of each track, and
// no more. Source: ISO/IEC 14496-12, 8; ETSI TS 102 366, annex F; RFC 7845 and the Opus and FLAC
// mappings to ISO BMFF.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/cut/cutter.h"

namespace framewire::codec {

struct Mp4Track {
  std::uint32_t id = 0;
  std::string_view four_cc;  // of the sample entry: "hvc1", "Opus", ...
  TrackInfo info;
  Bytes configuration;  // avcC, hvcC, av1C, AudioSpecificConfig, OpusHead, "fLaC" and its blocks
};
Buffer mp4_header(const std::vector<Mp4Track>& tracks, std::uint32_t timescale);

}  // namespace framewire::codec
