// Tracks and codecs of WebM and Matroska: CodecID and CodecPrivate to RFC 6381 codec strings.
// Source: "Matroska Codec Specifications"; RFC 9559, section 5.1.4; WebM container guidelines.
#pragma once
#include <webm/dom_types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/codecs/picture_order.h"
#include "ingest/cut/cutter.h"
#include "ingest/webm/webm_header.h"

namespace framewire {

// Numbers that don't fit TrackInfo are taken as its largest.
WebmTrack webm_track(const webm::TrackEntry& entry);

// Of a track whose pictures tell in which order they are shown.
std::optional<PictureOrder> picture_order(const WebmTrack& track);

// video/webm; codecs="vp8,opus": video codecs first, each once.
std::string webm_mime(std::string_view doc_type, const std::vector<TrackInfo>& tracks);

}  // namespace framewire
