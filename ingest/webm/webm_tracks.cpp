#include "ingest/webm/webm_tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "ingest/codecs/codec_strings.h"

namespace framewire {
namespace {

constexpr std::string_view kVp9 = "V_VP9";
constexpr std::string_view kAv1 = "V_AV1";
constexpr std::string_view kAvc = "V_MPEG4/ISO/AVC";
constexpr std::string_view kHevc = "V_MPEGH/ISO/HEVC";
constexpr std::string_view kAac = "A_AAC";

// A default when neither CodecPrivate nor a keyframe tells more: what most encoders make.
constexpr std::string_view kAv1Default = "av01.0.04M.08";
constexpr std::string_view kAvcDefault = "avc1.42E01F";
constexpr std::string_view kAacDefault = "mp4a.40.2";

// CodecIDs whose codec string needs no more than the ID. A prefix: "A_PCM/" holds for all PCM.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kPlainCodecs = {{
    {"V_VP8", "vp8"},
    {kHevc, "hvc1"},
    {"V_THEORA", "theora"},
    {"V_MJPEG", "mjpeg"},
    {"A_OPUS", "opus"},
    {"A_VORBIS", "vorbis"},
    {"A_FLAC", "flac"},
    {"A_PCM/", "pcm"},
    {"A_MPEG/L3", "mp3"},
    {"A_AC3", "ac-3"},
    {"A_EAC3", "ec-3"},
}};
constexpr std::uint64_t kLongestFrameNs = 10'000'000'000;
constexpr std::size_t kLongestCodecId = 32;

std::uint32_t to_u32(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t to_hz(double rate) {
  if (!std::isfinite(rate) || rate < 0) return 0;
  return static_cast<std::uint32_t>(std::min(std::round(rate), 4294967295.0));
}

// An ID we don't know goes out as it is, but for what would break a mime type or a log line.
std::string harmless(std::string_view codec_id) {
  std::string text(codec_id.substr(0, kLongestCodecId));
  for (char& c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '/' || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  return text;
}

std::string plain_codec(std::string_view codec_id) {
  for (const auto& [prefix, codec] : kPlainCodecs)
    if (codec_id.substr(0, prefix.size()) == prefix) return std::string(codec);
  return harmless(codec_id);
}

std::string vp9_default(const TrackInfo& info) {
  return fmt::format("vp09.00.{}.08", vp9_level(info.width, info.height));
}

void set_codec(WebmTrack& track, Bytes codec_private) {
  std::string& codec = track.info.codec;
  if (track.codec_id == kVp9) {
    codec = vp9_default(track.info);
    track.needs_keyframe = true;
  } else if (track.codec_id == kAv1) {
    codec = av1_codec_string(codec_private).value_or(std::string(kAv1Default));
  } else if (track.codec_id == kAvc) {
    const auto from_private = avc_codec_string_from_avcc(codec_private);
    codec = from_private.value_or(std::string(kAvcDefault));
    track.needs_keyframe = !from_private;
  } else if (std::string_view(track.codec_id).substr(0, kAac.size()) == kAac) {
    codec = aac_codec_string(codec_private).value_or(std::string(kAacDefault));
  } else {
    codec = plain_codec(track.codec_id);
  }
}

}  // namespace

WebmTrack webm_track(const webm::TrackEntry& entry) {
  WebmTrack track;
  track.number = entry.track_number.value();
  track.codec_id = entry.codec_id.value();
  track.frame_ns = static_cast<std::int64_t>(
      std::min<std::uint64_t>(entry.default_duration.value(), kLongestFrameNs));
  if (entry.track_type.value() == webm::TrackType::kVideo) {
    track.info.kind = TrackKind::video;
    track.info.width = to_u32(entry.video.value().pixel_width.value());
    track.info.height = to_u32(entry.video.value().pixel_height.value());
  } else if (entry.track_type.value() == webm::TrackType::kAudio) {
    track.info.kind = TrackKind::audio;
    track.info.sample_rate = to_hz(entry.audio.value().sampling_frequency.value());
    track.info.channels = to_u32(entry.audio.value().channels.value());
  }
  const Bytes codec_private = std::as_bytes(std::span{entry.codec_private.value()});
  if (track.info.kind != TrackKind::other) set_codec(track, codec_private);
  if (track.codec_id == kAvc || track.codec_id == kHevc)
    append(track.parameter_sets, codec_private);
  track.needs_keyframe = track.needs_keyframe && track.info.kind == TrackKind::video;
  return track;
}

void settle_codec(WebmTrack& track, Bytes keyframe) {
  track.needs_keyframe = false;
  const auto codec = track.codec_id == kVp9
                         ? vp9_codec_string(keyframe, track.info.width, track.info.height)
                         : avc_codec_string_from_annexb(keyframe);
  if (codec) track.info.codec = *codec;
}

std::optional<PictureOrder> picture_order(const WebmTrack& track) {
  if (track.codec_id == kAvc) return PictureOrder{PictureOrder::Codec::h264, track.parameter_sets};
  if (track.codec_id == kHevc) return PictureOrder{PictureOrder::Codec::hevc, track.parameter_sets};
  return std::nullopt;
}

std::string webm_mime(std::string_view doc_type, const std::vector<TrackInfo>& tracks) {
  std::vector<std::string_view> codecs;
  for (const TrackKind kind : {TrackKind::video, TrackKind::audio}) {
    for (const TrackInfo& track : tracks) {
      if (track.kind == kind &&
          std::find(codecs.begin(), codecs.end(), track.codec) == codecs.end())
        codecs.push_back(track.codec);
    }
  }
  const bool audio_only = !tracks.empty() && std::all_of(tracks.begin(), tracks.end(), [](auto& t) {
    return t.kind == TrackKind::audio;
  });
  return fmt::format("{}/{}; codecs=\"{}\"", audio_only ? "audio" : "video",
                     doc_type == "webm" ? "webm" : "x-matroska", fmt::join(codecs, ","));
}

}  // namespace framewire
