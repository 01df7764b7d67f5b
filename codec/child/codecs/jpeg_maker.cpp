#include "codec/child/codecs/jpeg_maker.h"

#include <algorithm>

#include "codec/child/av/ffmpeg_error.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {
constexpr int kQuality = 80;
}

Result<void> JpegMaker::begin(int width, int height) {
  VideoEncoding encoding{.codec = AV_CODEC_ID_MJPEG, .width = width, .height = height};
  encoding.quality = kQuality;
  if (max_width_ > 0 && width > max_width_) {
    encoding.width = max_width_;
    encoding.height = std::max(1, static_cast<int>(av_rescale(height, max_width_, width)));
  }
  if (max_height_ > 0 && encoding.height > max_height_) {
    encoding.width = std::max(1, static_cast<int>(av_rescale(width, max_height_, height)));
    encoding.height = max_height_;
  }
  ASSIGN_OR_RETURN(encoder_, VideoEncoder::open(encoding));
  converter_.emplace(encoder_->form());
  width_ = width;
  height_ = height;
  return {};
}

Result<void> JpegMaker::make(const AVFrame& picture, const Shape& shape) {
  const Upright upright = upright_of(picture, shape);
  if (!encoder_ || upright.width != width_ || upright.height != height_)
    RETURN_IF_ERROR(begin(upright.width, upright.height));
  ASSIGN_OR_RETURN(auto converted, converter_->convert(picture, shape));
  converted->pts = ++time_us_;
  return encoder_->encode(converted, [this](AVPacket& packet) -> Result<void> {
    const Bytes jpeg = std::as_bytes(std::span{packet.data, static_cast<std::size_t>(packet.size)});
    if (const int failed = write_(jpeg); failed < 0) return ffmpeg_failed("writing a JPEG", failed);
    return {};
  });
}

}  // namespace framewire::codec
