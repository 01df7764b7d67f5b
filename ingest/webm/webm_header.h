// What stands before a WebM stream's first Cluster: tracks, their codec strings, the timestamp
// scale; and the init segment of the regrouped `webm` rendition.
// Tracks and Info are read with libwebm, from bytes that are wholly in hand and within
// Limits::init_bytes. libwebm is not used past them: it keeps the header of every block of a
// Cluster until the Cluster ends, and a live Cluster need not end. Source: RFC 9559, sections 5.1.2
// and 5.1.4; WebM container guidelines.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/base/limits.h"
#include "ingest/cut/cutter.h"

namespace framewire {

struct WebmTrack {
  std::uint64_t number = 0;
  std::string codec_id;         // "V_VP8"
  TrackInfo info;               // info.codec: a default while it needs a keyframe
  std::int64_t frame_ns = 0;    // DefaultDuration; 0 = not said
  bool needs_keyframe = false;  // the codec string is in the first keyframe: settle_codec()
  Buffer parameter_sets;        // CodecPrivate, of H.264 and HEVC
};

// A whole level-0 or level-1 element, its head first.
struct WebmElement {
  Bytes bytes;               // empty = not there
  std::uint64_t offset = 0;  // in the publisher's stream
};

struct WebmHeader {
  std::string doc_type = "matroska";
  std::uint64_t timestamp_scale = 1'000'000;  // nanoseconds in a tick
  std::vector<WebmTrack> tracks;
  Buffer regrouped_init;  // EBML header, Segment of unknown size, Info with no Duration, Tracks

  WebmTrack* find(std::uint64_t number);
  // The first video track, whose keyframes start groups; null when there is none.
  const WebmTrack* main_video() const;
  bool needs_keyframe() const;
  EpochInfo epoch_info() const;
};

// Errc::malformed_media: what libwebm refuses, no track, a timestamp scale of 0 or over a second.
// Errc::unsupported_format: a DocType other than webm and matroska.
// Errc::limit_exceeded: more than Limits::tracks.
Result<WebmHeader> read_webm_header(const WebmElement& ebml, const WebmElement& info,
                                    const WebmElement& tracks, const Limits& limits);

// Sets the codec string from the track's first keyframe, or leaves the default if it holds none.
void settle_codec(WebmTrack& track, Bytes keyframe);

}  // namespace framewire
