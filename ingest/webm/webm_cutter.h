// Cuts WebM and Matroska (RFC 9559), as a live muxer or a finished file writes them.
//
//   EBML header | Segment: SeekHead? Info Tracks ... | Cluster: Timestamp, blocks | Cluster ... |
//   Cues?
//   `----------------- init part -----------------'   `--- media parts: runs of whole elements ---'
//
// Origin rendition: byte-exact. A part ends where feed() ends, where a Cluster ends, and at
// Limits::part_target_bytes. A Cluster's head waits for its first block, and, where that does not
// tell, for its first video block (at most a second of media, or the target size): a group starts
// at a Cluster whose first video block is a keyframe, at any Cluster if there is no video, and at
// an epoch's first Cluster. `webm` rendition: see ingest/webm/webm_regrouper.h. The init part waits
// until the codec strings are known; VP9, and H.264 without CodecPrivate, need the first keyframe
// for that, which is waited for over at most 512 KiB or 3 s of media. A new EBML header in
// mid-stream starts a new epoch, whatever the sizes declared before it.
//
// Errors, all with the offset of the element at fault:
//   Errc::malformed_media     no EBML header; an endless element (only Segment and Cluster may have
//                             no size); an element larger than what it stands in; a Cluster before
//                             Tracks; a broken block; a Cluster over 10 s back in time; bytes of an
//                             unfinished element at finish().
//   Errc::limit_exceeded      Limits::init_bytes, element_bytes (known from the element's head,
//                             before its data comes), tracks; new EBML headers without end.
//   Errc::unsupported_format  another DocType.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

// sink outlives the cutter.
std::unique_ptr<Cutter> make_webm_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
