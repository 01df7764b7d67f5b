#include "codec/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/packets/packets.h"

namespace framewire::codec {
namespace {

using nlohmann::json;

struct Container {
  std::string_view name;
  std::array<std::string_view, 3> codecs;  // the first is the default
};
constexpr std::array kContainers = {Container{"mp4", {"h264", "vp9", "av1"}},
                                    Container{"webm", {"vp9", "vp8", "av1"}}};
constexpr std::array<std::string_view, 4> kQualities = {"draft", "good", "high", "lossless"};
constexpr std::array<std::string_view, 2> kAudioCodecs = {"pcm-s16", "pcm-f32"};
constexpr std::uint32_t kLowestRate = 8'000, kHighestRate = 192'000, kMostChannels = 8;
constexpr std::uint64_t kSoundBit = std::uint64_t{1} << 63;
constexpr std::uint64_t kConfigBit = std::uint64_t{1} << 62;
constexpr std::array kFormats = {Format::rgba, Format::png, Format::jpeg, Format::webp,
                                 Format::packets};

// As codec strings begin (RFC 6381).
struct CodecNames {
  std::string_view codec;
  std::array<std::string_view, 2> prefixes;
};
constexpr std::array kCodecNames = {
    CodecNames{"h264", {"avc1", "avc3"}}, CodecNames{"vp8", {"vp8", "vp08"}},
    CodecNames{"vp9", {"vp09", "vp9"}}, CodecNames{"av1", {"av01", "av1"}}};

bool is_codec(std::string_view codec, std::string_view name) {
  for (const CodecNames& names : kCodecNames)
    if (names.codec == name)
      return std::any_of(names.prefixes.begin(), names.prefixes.end(),
                         [&](std::string_view prefix) { return codec.starts_with(prefix); });
  return false;
}

const Container* container_named(std::string_view name) {
  const auto found = std::find_if(kContainers.begin(), kContainers.end(),
                                  [&](const Container& c) { return c.name == name; });
  return found == kContainers.end() ? nullptr : &*found;
}

template <class List, class Value>
bool has(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string why_no_alpha(const CaptureSpec& spec) {
  if (spec.container != "webm" || (spec.codec != "vp9" && spec.codec != "vp8"))
    return fmt::format("{} in {} has no transparency: vp9 and vp8 in webm have", spec.codec,
                       spec.container);
  if (spec.format == Format::jpeg || spec.format == Format::packets)
    return fmt::format("frames of {} have no transparency: send png, webp or rgba",
                       to_string(spec.format));
  if (spec.quality == "lossless") return "transparency is never lossless: ask for high";
  // Sound beside frames makes a file of packets first, which has no place for it.
  if (spec.audio) return "a capture that keeps transparency has no sound";
  return {};
}

}  // namespace

std::string to_json(const CaptureSpec& spec) {
  return json{{"format", to_string(spec.format)},
              {"width", spec.width},
              {"height", spec.height},
              {"fps", spec.fps},
              {"container", spec.container},
              {"codec", spec.codec},
              {"quality", spec.quality},
              {"hash", spec.hash},
              {"alpha", spec.alpha},
              {"audio", spec.audio.codec},
              {"sample_rate", spec.audio.sample_rate},
              {"channels", spec.audio.channels},
              {"written_frames", spec.written_frames},
              {"written_bytes", spec.written_bytes},
              {"written_samples", spec.written_samples}}
      .dump();
}

Result<CaptureSpec> capture_from_json(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return fail(Errc::protocol, "a capture that is no JSON object");
  CaptureSpec spec;
  try {
    const auto format = format_named(value.at("format").get<std::string>());
    if (!format) return fail(Errc::protocol, "a capture of an unknown format");
    spec.format = *format;
    value.at("width").get_to(spec.width);
    value.at("height").get_to(spec.height);
    value.at("fps").get_to(spec.fps);
    value.at("container").get_to(spec.container);
    value.at("codec").get_to(spec.codec);
    value.at("quality").get_to(spec.quality);
    value.at("hash").get_to(spec.hash);
    value.at("alpha").get_to(spec.alpha);
    value.at("audio").get_to(spec.audio.codec);
    value.at("sample_rate").get_to(spec.audio.sample_rate);
    value.at("channels").get_to(spec.audio.channels);
    value.at("written_frames").get_to(spec.written_frames);
    value.at("written_bytes").get_to(spec.written_bytes);
    value.at("written_samples").get_to(spec.written_samples);
  } catch (const json::exception& error) {
    return fail(Errc::protocol, error.what());
  }
  return spec;
}

std::string why_no_capture(const CaptureSpec& spec) {
#ifndef FRAMEWIRE_WITH_FFMPEG
  return "this server was built without FFmpeg: it makes no files of pictures";
#endif
  if (!has(kFormats, spec.format)) return "\"format\" must be rgba, png, jpeg, webp or packets";
  if (spec.width == 0 || spec.height == 0 || !(spec.fps > 0))
    return "\"width\", \"height\" and \"fps\" are needed";
  const Container* container = container_named(spec.container);
  if (!container) return "\"container\" must be mp4 or webm";
  if (!has(container->codecs, spec.codec))
    return fmt::format("{} holds {}: \"codec\" must be one of them", container->name,
                       fmt::join(container->codecs, ", "));
  if (!has(kQualities, spec.quality))
    return fmt::format("\"quality\" must be one of {}", fmt::join(kQualities, ", "));
  if (spec.codec == "vp8" && spec.quality == "lossless")
    return "VP8 has no lossless mode: ask for vp9, av1 or h264, or for high";
  if (spec.alpha)
    if (std::string why = why_no_alpha(spec); !why.empty()) return why;
  const CaptureAudio& audio = spec.audio;
  if (!audio) return {};
  if (!has(kAudioCodecs, audio.codec))
    return fmt::format("the \"codec\" of \"audio\" must be one of {}",
                       fmt::join(kAudioCodecs, ", "));
  if (audio.sample_rate < kLowestRate || audio.sample_rate > kHighestRate || audio.channels == 0 ||
      audio.channels > kMostChannels)
    return fmt::format("\"audio\" may have {} to {} samples a second in 1 to {} channels",
                       kLowestRate, kHighestRate, kMostChannels);
  return {};
}

std::string_view default_codec(std::string_view container) {
  const Container* found = container_named(container);
  return found ? found->codecs[0] : "";
}

std::string why_not_config(const CaptureSpec& spec, Bytes header) {
  const auto tracks = read_packets_header(header);
  if (!tracks) return tracks.error().what;
  if (*tracks != 1)
    return fmt::format("{} tracks: a capture has one of pictures, and its sound beside it",
                       *tracks);
  const auto config = read_packets_config(header.subspan(kPacketsHeaderBytes));
  if (!config) return config.error().what;
  const TrackInfo& info = config->info;
  const bool planes = info.codec == kI420 || info.codec == kPackedI420;
  if (!planes && !is_codec(info.codec, spec.codec))
    return fmt::format("packets of {}, and the film is to be {}", info.codec, spec.codec);
  if (!planes && spec.quality == "lossless")
    return "packets that are encoded, and the film is to be lossless";
  if (planes && spec.quality == "lossless")
    return "i420 shares colours between pixels, and the film is to be lossless: send rgba or png";
  if (info.width != spec.width || info.height != spec.height)
    return fmt::format("packets of {}x{}, and the film is to be {}x{}", info.width, info.height,
                       spec.width, spec.height);
  return {};
}

PacketKind kind_of_packets(Bytes header) {
  const auto config = read_packets_config(header.subspan(kPacketsHeaderBytes));
  if (config && config->info.codec == kI420) return PacketKind::i420;
  if (config && config->info.codec == kPackedI420) return PacketKind::packed_i420;
  return PacketKind::encoded;
}

std::array<std::byte, kCaptureHeadBytes> to_bytes(const CaptureHead& head) {
  std::array<std::byte, kCaptureHeadBytes> out;
  store_be(out.data(), head.bytes);
  store_be(out.data() + 4, head.hash);
  store_be(out.data() + 8,
           head.number | (head.sound ? kSoundBit : 0) | (head.config ? kConfigBit : 0));
  return out;
}

CaptureHead capture_head(Bytes bytes) {
  const auto number = load_be<std::uint64_t>(bytes, 8);
  return {load_be<std::uint32_t>(bytes), load_be<std::uint32_t>(bytes, 4),
          number & ~(kSoundBit | kConfigBit), (number & kSoundBit) != 0,
          (number & kConfigBit) != 0};
}

std::array<std::byte, kWrittenReportBytes> to_bytes(const WrittenReport& news) {
  std::array<std::byte, kWrittenReportBytes> out;
  store_be(out.data(), news.written_frames);
  store_be(out.data() + 8, news.written_bytes);
  store_be(out.data() + 16, news.written_samples);
  return out;
}

WrittenReport written_report(Bytes bytes) {
  return {load_be<std::uint64_t>(bytes), load_be<std::uint64_t>(bytes, 8),
          load_be<std::uint64_t>(bytes, 16)};
}

}  // namespace framewire::codec
