#include "codec/child/codecs/picture_decoder.h"

#include <fmt/format.h>

#include <cstring>

#include "codec/child/av/ffmpeg_error.h"
#include "ingest/base/try.h"
#include "ingest/pictures/webp.h"

namespace framewire::codec {
namespace {

AVCodecID codec_of(Format format) {
  switch (format) {
    case Format::png:
      return AV_CODEC_ID_PNG;
    case Format::jpeg:
      return AV_CODEC_ID_MJPEG;
    case Format::webp:
      return AV_CODEC_ID_WEBP;
    default:
      return AV_CODEC_ID_NONE;
  }
}

}  // namespace

Result<PictureDecoder> PictureDecoder::open(const PictureOrigin& origin) {
  PictureDecoder out{origin};
  out.packet_.reset(av_packet_alloc());
  out.frame_.reset(av_frame_alloc());
  const ParametersHandle parameters{avcodec_parameters_alloc()};
  if (!out.packet_ || !out.frame_ || !parameters)
    return ffmpeg_failed("decoding pictures", AVERROR(ENOMEM));
  if (origin.i420 && origin.packed)
    out.unpacker_.emplace(i420_planes(static_cast<std::size_t>(origin.width),
                                      static_cast<std::size_t>(origin.height)));
  if (origin.format == Format::rgba || origin.i420) return out;
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = codec_of(origin.format);
  ASSIGN_OR_RETURN(out.decoder_, Decoder::open(*parameters));
  return out;
}

Result<const AVFrame*> PictureDecoder::decode(Bytes picture) {
  if (!decoder_) return origin_.i420 ? wrap_planes(picture) : wrap(picture);
  const Buffer first = origin_.format == Format::webp ? webp_first_picture(picture) : Buffer{};
  if (!first.empty()) picture = first;
  av_packet_unref(packet_.get());
  av_frame_unref(frame_.get());
  if (const int failed = av_new_packet(packet_.get(), static_cast<int>(picture.size())); failed < 0)
    return ffmpeg_failed("decoding pictures", failed);
  std::memcpy(packet_->data, picture.data(), picture.size());
  packet_->flags |= AV_PKT_FLAG_KEY;
  RETURN_IF_ERROR(decoder_->decode(packet_.get(), [this](AVFrame& frame) -> Result<void> {
    av_frame_unref(frame_.get());
    av_frame_move_ref(frame_.get(), &frame);
    return {};
  }));
  if (frame_->width <= 0 || frame_->decode_error_flags != 0)
    return fail(Errc::malformed_media,
                fmt::format("a {} that is broken inside", to_string(origin_.format)));
  return frame_.get();
}

Result<const AVFrame*> PictureDecoder::wrap(Bytes picture) {
  const auto row = static_cast<std::size_t>(origin_.width) * 4;
  if (row == 0 || picture.size() != row * static_cast<std::size_t>(origin_.height))
    return fail(Errc::malformed_media, fmt::format("an rgba frame of {} bytes, {}x{}",
                                                   picture.size(), origin_.width, origin_.height));
  frame_->format = AV_PIX_FMT_RGBA;
  frame_->width = origin_.width;
  frame_->height = origin_.height;
  // Nobody writes to it: it is read by a converter.
  frame_->data[0] = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(picture.data()));
  frame_->linesize[0] = static_cast<int>(row);
  return frame_.get();
}

Result<const AVFrame*> PictureDecoder::wrap_planes(Bytes picture) {
  const auto width = static_cast<std::size_t>(origin_.width);
  const auto height = static_cast<std::size_t>(origin_.height);
  const std::size_t across = (width + 1) / 2, down = (height + 1) / 2;
  const bool whole = picture.size() == width * height + 2 * across * down;
  if (width == 0 || (!whole && !unpacker_))
    return fail(Errc::malformed_media,
                fmt::format("an i420 picture of {} bytes, {}x{}", picture.size(), width, height));
  describe_planes();
  if (whole) {
    auto* const y = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(picture.data()));
    frame_->data[0] = y;  // likewise only read
    frame_->data[1] = y + width * height;
    frame_->data[2] = frame_->data[1] + across * down;
    return frame_.get();
  }
  RETURN_IF_ERROR(unpacker_->unpack(picture));
  for (std::size_t plane = 0; plane < 3; ++plane) frame_->data[plane] = unpacker_->plane(plane);
  return frame_.get();
}

void PictureDecoder::describe_planes() {
  frame_->format = AV_PIX_FMT_YUV420P;
  frame_->width = origin_.width;
  frame_->height = origin_.height;
  frame_->color_range = AVCOL_RANGE_MPEG;
  frame_->colorspace = AVCOL_SPC_BT709;
  frame_->color_primaries = AVCOL_PRI_BT709;
  frame_->color_trc = AVCOL_TRC_BT709;
  frame_->linesize[0] = origin_.width;
  frame_->linesize[1] = frame_->linesize[2] = (origin_.width + 1) / 2;
}

}  // namespace framewire::codec
