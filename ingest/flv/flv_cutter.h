// FLV (Adobe Flash Video File Format Specification 10.1, annex E).
//
// clang-format off
//   init         header, PreviousTagSize0, and the script data and sequence headers before the first sample
//   part         a run of whole tags, each with the PreviousTagSize behind it
//   group_start  a video keyframe; without video an audio tag, at most one a second
//   pts          the tag's timestamp and composition time
//   epoch        a sequence header that is new (late audio) or changed in mid-stream starts the next one at
//                the first sample after it, and so does a sample of another codec; sound's, beside
//                pictures, at their next keyframe; with a joiners_only init: FLV header, last script data,
//                current sequence headers. One that only repeats is media like any other tag.
// clang-format on
//
// Notes: flv-previous-tag-size, flv-tag-type: what is wrong or unknown stays where it is.
// Errc::malformed_media: no tag where one is due. Errc::unsupported_format: encrypted tags.
// Errc::limit_exceeded: init_bytes, element_bytes.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_flv_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
