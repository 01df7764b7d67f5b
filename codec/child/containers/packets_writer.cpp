#include "codec/child/containers/packets_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/child/av/h264_sets.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/packets/packets.h"

namespace framewire::codec {
namespace {

constexpr std::uint8_t kSps = 7;
constexpr std::uint8_t kPps = 8;

Bytes extradata_of(const AVCodecParameters& track) {
  return std::as_bytes(
      std::span{track.extradata, static_cast<std::size_t>(std::max(track.extradata_size, 0))});
}

void append_counted(Buffer& to, Bytes nal) {
  const std::size_t at = to.size();
  to.resize(at + 2);
  store_be(to.data() + at, static_cast<std::uint16_t>(nal.size()));
  append(to, nal);
}

// AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1.2) of one SPS and one PPS.
Buffer avcc_of(Bytes annex_b) {
  const Bytes sps = find_avc_nal(annex_b, kSps);
  const Bytes pps = find_avc_nal(annex_b, kPps);
  if (sps.size() < 4 || pps.empty()) return {};
  Buffer out{std::byte{1}, sps[1], sps[2], sps[3], std::byte{0xFF}, std::byte{0xE1}};
  append_counted(out, sps);
  out.push_back(std::byte{1});
  append_counted(out, pps);
  return out;
}

struct Named {
  std::string codec;
  Buffer description;
};

Named plain(std::string codec, Bytes description = {}) {
  return {std::move(codec), {description.begin(), description.end()}};
}

// nullopt: WebCodecs has no name for it, or what names it is missing.
std::optional<Named> name_of(const AVCodecParameters& track) {
  const Bytes extradata = extradata_of(track);
  switch (track.codec_id) {
    case AV_CODEC_ID_H264: {
      Buffer avcc = avcc_of(extradata);
      const auto codec = avc_codec_string_from_avcc(avcc);
      if (!codec) return std::nullopt;
      return Named{*codec, std::move(avcc)};
    }
    case AV_CODEC_ID_VP8:
      return plain("vp8");
    case AV_CODEC_ID_VP9:
      return plain(fmt::format("vp09.{:02}.{}.08", std::max(track.profile, 0),
                               vp9_level(static_cast<std::uint32_t>(track.width),
                                         static_cast<std::uint32_t>(track.height))));
    case AV_CODEC_ID_AV1:
      return plain(av1_codec_string(extradata).value_or("av01.0.08M.08"));
    case AV_CODEC_ID_OPUS:
      return plain("opus", extradata);
    case AV_CODEC_ID_AAC: {
      const auto codec = aac_codec_string(extradata);
      if (!codec) return std::nullopt;
      return plain(*codec, extradata);
    }
    case AV_CODEC_ID_MP3:
      return plain("mp3");
    case AV_CODEC_ID_VORBIS:
      return plain("vorbis", extradata);
    case AV_CODEC_ID_PCM_S16LE:
      return plain("pcm-s16");
    case AV_CODEC_ID_PCM_F32LE:
      return plain("pcm-f32");
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Buffer> packets_header(std::span<const AVCodecParameters* const> tracks) {
  Buffer out;
  append_packets_header(out, static_cast<std::uint8_t>(tracks.size()));
  for (std::size_t n = 0; n < tracks.size(); ++n) {
    const AVCodecParameters& track = *tracks[n];
    const auto named = name_of(track);
    if (!named)
      return fail(Errc::unsupported_format, fmt::format("WebCodecs has no name for this {}",
                                                        avcodec_get_name(track.codec_id)));
    PacketsConfig config;
    config.track = static_cast<std::uint8_t>(n);
    config.description = named->description;
    config.info.codec = named->codec;
    config.info.kind = track.codec_type == AVMEDIA_TYPE_VIDEO ? TrackKind::video : TrackKind::audio;
    config.info.width = static_cast<std::uint32_t>(std::max(track.width, 0));
    config.info.height = static_cast<std::uint32_t>(std::max(track.height, 0));
    config.info.sample_rate = static_cast<std::uint32_t>(std::max(track.sample_rate, 0));
    config.info.channels = static_cast<std::uint32_t>(std::max(track.ch_layout.nb_channels, 0));
    append_packets_config(out, config);
  }
  return out;
}

Buffer packets_packet(const AVCodecParameters& parameters, std::size_t track,
                      const AVPacket& packet) {
  const Bytes data = std::as_bytes(std::span{packet.data, static_cast<std::size_t>(packet.size)});
  const Buffer lengths = parameters.codec_id == AV_CODEC_ID_H264
                             ? h264_length_prefixed(data, H264Sets::left_out)
                             : Buffer{};
  PacketsPacket out;
  out.track = static_cast<std::uint8_t>(track);
  out.key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  out.pts_us = packet.pts;
  out.duration_us =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(packet.duration, 0, UINT32_MAX));
  out.data = parameters.codec_id == AV_CODEC_ID_H264 ? Bytes{lengths} : data;
  Buffer bytes;
  append_packets_packet(bytes, out);
  return bytes;
}

}  // namespace framewire::codec
