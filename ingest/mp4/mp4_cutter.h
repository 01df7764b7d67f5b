// Fragmented MP4 (ISO/IEC 14496-12; what MediaRecorder, CMAF and ffmpeg's frag_keyframe write).
//
//   ftyp moov | [styp sidx prft emsg ...] moof mdat | ... | mfra
//   init      | part: a fragment, whole             |     | part
//
//   group_start: the first video sample is a sync sample (trun's first-sample flags, its own flags,
//                tfhd's default, trex's default, in that order); without video each moof
//   pts:         tfdt and composition offset of the first video sample (without: of any)
//   epoch:       an ftyp, or a moov, in mid-stream starts the next one
//
// A file that is not fragmented is refused with Errc::unsupported_format and a sentence that says
// how to make one. Errc::malformed_media: boxes that overflow their container or stand where they
// make no sense. Errc::limit_exceeded: init_bytes, element_bytes (a fragment), tracks.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_mp4_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
