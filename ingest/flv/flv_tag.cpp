#include "ingest/flv/flv_tag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ingest/codecs/aac.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/codecs/hevc.h"
#include "ingest/codecs/sound_frame.h"

namespace framewire {
namespace {

std::uint32_t u24(Bytes bytes, std::size_t at) {
  return load_be<std::uint32_t>(bytes, at) >> 8;  // reads a fourth byte, which the caller checked
}
std::int32_t s24(Bytes bytes, std::size_t at) {
  const auto value = static_cast<std::int32_t>(u24(bytes, at));
  return value >= 0x800000 ? value - 0x1000000 : value;
}

constexpr std::uint8_t kAudioTag = 8, kVideoTag = 9, kScriptTag = 18;
constexpr unsigned kAac = 10, kAvc = 7, kHevc = 12;
constexpr unsigned kKeyframe = 1, kCommandFrame = 5;

constexpr unsigned kEnhancedAudio = 9;
constexpr std::size_t kEnhancedHead = 5;  // flags, FourCC

// AAC:      SoundFormat:4 (10) rate:2 size:1 type:1 | AACPacketType: 0 config, 1 raw
// others:   SoundFormat:4 rate:2 size:1 type:1 | samples
// Enhanced: SoundFormat:4 (9) AudioPacketType:4 | FourCC(4) | ...
//           AudioPacketType: 0 config, 1 CodedFrames, others hold no sample
void read_audio(FlvTag& tag, Bytes body) {
  tag.empty = body.size() < 2;
  if (tag.empty) return;
  const unsigned format = u8(body, 0) >> 4;
  if (format == kEnhancedAudio) {
    const unsigned packet_type = u8(body, 0) & 15;
    tag.empty = body.size() <= kEnhancedHead || packet_type > 1;
    if (tag.empty) return;
    tag.config = packet_type == 0;
    (tag.config ? tag.configuration : tag.data) = body.subspan(kEnhancedHead);
    return;
  }
  tag.config = format == kAac && u8(body, 1) == 0;
  (tag.config ? tag.configuration : tag.data) = body.subspan(format == kAac ? 2 : 1);
}

// FrameType:4 CodecID:4 | AVC, HEVC: PacketType (0 config, 1 NAL units, 2 end) CompositionTime(3)
// Enhanced: 1:1 FrameType:3 PacketType:4 | FourCC(4) | CodedFrames of AVC, HEVC: CompositionTime(3)
//           PacketType: 0 config, 1 CodedFrames, 2 end, 3 CodedFramesX, 4 metadata
void read_video(FlvTag& tag, Bytes body) {
  tag.empty = body.size() < 2;
  if (tag.empty) return;
  const unsigned first = u8(body, 0);
  const bool enhanced = (first & 0x80) != 0;
  const unsigned frame_type = (first >> 4) & 7;
  const unsigned codec = first & 15;
  const std::size_t header = 5;
  tag.empty = frame_type == kCommandFrame;
  if (!enhanced && codec != kAvc && codec != kHevc) {
    tag.keyframe = frame_type == kKeyframe;
    tag.data = body.subspan(1);
    return;
  }
  const unsigned packet_type = enhanced ? first & 15 : u8(body, 1);
  tag.empty = tag.empty || body.size() <= header || packet_type == 2 || packet_type >= 4;
  if (tag.empty) return;
  tag.config = packet_type == 0;
  tag.keyframe = !tag.config && frame_type == kKeyframe;
  if (tag.config) {
    tag.configuration = body.subspan(header);
    return;
  }
  const std::size_t composition_at = enhanced ? header : 2;
  const std::string_view four_cc = as_text(body.subspan(1, 4));
  const bool composed = !enhanced || (packet_type == 1 && (four_cc == "hvc1" || four_cc == "avc1"));
  if (composed && body.size() >= composition_at + 4) tag.pts_ms += s24(body, composition_at);
  tag.data = body.subspan(std::min(body.size(), enhanced && composed ? header + 3 : header));
}

std::string harmless(std::string_view four_cc) {
  std::string text(four_cc);
  for (char& c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '-';
  return text;
}

// Of enhanced tags; what the tag does not tell stays as it is.
void read_enhanced_audio(const FlvTag& tag, TrackInfo& track) {
  const std::string_view four_cc = flv_four_cc(tag);
  track.sample_rate = 48'000;
  track.channels = 2;
  if (four_cc == "Opus") {
    track.codec = "opus";
    if (tag.configuration.size() > 9) track.channels = u8(tag.configuration, 9);
  } else if (four_cc == "fLaC") {
    // "fLaC" | block head(4) | STREAMINFO: 10 bytes, rate:20 channels - 1:3 ...
    track.codec = "flac";
    if (tag.configuration.size() >= 22) {
      track.sample_rate = load_be<std::uint32_t>(tag.configuration, 18) >> 12;
      track.channels = ((load_be<std::uint32_t>(tag.configuration, 18) >> 9) & 7) + 1;
    }
  } else if (four_cc == "mp4a") {
    track.codec = "mp4a.40.2";
  } else if (four_cc == ".mp3") {
    track.codec = "mp3";
    if (tag.data.size() >= kSoundFrameHead)
      if (const auto frame = read_sound_frame(Format::mp3, tag.data))
        track.sample_rate = frame->sample_rate;
  } else if (four_cc == "ac-3" || four_cc == "ec-3") {
    track.codec = four_cc;
  } else {
    track.codec = fmt::format("flv-{}", harmless(four_cc));
  }
}

std::string audio_codec(unsigned sound_format) {
  switch (sound_format) {
    case 0:
    case 3:
      return "pcm";
    case 1:
      return "adpcm";
    case 2:
    case 14:
      return "mp3";
    case 7:
      return "alaw";
    case 8:
      return "ulaw";
    case kAac:
      return "mp4a.40.2";
    case 11:
      return "speex";
    default:
      return fmt::format("flv-audio-{}", sound_format);
  }
}

std::string video_codec(const FlvTag& tag) {
  const unsigned first = u8(tag.body(), 0);
  const std::string_view four_cc = flv_is_enhanced(tag) ? flv_four_cc(tag) : std::string_view{};
  const bool known = !tag.configuration.empty();
  if (four_cc == "avc1" || (four_cc.empty() && (first & 15) == kAvc))
    return (known ? avc_codec_string_from_avcc(tag.configuration) : std::nullopt).value_or("avc1");
  if (four_cc == "hvc1" || (four_cc.empty() && (first & 15) == kHevc))
    return (known ? hevc_codec_string_from_hvcc(tag.configuration) : std::nullopt).value_or("hvc1");
  if (four_cc == "av01")
    return (known ? av1_codec_string(tag.configuration) : std::nullopt).value_or("av01");
  if (four_cc == "vp08") return "vp8";
  if (four_cc == "vp09")
    return (known ? vp9_codec_string_from_vpcc(tag.configuration) : std::nullopt).value_or("vp09");
  if (!four_cc.empty()) return fmt::format("flv-{}", harmless(four_cc));
  switch (first & 15) {
    case 2:
      return "h263";
    case 4:
    case 5:
      return "vp6";
    default:
      return fmt::format("flv-video-{}", first & 15);
  }
}

}  // namespace

//  0          1           4            7            8           11
//  0:2 0 type | data size | timestamp  | its bits   | stream id | body | PreviousTagSize(4)
//             |           | bits 23..0 | 31..24     | 0         |      | 11 + data size
Result<std::size_t> flv_tag_size(Bytes head) {
  const std::uint8_t type = u8(head, 0);
  if ((type & 0x20) != 0 && (type & 0xc0) == 0)
    return fail(Errc::unsupported_format, "FLV with encrypted tags");
  const bool known = type == kAudioTag || type == kVideoTag || type == kScriptTag;
  const bool stream_0 = (load_be<std::uint32_t>(head, 7) & 0xffffff) == 0;
  if (!known && !stream_0)
    return fail(Errc::malformed_media,
                fmt::format("no FLV tag where one is due: type {}, stream id not 0", type));
  return FlvTag::kHead + u24(head, 1) + FlvTag::kPreviousTagSize;
}

FlvTag read_flv_tag(Bytes bytes) {
  FlvTag tag;
  tag.bytes = bytes;
  const std::size_t tag_size = bytes.size() - FlvTag::kPreviousTagSize;
  tag.wrong_size = load_be<std::uint32_t>(bytes, tag_size) != tag_size;
  tag.dts_ms = tag.pts_ms = u24(bytes, 4) | std::int64_t{u8(bytes, 7)} << 24;
  switch (u8(bytes, 0)) {
    case kAudioTag:
      tag.kind = FlvTag::Kind::audio;
      read_audio(tag, tag.body());
      break;
    case kVideoTag:
      tag.kind = FlvTag::Kind::video;
      read_video(tag, tag.body());
      break;
    case kScriptTag:
      break;
    default:
      tag.kind = FlvTag::Kind::other;
      break;
  }
  return tag;
}

bool flv_is_enhanced(const FlvTag& tag) {
  const Bytes body = tag.body();
  if (body.size() < kEnhancedHead) return false;
  if (tag.kind == FlvTag::Kind::video) return (u8(body, 0) & 0x80) != 0;
  return tag.kind == FlvTag::Kind::audio && u8(body, 0) >> 4 == kEnhancedAudio;
}

std::string_view flv_four_cc(const FlvTag& tag) {
  const Bytes body = tag.body();
  if (flv_is_enhanced(tag)) return as_text(body.subspan(1, 4));
  if (body.empty()) return {};
  if (tag.kind == FlvTag::Kind::video) {
    const unsigned codec = u8(body, 0) & 15;
    return codec == kAvc ? "avc1" : codec == kHevc ? "hvc1" : "";
  }
  switch (u8(body, 0) >> 4) {
    case 2:
      return ".mp3";
    case 7:
      return "alaw";
    case 8:
      return "ulaw";
    case kAac:
      return "mp4a";
    default:
      return {};
  }
}

std::uint32_t flv_codec_number(const FlvTag& tag) {
  if (const std::string_view four_cc = flv_four_cc(tag); four_cc.size() == 4)
    return load_be<std::uint32_t>(as_bytes(four_cc));
  const std::uint8_t first = u8(tag.body(), 0);
  return tag.kind == FlvTag::Kind::video ? first & 15u : first >> 4;
}

TrackInfo flv_track(const FlvTag& tag) {
  TrackInfo track;
  if (tag.kind == FlvTag::Kind::video) {
    track.kind = TrackKind::video;
    track.codec = video_codec(tag);
    return track;
  }
  constexpr std::array<std::uint32_t, 4> kRates = {5512, 11025, 22050, 44100};
  const std::uint8_t first = u8(tag.body(), 0);
  track.kind = TrackKind::audio;
  track.codec = audio_codec(first >> 4);
  track.sample_rate = kRates[(first >> 2) & 3];
  track.channels = (first & 1u) + 1;
  if (flv_is_enhanced(tag)) read_enhanced_audio(tag, track);
  if (const auto aac = read_audio_specific_config(tag.configuration); tag.config && aac) {
    track.codec = aac->codec;
    if (aac->sample_rate != 0) track.sample_rate = aac->sample_rate;
    if (aac->channels != 0) track.channels = aac->channels;
  }
  return track;
}

}  // namespace framewire
