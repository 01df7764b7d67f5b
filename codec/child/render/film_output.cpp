#include "codec/child/render/film_output.h"

#include <fmt/format.h>

#include "codec/child/av/ffmpeg_error.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace framewire::codec {
namespace {

constexpr const char* kDoing = "writing the film";

}  // namespace

Result<void> FilmOutput::open(const char* muxer) {
  if (!av_guess_format(muxer, nullptr, nullptr))
    return fail(Errc::unsupported_format, fmt::format("this FFmpeg writes no {}", muxer));
  if (const int failed = file_.open(muxer); failed < 0) return ffmpeg_failed(kDoing, failed);
  file_.context().flags |= AVFMT_FLAG_BITEXACT;
  return {};
}

Result<AVStream*> FilmOutput::add_stream(const AVCodecParameters& parameters,
                                         AVRational time_base) {
  AVStream* stream = avformat_new_stream(&file_.context(), nullptr);
  if (!stream) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  stream->time_base = time_base;
  if (const int failed = avcodec_parameters_copy(stream->codecpar, &parameters); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  stream->codecpar->codec_tag = 0;
  return stream;
}

bool FilmOutput::knows(const char* option) {
  return av_opt_find(&file_.context(), option, nullptr, 0, AV_OPT_SEARCH_CHILDREN) != nullptr;
}

Result<void> FilmOutput::start(Options& options) {
  if (const int failed = avformat_write_header(&file_.context(), options.get()); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  return {};
}

Result<void> FilmOutput::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, time_base, file_.context().streams[stream]->time_base);
  packet.pos = -1;
  if (const int failed = av_interleaved_write_frame(&file_.context(), &packet); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  return {};
}

Result<void> FilmOutput::finish() {
  if (const int failed = file_.finish(); failed < 0) return ffmpeg_failed(kDoing, failed);
  return {};
}

}  // namespace framewire::codec
