// Tracks and codecs of WebM and Matroska: CodecID and CodecPrivate to RFC 6381 codec strings.
// Source: "Matroska Codec Specifications"; RFC 9559, section 5.1.4; WebM container guidelines.
#pragma once
#include <webm/dom_types.h>

#include <string>
#include <string_view>
#include <vector>

#include "ingest/cut/cutter.h"
#include "ingest/webm/webm_header.h"

namespace framewire {

// Numbers that don't fit TrackInfo are taken as its largest.
WebmTrack webm_track(const webm::TrackEntry& entry);

// video/webm; codecs="vp8,opus": video codecs first, each once.
std::string webm_mime(std::string_view doc_type, const std::vector<TrackInfo>& tracks);

}  // namespace framewire
