#include "codec/child/av/codec_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace framewire::codec {
namespace {

struct DecoderRow {
  AVCodecID codec;
  const char* name;
};
constexpr DecoderRow kDecoders[] = {
    {AV_CODEC_ID_H264, "h264"},
    {AV_CODEC_ID_HEVC, "hevc"},
    {AV_CODEC_ID_VP8, "vp8"},
    {AV_CODEC_ID_VP9, "vp9"},
    {AV_CODEC_ID_AV1, "libdav1d"},
    {AV_CODEC_ID_MPEG1VIDEO, "mpeg1video"},
    {AV_CODEC_ID_MPEG2VIDEO, "mpeg2video"},
    {AV_CODEC_ID_MPEG4, "mpeg4"},
    {AV_CODEC_ID_H263, "h263"},
    {AV_CODEC_ID_FLV1, "flv"},
    {AV_CODEC_ID_VP6F, "vp6f"},
    {AV_CODEC_ID_THEORA, "theora"},
    {AV_CODEC_ID_MJPEG, "mjpeg"},
    {AV_CODEC_ID_PNG, "png"},
    {AV_CODEC_ID_WEBP, "webp"},
    {AV_CODEC_ID_RAWVIDEO, "rawvideo"},
    {AV_CODEC_ID_OPUS, "opus"},
    {AV_CODEC_ID_AAC, "aac"},
    {AV_CODEC_ID_AAC_LATM, "aac_latm"},
    {AV_CODEC_ID_VORBIS, "vorbis"},
    {AV_CODEC_ID_MP3, "mp3float"},
    {AV_CODEC_ID_MP2, "mp2float"},
    {AV_CODEC_ID_MP1, "mp1float"},
    {AV_CODEC_ID_AC3, "ac3"},
    {AV_CODEC_ID_EAC3, "eac3"},
    {AV_CODEC_ID_DTS, "dca"},
    {AV_CODEC_ID_FLAC, "flac"},
    {AV_CODEC_ID_ALAC, "alac"},
    {AV_CODEC_ID_SPEEX, "speex"},
    {AV_CODEC_ID_NELLYMOSER, "nellymoser"},
    {AV_CODEC_ID_ADPCM_SWF, "adpcm_swf"},
    {AV_CODEC_ID_ADPCM_G722, "g722"},
    {AV_CODEC_ID_PCM_ALAW, "pcm_alaw"},
    {AV_CODEC_ID_PCM_MULAW, "pcm_mulaw"},
    {AV_CODEC_ID_PCM_U8, "pcm_u8"},
    {AV_CODEC_ID_PCM_S16LE, "pcm_s16le"},
    {AV_CODEC_ID_PCM_S16BE, "pcm_s16be"},
    {AV_CODEC_ID_PCM_S24LE, "pcm_s24le"},
    {AV_CODEC_ID_PCM_S24BE, "pcm_s24be"},
    {AV_CODEC_ID_PCM_S32LE, "pcm_s32le"},
    {AV_CODEC_ID_PCM_F32LE, "pcm_f32le"},
    {AV_CODEC_ID_PCM_F64LE, "pcm_f64le"},
};
// Other decoders of the same codecs that FFmpeg takes when it probes.
constexpr std::string_view kProbing = ",libvpx,libvpx-vp9,av1,libaom-av1,libopus,libvorbis,mp3,mp2";

// What a container asks beyond the codec.
enum class Only : std::uint8_t {
  any,
  plain_420,  // 8 bits, 4:2:0: what every player of H.264 decodes
  films,      // Chromium's MSE takes no MP3 in MP4
  flv_rates,  // of MP3: those that FLV has a code for, and the one it lies about
};
struct Held {
  AVCodecID codec;
  Only only = Only::any;
};
struct Container {
  std::string_view output;
  const char* muxer;  // nullptr: packets_writer.h
  std::string_view holds;
  std::vector<Held> held;
};

const std::vector<Container>& containers() {
  static const std::vector<Container> kContainers = {
      {"mp4",
       "mp4",
       "MP4 for browsers holds H.264 (8 bits, 4:2:0), VP9, AV1, Opus, AAC and FLAC",
       {{AV_CODEC_ID_H264, Only::plain_420},
        {AV_CODEC_ID_VP9},
        {AV_CODEC_ID_AV1},
        {AV_CODEC_ID_OPUS},
        {AV_CODEC_ID_AAC},
        {AV_CODEC_ID_FLAC},
        {AV_CODEC_ID_MP3, Only::films}}},
      {"ts",
       "mpegts",
       "MPEG-TS holds H.264, MPEG-1 video, AAC, MP3, MP2 and Opus",
       {{AV_CODEC_ID_H264},
        {AV_CODEC_ID_MPEG1VIDEO},
        {AV_CODEC_ID_AAC},
        {AV_CODEC_ID_MP3},
        {AV_CODEC_ID_MP2},
        {AV_CODEC_ID_OPUS}}},
      {"flv",
       "flv",
       "FLV holds H.264, AAC and MP3 (8, 11.025, 22.05, 44.1 or 48 kHz)",
       {{AV_CODEC_ID_H264}, {AV_CODEC_ID_AAC}, {AV_CODEC_ID_MP3, Only::flv_rates}}},
      {"webm",
       "webm",
       "WebM holds VP8, VP9, AV1, Opus and Vorbis",
       {{AV_CODEC_ID_VP8},
        {AV_CODEC_ID_VP9},
        {AV_CODEC_ID_AV1},
        {AV_CODEC_ID_OPUS},
        {AV_CODEC_ID_VORBIS}}},
      {"packets",
       nullptr,
       "WebCodecs knows H.264 (8 bits, 4:2:0), VP8, VP9, AV1, Opus, AAC, MP3 and Vorbis",
       {{AV_CODEC_ID_H264, Only::plain_420},
        {AV_CODEC_ID_VP8},
        {AV_CODEC_ID_VP9},
        {AV_CODEC_ID_AV1},
        {AV_CODEC_ID_OPUS},
        {AV_CODEC_ID_AAC},
        {AV_CODEC_ID_MP3},
        {AV_CODEC_ID_VORBIS}}},
      // These encode: pictures to the first, sound to the second.
      {"h264",
       "mp4",
       "This MP4 holds H.264 (8 bits, 4:2:0) and AAC",
       {{AV_CODEC_ID_H264, Only::plain_420}, {AV_CODEC_ID_AAC}}},
      {"mpeg1",
       "mpegts",
       "This MPEG-TS holds MPEG-1 video and MP2",
       {{AV_CODEC_ID_MPEG1VIDEO}, {AV_CODEC_ID_MP2}}},
  };
  return kContainers;
}

const Container& container_of(const Output& output) {
  return *std::find_if(containers().begin(), containers().end(),
                       [&](const Container& c) { return c.output == output.name; });
}

bool is_plain_420(const AVCodecParameters& track) {
  switch (track.format) {
    case AV_PIX_FMT_NONE:
      break;
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_NV12:
    case AV_PIX_FMT_GRAY8:  // High profile, monochrome
      return true;
    default:
      return false;
  }
  // profile_idc, ITU-T H.264, A.2: 110 High 10, 122 High 4:2:2, 244 and 44 4:4:4.
  const int profile = track.profile & 0xff;
  return profile != 110 && profile != 122 && profile != 244 && profile != 44;
}

bool fits(const Held& held, const AVCodecParameters& track, Use use) {
  if (held.codec != track.codec_id) return false;
  constexpr std::array kFlvRates = {0, 8'000, 11'025, 22'050, 44'100, 48'000};
  switch (held.only) {
    case Only::any:
      return true;
    case Only::plain_420:
      return use == Use::films || is_plain_420(track);
    case Only::films:
      return use == Use::films;
    case Only::flv_rates:
      return std::find(kFlvRates.begin(), kFlvRates.end(), track.sample_rate) != kFlvRates.end();
  }
  return false;
}

// "H.264 in yuv420p10le", "mp3 at 32000 Hz", "vp8"
std::string named(const AVCodecParameters& track) {
  if (track.codec_id == AV_CODEC_ID_NONE) return "a codec that is not known here";
  std::string name = avcodec_get_name(track.codec_id);
  const bool video = track.codec_type == AVMEDIA_TYPE_VIDEO;
  if (video && track.format != AV_PIX_FMT_NONE)
    if (const char* form = av_get_pix_fmt_name(static_cast<AVPixelFormat>(track.format)))
      name += fmt::format(" in {}", form);
  if (!video && track.sample_rate > 0) name += fmt::format(" at {} Hz", track.sample_rate);
  return name;
}

}  // namespace

const char* decoder_of(AVCodecID codec) {
  const auto row = std::find_if(std::begin(kDecoders), std::end(kDecoders),
                                [&](const DecoderRow& d) { return d.codec == codec; });
  return row == std::end(kDecoders) ? nullptr : row->name;
}

const std::string& decoder_whitelist() {
  static const std::string kList = [] {
    std::string list;
    for (const DecoderRow& decoder : kDecoders)
      list += fmt::format("{}{}", list.empty() ? "" : ",", decoder.name);
    return list + std::string(kProbing);
  }();
  return kList;
}

const char* muxer_of(const Output& output) {
  return container_of(output).muxer;
}

std::string why_not(const Output& output, const AVCodecParameters& track, Use use) {
  const Container& container = container_of(output);
  const bool held = std::any_of(container.held.begin(), container.held.end(),
                                [&](const Held& h) { return fits(h, track, use); });
  if (held && track.codec_id != AV_CODEC_ID_NONE) return {};
  return fmt::format("{}; this stream has {}", container.holds, named(track));
}

std::string why_not_shown(const Output& output, const Shape& shape) {
  if (output.name == "mp4" || output.name == "webm") return {};
  if (shape.matrix) return fmt::format(".{} has no place for how pictures are turned", output.name);
  if (shape.aspect_outside)
    return fmt::format(".{} has no place for a pixel's shape beside the packets", output.name);
  return {};
}

AVCodecID encoded_as(const Output& output, AVMediaType type) {
  return container_of(output).held[type == AVMEDIA_TYPE_VIDEO ? 0 : 1].codec;
}

}  // namespace framewire::codec
