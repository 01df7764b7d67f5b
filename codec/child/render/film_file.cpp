#include "codec/child/render/film_file.h"

#include <cerrno>
#include <cmath>
#include <string>
#include <string_view>
#include <thread>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr int kKeyframeMs = 2'000;

AVCodecID film_codec(std::string_view name) {
  if (name == "vp8") return AV_CODEC_ID_VP8;
  if (name == "vp9") return AV_CODEC_ID_VP9;
  if (name == "av1") return AV_CODEC_ID_AV1;
  if (name == "prores") return AV_CODEC_ID_PRORES;
  return AV_CODEC_ID_H264;
}

int film_quality(std::string_view name) {
  if (name == "draft") return 45;
  if (name == "good") return 75;
  return 100;
}

const char* film_muxer(std::string_view container) {
  if (container == "webm") return "webm";
  if (container == "mkv") return "matroska";
  if (container == "avif") return "avif";
  return container == "mov" ? "mov" : "mp4";
}

}  // namespace

Result<std::unique_ptr<Film>> FilmFile::open(const RenderSpec& spec, int fd, int sound_fd) {
  std::unique_ptr<FilmFile> film{new FilmFile(spec, fd)};
  RETURN_IF_ERROR(film->open_encoder());
  if (sound_fd >= 0) RETURN_IF_ERROR(film->open_sound(sound_fd));
  RETURN_IF_ERROR(film->open_muxer());
  return film;
}

Result<void> FilmFile::open_encoder() {
  VideoEncoding encoding;
  encoding.codec = film_codec(spec_.codec);
  encoding.width = static_cast<int>(spec_.width);
  encoding.height = static_cast<int>(spec_.height);
  encoding.fps = spec_.fps;
  encoding.alpha = spec_.alpha;
  encoding.chroma = spec_.chroma.empty() ? 0 : std::stoi(spec_.chroma);
  encoding.image = spec_.container == "avif";
  encoding.bit_depth = static_cast<int>(spec_.bit_depth);
  encoding.live = false;
  encoding.in_order = true;
  encoding.effort = spec_.quality == "draft" ? Effort::least : Effort::little;
  encoding.lossless = spec_.quality == "lossless";
  encoding.quality = film_quality(spec_.quality);
  encoding.keyframe_ms = kKeyframeMs;
  encoding.threads = static_cast<int>(std::thread::hardware_concurrency());
  ASSIGN_OR_RETURN(encoder_, VideoEncoder::open(encoding));
  converter_ = std::make_unique<PictureConverter>(encoder_->form());
  return {};
}

Result<void> FilmFile::open_sound(int fd) {
  const AVCodecID codec = spec_.container == "webm" ? AV_CODEC_ID_OPUS : AV_CODEC_ID_AAC;
  const auto end_us =
      static_cast<std::int64_t>(std::llround(static_cast<double>(spec_.frames) * 1e6 / spec_.fps));
  auto sound = SoundTrack::open(fd, codec, end_us);
  sound_failed_ = !sound;
  if (!sound) return tl::make_unexpected(sound.error());
  sound_ = *std::move(sound);
  const bool blocks = spec_.container == "webm" || spec_.container == "mkv";
  sound_delay_us_ = blocks ? unsaid_delay_us(sound_->parameters()) : 0;
  return {};
}

Result<void> FilmFile::open_muxer() {
  RETURN_IF_ERROR(output_.open(film_muxer(spec_.container)));
  const AVRational rate = av_d2q(spec_.fps, 1'001'000);
  ASSIGN_OR_RETURN(AVStream* const video,
                   output_.add_stream(*encoder_->parameters(), av_inv_q(rate)));
  video->avg_frame_rate = rate;
  video->r_frame_rate = rate;
  video->sample_aspect_ratio = {1, 1};
  if (spec_.alpha && spec_.codec != "prores") av_dict_set(&video->metadata, "alpha_mode", "1", 0);
  if (sound_)
    RETURN_IF_ERROR(
        output_.add_stream(sound_->parameters(), {1, sound_->parameters().sample_rate}));
  Options options;
  if (moves_its_index(spec_.container)) options.set("movflags", "faststart");
  if (spec_.container == "avif") {
    // Without the option nothing is said of it, and browsers repeat it for ever.
    const bool knows = output_.knows("loop");
    if (knows) options.set("loop", std::int64_t{spec_.plays});
    if (!knows && spec_.plays != 0)
      return fail(Errc::unsupported_format,
                  "this FFmpeg's AVIF does not say how often it is played, only for ever");
  }
  return output_.start(options);
}

Result<void> FilmFile::add(const AVFrame& picture) {
  ASSIGN_OR_RETURN(auto* const converted, converter_->convert(picture));
  const auto time_us = [this](std::uint64_t frame) {
    return static_cast<std::int64_t>(std::llround(static_cast<double>(frame) * 1e6 / spec_.fps));
  };
  converted->pts = time_us(added_);
  ++added_;
  RETURN_IF_ERROR(
      encoder_->encode(converted, [this](AVPacket& packet) { return write(packet, 0); }));
  return read_sound(time_us(added_));
}

Result<void> FilmFile::read_sound(std::int64_t to_us) {
  if (!sound_) return {};
  bool wrote = true;
  auto read = sound_->read(to_us, [&](AVPacket& packet) {
    packet.pts += sound_delay_us_;
    packet.dts += sound_delay_us_;
    auto written = write(packet, 1);
    wrote = written.has_value();
    return written;
  });
  sound_failed_ = !read && wrote;
  return read;
}

Result<void> FilmFile::write(AVPacket& packet, int stream) {
  return output_.write(packet, stream, kMicroseconds);
}

Result<void> FilmFile::finish() {
  RETURN_IF_ERROR(encoder_->encode(nullptr, [this](AVPacket& packet) { return write(packet, 0); }));
  RETURN_IF_ERROR(read_sound(INT64_MAX));
  return output_.finish();
}

}  // namespace framewire::codec
