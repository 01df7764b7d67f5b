// H.264 parameter sets in an Annex B access unit (ITU-T H.264, 7.3.1 and Annex B).
#pragma once
#include "ingest/base/bytes.h"

namespace framewire::codec {

// The access unit's SPS and PPS, each behind a start code; empty when it has not both.
Buffer h264_parameter_sets(Bytes annex_b);
// The access unit as MP4 has it (ISO/IEC 14496-15): each NAL unit behind its length, 4 bytes; less
// delimiters. Parameter sets are kept beside the avcC where a demuxer that reads one init segment
// and goes on over another size has only them to decode by; FFmpeg's and Chromium's own MP4 keep
// them, too.
enum class H264Sets : std::uint8_t { kept, left_out };
Buffer h264_length_prefixed(Bytes annex_b, H264Sets sets);

}  // namespace framewire::codec
