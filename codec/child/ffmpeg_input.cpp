#include "codec/child/ffmpeg_input.h"

#include <fmt/format.h>

#include <span>

#include "codec/child/ffmpeg_error.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace framewire::codec {
namespace {

constexpr std::size_t kMaxAllocation = 256u << 20;
// What a DVB multiplex's programme may have; most are left out.
constexpr std::int64_t kMaxStreams = 64;
// Decoders by name, as AVCodec has them. Demuxing opens some of them to learn what a stream is.
constexpr const char* kCodecs =
    "vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,libaom-av1,h264,opus,libopus,aac,vorbis,libvorbis,mp3,"
    "mp3float,mp2,mp2float,flac,mpeg1video,mjpeg,png,webp,rawvideo,pcm_s16le,pcm_f32le,pcm_u8";

// The demuxer's name, which is also all that format_whitelist lets in.
const char* demuxer_of(Format format) {
  switch (format) {
    case Format::webm:
      return "matroska,webm";
    case Format::mp4:
      return "mov,mp4,m4a,3gp,3g2,mj2";
    case Format::mpegts:
      return "mpegts";
    case Format::flv:
      return "flv";
    case Format::ogg:
      return "ogg";
    default:
      return nullptr;
  }
}

// The demuxer passes on the tag that packets_reader.cpp writes, and has no name for it. FFmpeg's
// parser of WebP holds a picture back until the next one comes.
void name_webp(AVFormatContext& input) {
  for (AVStream* stream : std::span{input.streams, input.nb_streams}) {
    if (stream->codecpar->codec_tag != MKTAG('W', 'E', 'B', 'P')) continue;
    stream->codecpar->codec_id = AV_CODEC_ID_WEBP;
    input.flags |= AVFMT_FLAG_NOPARSE;
  }
}

}  // namespace

Result<InputHandle> open_input(Format format, AVIOContext* io, const ProbeLimits& limits) {
  const char* name = demuxer_of(format);
  const AVInputFormat* demuxer = nullptr;
  void* next = nullptr;
  while (name && (demuxer = av_demuxer_iterate(&next)))
    if (std::string_view{demuxer->name} == name) break;
  if (!demuxer)
    return fail(Errc::unsupported_format, fmt::format("{} has no demuxer", to_string(format)));

  AVFormatContext* context = avformat_alloc_context();
  if (!context) return ffmpeg_failed("opening", AVERROR(ENOMEM));
  context->pb = io;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  Options options;
  options.set("format_whitelist", name)
      .set("codec_whitelist", kCodecs)
      .set("protocol_whitelist", "")
      .set("max_streams", kMaxStreams)
      .set("correct_ts_overflow", std::int64_t{0})  // packet_times.h knows more
      .set("probesize", limits.bytes)
      .set("analyzeduration", limits.duration_us)
      .set("fpsprobesize", std::int64_t{limits.fps_packets});
  const auto doing = fmt::format("reading {}", to_string(format));
  // Frees the context when it fails.
  if (const int failed = avformat_open_input(&context, nullptr, demuxer, options.get()); failed < 0)
    return ffmpeg_failed(doing, failed);
  InputHandle input{context};
  name_webp(*context);
  if (!limits.find_stream_info) return input;
  if (const int failed = avformat_find_stream_info(context, nullptr); failed < 0)
    return ffmpeg_failed(doing, failed);
  return input;
}

void limit_ffmpeg_memory() {
  av_max_alloc(kMaxAllocation);
}

}  // namespace framewire::codec
