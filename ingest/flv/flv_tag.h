// One FLV tag and what its first bytes say. Source: Adobe Flash Video File Format
// Specification 10.1, annex E.4; Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio", for the
// FourCC tags that FFmpeg and OBS write (one track; multitrack tags hold no sample here).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"

namespace framewire {

struct FlvTag {
  static constexpr std::size_t kHead = 11;
  static constexpr std::size_t kPreviousTagSize = 4;

  enum class Kind : std::uint8_t { audio, video, script, other };
  // other: of no type that is known here, to be passed over
  Kind kind = Kind::script;
  bool config = false;      // a sequence header: decoder configuration, no samples
  bool keyframe = false;    // video
  bool empty = false;       // no samples: an empty body, an end of sequence, a command, metadata
  std::int64_t dts_ms = 0;  // timestamp
  std::int64_t pts_ms = 0;  // timestamp and composition time
  bool wrong_size = false;  // PreviousTagSize is another
  Bytes bytes;              // all of it, the PreviousTagSize behind it too
  Bytes configuration;      // config: avcC, AudioSpecificConfig, hvcC, av1C, vpcC, OpusHead, fLaC
  Bytes data;               // else: the sample

  Bytes body() const { return bytes.subspan(kHead, bytes.size() - kHead - kPreviousTagSize); }
};

// The size of a whole tag, PreviousTagSize included, by its first 11 bytes. The error's offset
// counts from the tag's first byte. Errc::malformed_media: what stands there is no tag: of no known
// type, and not of stream 0. Errc::unsupported_format: encrypted.
Result<std::size_t> flv_tag_size(Bytes head);
// bytes: a whole tag.
FlvTag read_flv_tag(Bytes bytes);
// "avc1", "hvc1", "av01", "vp09", "mp4a", ".mp3", "Opus", "fLaC", "ac-3", "ec-3" and the like, of
// enhanced tags as they stand there; "" for codecs that only have a number.
std::string_view flv_four_cc(const FlvTag& tag);
// Another one for each codec, of a tag of audio or video that is not empty.
std::uint32_t flv_codec_number(const FlvTag& tag);
// A tag that says its codec by FourCC.
bool flv_is_enhanced(const FlvTag& tag);
// The track that a tag of audio or video belongs to, with the codec's string as far as this tag
// tells it: for codecs with a configuration, its config tag does.
TrackInfo flv_track(const FlvTag& tag);

}  // namespace framewire
