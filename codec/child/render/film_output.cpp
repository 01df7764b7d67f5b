#include "codec/child/render/film_output.h"

#include <fmt/format.h>

#include <cerrno>

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
  AVFormatContext* context = nullptr;
  if (const int failed = avformat_alloc_output_context2(&context, nullptr, muxer, ""); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  output_.reset(context);
  io_ = FileIo::writer(file_);
  if (!io_) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  context->opaque = this;
  context->io_open = [](AVFormatContext* self, AVIOContext** io, const char*, int flags,
                        AVDictionary**) -> int {
    if ((flags & AVIO_FLAG_WRITE) != 0) return AVERROR(EPERM);
    *io = FileIo::reader(static_cast<FilmOutput*>(self->opaque)->again_).release();
    return *io ? 0 : AVERROR(ENOMEM);
  };
  context->io_close2 = [](AVFormatContext*, AVIOContext* io) -> int {
    IoHandle closes{io};
    return 0;
  };
  return {};
}

Result<AVStream*> FilmOutput::add_stream(const AVCodecParameters& parameters,
                                         AVRational time_base) {
  AVStream* stream = avformat_new_stream(output_.get(), nullptr);
  if (!stream) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  stream->time_base = time_base;
  if (const int failed = avcodec_parameters_copy(stream->codecpar, &parameters); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  stream->codecpar->codec_tag = 0;
  return stream;
}

bool FilmOutput::knows(const char* option) const {
  return av_opt_find(output_.get(), option, nullptr, 0, AV_OPT_SEARCH_CHILDREN) != nullptr;
}

Result<void> FilmOutput::start(Options& options) {
  if (const int failed = avformat_write_header(output_.get(), options.get()); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  return {};
}

Result<void> FilmOutput::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  av_packet_rescale_ts(&packet, time_base, output_->streams[stream]->time_base);
  packet.pos = -1;
  if (const int failed = av_interleaved_write_frame(output_.get(), &packet); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  return {};
}

Result<void> FilmOutput::finish() {
  if (const int failed = av_write_trailer(output_.get()); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  avio_flush(io_.get());
  if (disk_error() != 0) return ffmpeg_failed(kDoing, AVERROR(disk_error()));
  return {};
}

}  // namespace framewire::codec
