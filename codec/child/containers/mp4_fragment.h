// One sample as an MP4 fragment of its own, exact in time and duration (ISO/IEC 14496-12, 8.8).
// FFmpeg's muxer is not asked for these: on live copies it sums up durations instead of taking the
// packets' times.
//
//   moof [ mfhd  traf [ tfhd  tfdt  trun ] ]  mdat [ sample ]
#pragma once
#include <cstdint>

#include "ingest/base/bytes.h"

namespace framewire::codec {

struct Mp4Sample {
  std::uint32_t fragment = 0;  // number of the fragment in the file, from 1
  std::uint32_t track = 0;     // track_ID
  bool sync = false;
  std::int64_t dts = 0;  // in the track's timescale, as the rest
  std::int32_t composition_offset = 0;
  std::uint32_t duration = 0;
};
Buffer mp4_fragment(const Mp4Sample& sample, Bytes data);

// Of such a fragment, or of other bytes: the first track's, of a sample that depends on no other.
bool mp4_fragment_leads(Bytes fragment);

}  // namespace framewire::codec
