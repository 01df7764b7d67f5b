#include "codec/child/live/picture_rendition.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::string_view kWebm = "webm";
constexpr std::string_view kH264 = "h264";
constexpr int kKeyframeMs = 2000;
// Of pictures left out: the first is logged, and each so many.
constexpr std::uint64_t kLogEach = 100;

bool keeps_alpha(const Output& output) {
  return output.name == kWebm;
}

}  // namespace

PictureRendition::PictureRendition(std::string name, const PictureOrigin& origin, const Output& to,
                                   const Transcoding& how, WriteBytes write)
    : name_(std::move(name)), origin_(origin), to_(to), how_(how), write_(std::move(write)) {}

Result<void> PictureRendition::fits(const Output& output) {
  if (output.name == kWebm || output.name == kH264) return {};
  return fail(Errc::unsupported_format,
              fmt::format("pictures are made into .{} and .{}", kWebm, kH264));
}

Result<void> PictureRendition::take(Bytes picture, std::int64_t pts_us, std::int64_t received_us) {
  const std::int64_t time_us = times_.time_of(pts_us, received_us);
  if (!decoder_) {
    ASSIGN_OR_RETURN(decoder_, PictureDecoder::open(origin_));
  }
  const auto decoded = decoder_->decode(picture);
  if (!decoded) {
    if (decoded.error().code != Errc::malformed_media) return tl::make_unexpected(decoded.error());
    left_out(decoded.error());
    return {};
  }
  return encode(**decoded, time_us);
}

bool PictureRendition::must_begin(const AVFrame& picture) const {
  const Upright upright = upright_of(picture, kPictureShape);
  const bool resized = upright.width != width_ || upright.height != height_;
  return !encoder_ || (resized && origin_.resize == Resize::epoch) ||
         (keeps_alpha(to_) && !alpha_ && is_transparent(picture));
}

Result<void> PictureRendition::encode(const AVFrame& picture, std::int64_t time_us) {
  if (must_begin(picture)) RETURN_IF_ERROR(begin(picture));
  ASSIGN_OR_RETURN(auto converted, converter_->convert(picture, kPictureShape));
  converted->pts = time_us;
  return encoder_->encode(converted, [this](AVPacket& packet) { return muxer_->write(packet, 0); });
}

// An encoder and a muxer of this picture's size; one begun for the sake of transparency keeps the
// size it has, if it is to be kept.
Result<void> PictureRendition::begin(const AVFrame& picture) {
  RETURN_IF_ERROR(finish());
  alpha_ = alpha_ || (keeps_alpha(to_) && is_transparent(picture));
  if (width_ == 0 || origin_.resize == Resize::epoch) {
    const Upright upright = upright_of(picture, kPictureShape);
    width_ = upright.width;
    height_ = upright.height;
  }
  // As wide as it is at the height that is allowed.
  const int height =
      how_.max_height == 0 ? height_ : std::min(height_, static_cast<int>(how_.max_height));
  const int width = std::max(1, static_cast<int>(av_rescale(width_, height, height_)));
  ASSIGN_OR_RETURN(
      encoder_, VideoEncoder::open({.codec = keeps_alpha(to_) ? AV_CODEC_ID_VP9 : AV_CODEC_ID_H264,
                                    .width = width,
                                    .height = height,
                                    .fps = origin_.fps,
                                    .alpha = alpha_,
                                    .live = true,
                                    .quality = static_cast<int>(how_.quality),
                                    .kbps = static_cast<int>(how_.kbps),
                                    .keyframe_ms = kKeyframeMs}));
  converter_.emplace(encoder_->form(), origin_.resize == Resize::pad ? Fit::pad : Fit::scale);
  const std::array<const AVCodecParameters*, 1> tracks = {encoder_->parameters()};
  ASSIGN_OR_RETURN(muxer_, Muxer::open(to_, tracks, write_, 0));
  spdlog::debug("{}: {} pictures of {}x{}{}", name_, to_string(origin_.format), width_, height_,
                alpha_ ? ", transparent" : "");
  return {};
}

Result<void> PictureRendition::finish() {
  if (!encoder_) return {};
  const auto flushed =
      encoder_->encode(nullptr, [this](AVPacket& packet) { return muxer_->write(packet, 0); });
  encoder_.reset();
  muxer_.reset();
  return flushed;
}

void PictureRendition::left_out(const Error& why) {
  if (left_out_++ % kLogEach == 0)
    spdlog::warn("{}: picture left out, {} so far: {}", name_, left_out_, why.what);
}

}  // namespace framewire::codec
