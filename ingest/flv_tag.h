// One FLV tag and what its first bytes say. Source: Adobe Flash Video File Format
// Specification 10.1, annex E.4; Enhanced RTMP v1 for the FourCC video tags that FFmpeg and OBS
// write.
#pragma once
#include <cstddef>
#include <cstdint>

#include "ingest/bytes.h"
#include "ingest/cutter.h"
#include "ingest/error.h"

namespace framewire {

struct FlvTag {
  static constexpr std::size_t kHead = 11;
  static constexpr std::size_t kPreviousTagSize = 4;

  enum class Kind : std::uint8_t { audio, video, script };
  Kind kind = Kind::script;
  bool config = false;      // a sequence header: decoder configuration, no samples
  bool keyframe = false;    // video
  bool empty = false;       // no samples: an empty body, an end of sequence, a command, metadata
  std::int64_t pts_ms = 0;  // timestamp and composition time
  Bytes bytes;              // all of it, the PreviousTagSize behind it too
  Bytes configuration;      // config: avcC, AudioSpecificConfig, hvcC, av1C, vpcC

  Bytes body() const { return bytes.subspan(kHead, bytes.size() - kHead - kPreviousTagSize); }
};

// The size of a whole tag, PreviousTagSize included, by its first 11 bytes. The error's offset
// counts from the tag's first byte.
Result<std::size_t> flv_tag_size(Bytes head);
// bytes: a whole tag. Errc::malformed_media when the PreviousTagSize differs.
Result<FlvTag> read_flv_tag(Bytes bytes);
// The track that a tag of audio or video belongs to, with the codec's string as far as this tag
// tells it: for codecs with a configuration, its config tag does.
TrackInfo flv_track(const FlvTag& tag);

}  // namespace framewire
