#include "codec/child/render/animated_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

struct Kind {
  std::string_view codec;
  const char* encoder;
  const char* muxer;
  AVPixelFormat opaque, with_alpha;  // what the encoder gets
};
constexpr Kind kKinds[] = {
    {"gif", "gif", "gif", AV_PIX_FMT_PAL8, AV_PIX_FMT_PAL8},
    {"webp", "libwebp_anim", "webp", AV_PIX_FMT_BGRA, AV_PIX_FMT_BGRA},
    {"apng", "apng", "apng", AV_PIX_FMT_RGB24, AV_PIX_FMT_RGBA},
};

const Kind* kind_of(std::string_view codec) {
  const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                   [&](const Kind& kind) { return kind.codec == codec; });
  return found == std::end(kKinds) ? nullptr : found;
}

// libwebp's, 0 to 100.
const char* webp_quality(std::string_view quality) {
  if (quality == "draft") return "60";
  return quality == "good" ? "80" : "95";
}

}  // namespace

bool AnimatedImage::makes(std::string_view codec) {
  return kind_of(codec) != nullptr;
}

AnimatedImage::AnimatedImage(const RenderSpec& spec, int fd)
    : spec_(spec), step_(av_inv_q(av_d2q(spec.fps, 1'001'000))), output_(fd) {}

Result<std::unique_ptr<Film>> AnimatedImage::open(const RenderSpec& spec, int fd) {
  std::unique_ptr<AnimatedImage> film{new AnimatedImage(spec, fd)};
  RETURN_IF_ERROR(film->open_encoder());
  RETURN_IF_ERROR(film->open_muxer());
  return film;
}

Result<void> AnimatedImage::open_encoder() {
  const Kind& kind = *kind_of(spec_.codec);
  const std::string doing = fmt::format("encoding {}", spec_.codec);
  const AVCodec* codec = avcodec_find_encoder_by_name(kind.encoder);
  if (!codec) return ffmpeg_failed(doing, AVERROR_ENCODER_NOT_FOUND);
  encoder_.reset(avcodec_alloc_context3(codec));
  packet_.reset(av_packet_alloc());
  if (!encoder_ || !packet_) return ffmpeg_failed(doing, AVERROR(ENOMEM));
  AVCodecContext& c = *encoder_;
  c.width = static_cast<int>(spec_.width);
  c.height = static_cast<int>(spec_.height);
  c.pix_fmt = spec_.alpha ? kind.with_alpha : kind.opaque;
  c.time_base = step_;
  c.framerate = av_inv_q(step_);
  const bool draft = spec_.quality == "draft", palette = c.pix_fmt == AV_PIX_FMT_PAL8;
  Options options;
  if (spec_.codec == "webp") {
    options.set("quality", webp_quality(spec_.quality));
    options.set("lossless", spec_.quality == "lossless" ? 1 : 0);
    c.compression_level = draft ? 1 : 4;
  } else if (spec_.codec == "apng") {
    c.color_primaries = AVCOL_PRI_BT709;  // sRGB, which it can say; of the others it is known
    c.color_trc = AVCOL_TRC_IEC61966_2_1;
    options.set("pred", draft ? "sub" : "mixed");
    if (draft) c.compression_level = 3;
  } else if (spec_.alpha) {
    options.set("gifflags", "0");  // each picture stands by itself
  }
  if (const int failed = avcodec_open2(&c, codec, options.get()); failed < 0)
    return ffmpeg_failed(doing, failed);
  if (palette) gif_.emplace(spec_.alpha);
  converter_.emplace(PictureForm{.width = c.width,
                                 .height = c.height,
                                 .format = palette ? AV_PIX_FMT_RGBA : c.pix_fmt,
                                 .opaque = !spec_.alpha});
  return {};
}

Result<void> AnimatedImage::open_muxer() {
  RETURN_IF_ERROR(output_.open(kind_of(spec_.codec)->muxer));
  const ParametersHandle parameters{avcodec_parameters_alloc()};
  if (!parameters) return ffmpeg_failed("writing the film", AVERROR(ENOMEM));
  if (const int failed = avcodec_parameters_from_context(parameters.get(), encoder_.get());
      failed < 0)
    return ffmpeg_failed("writing the film", failed);
  ASSIGN_OR_RETURN(AVStream* const video, output_.add_stream(*parameters, step_));
  video->avg_frame_rate = av_inv_q(step_);
  const std::int64_t plays = spec_.plays;
  Options options;
  if (spec_.codec == "gif") {
    // It counts how often it is repeated, and says nothing if it never is.
    options.set("loop", plays == 0 ? 0 : plays == 1 ? -1 : plays - 1);
    options.set("final_delay", std::llround(100 / spec_.fps));
  } else if (spec_.codec == "apng") {
    options.set("plays", plays);
    options.set("final_delay", fmt::format("{}/{}", step_.num, step_.den).c_str());
  } else {
    options.set("loop", plays);
  }
  return output_.start(options);
}

Result<void> AnimatedImage::add(const AVFrame& picture) {
  ASSIGN_OR_RETURN(AVFrame* const converted, converter_->convert(picture));
  converted->pts = added_++;
  if (!gif_) return encode(converted);
  ASSIGN_OR_RETURN(const FrameHandle indexed, gif_->next(*converted));
  indexed->pts = converted->pts;
  return encode(indexed.get());
}

Result<void> AnimatedImage::encode(const AVFrame* picture) {
  const auto doing = [this] { return fmt::format("encoding {}", spec_.codec); };
  if (const int failed = avcodec_send_frame(encoder_.get(), picture);
      failed < 0 && failed != AVERROR_EOF)
    return ffmpeg_failed(doing(), failed);
  while (true) {
    const int failed = avcodec_receive_packet(encoder_.get(), packet_.get());
    if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return {};
    if (failed < 0) return ffmpeg_failed(doing(), failed);
    if (packet_->pts == AV_NOPTS_VALUE) packet_->pts = 0;  // WebP: all frames in one
    packet_->dts = packet_->pts;
    if (packet_->duration == 0) packet_->duration = 1;
    if (gif_) gif_->set_disposal(*packet_);
    auto written = output_.write(*packet_, 0, step_);
    av_packet_unref(packet_.get());
    RETURN_IF_ERROR(written);
  }
}

Result<void> AnimatedImage::finish() {
  RETURN_IF_ERROR(encode(nullptr));
  return output_.finish();
}

}  // namespace framewire::codec
