#include "codec/child/thumbnail.h"

#include <unistd.h>

#include <algorithm>
#include <array>

extern "C" {
#include <libswscale/swscale.h>
}

namespace framewire::codec {
namespace {

constexpr int kSide = 320;
constexpr int kQuality = 5;  // 2 (best) to 31
constexpr int kMaxPixels = 8192 * 8192;
constexpr std::array kDecoded = {AV_CODEC_ID_VP8,  AV_CODEC_ID_VP9,   AV_CODEC_ID_AV1,
                                 AV_CODEC_ID_H264, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG1VIDEO};

struct FreeScaler {
  void operator()(SwsContext* c) const noexcept { sws_freeContext(c); }
};

FrameHandle decode(const AVPacket& packet, const AVStream& stream) {
  const AVCodecID id = stream.codecpar->codec_id;
  if (std::find(kDecoded.begin(), kDecoded.end(), id) == kDecoded.end()) return nullptr;
  const AVCodec* codec = avcodec_find_decoder(id);
  CodecHandle decoder{codec ? avcodec_alloc_context3(codec) : nullptr};
  FrameHandle frame{av_frame_alloc()};
  if (!decoder || !frame || avcodec_parameters_to_context(decoder.get(), stream.codecpar) < 0)
    return nullptr;
  decoder->thread_count = 1;
  decoder->max_pixels = kMaxPixels;
  if (avcodec_open2(decoder.get(), codec, nullptr) < 0 ||
      avcodec_send_packet(decoder.get(), &packet) < 0)
    return nullptr;
  avcodec_send_packet(decoder.get(), nullptr);
  return avcodec_receive_frame(decoder.get(), frame.get()) < 0 ? nullptr : std::move(frame);
}

// In JPEG's full range; even sides, for its colours are shared by 2x2 pixels.
FrameHandle scale(const AVFrame& from) {
  FrameHandle to{av_frame_alloc()};
  if (!to || from.width <= 0 || from.height <= 0) return nullptr;
  const int longer = std::max(from.width, from.height);
  const int side = std::min(longer, kSide);
  const auto scaled = [&](int length) {
    return std::max(2, static_cast<int>(static_cast<std::int64_t>(length) * side / longer) & ~1);
  };
  to->format = AV_PIX_FMT_YUVJ420P;
  to->width = scaled(from.width);
  to->height = scaled(from.height);
  if (av_frame_get_buffer(to.get(), 0) < 0) return nullptr;
  const std::unique_ptr<SwsContext, FreeScaler> scaler{
      sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), to->width,
                     to->height, AV_PIX_FMT_YUVJ420P, SWS_AREA, nullptr, nullptr, nullptr)};
  if (!scaler) return nullptr;
  const int rows =
      sws_scale(scaler.get(), from.data, from.linesize, 0, from.height, to->data, to->linesize);
  return rows == to->height ? std::move(to) : nullptr;
}

PacketHandle encode(AVFrame& frame) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  CodecHandle encoder{codec ? avcodec_alloc_context3(codec) : nullptr};
  PacketHandle packet{av_packet_alloc()};
  if (!encoder || !packet) return nullptr;
  encoder->width = frame.width;
  encoder->height = frame.height;
  encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
  encoder->time_base = {1, 25};
  encoder->flags |= AV_CODEC_FLAG_QSCALE;
  encoder->global_quality = FF_QP2LAMBDA * kQuality;
  encoder->thread_count = 1;
  frame.quality = encoder->global_quality;
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0 ||
      avcodec_send_frame(encoder.get(), &frame) < 0)
    return nullptr;
  avcodec_send_frame(encoder.get(), nullptr);
  return avcodec_receive_packet(encoder.get(), packet.get()) < 0 ? nullptr : std::move(packet);
}

}  // namespace

bool write_thumbnail(const AVPacket& packet, const AVStream& stream, int fd) {
  const FrameHandle picture = decode(packet, stream);
  const FrameHandle small = picture ? scale(*picture) : nullptr;
  const PacketHandle jpeg = small ? encode(*small) : nullptr;
  if (!jpeg) return false;
  return pwrite(fd, jpeg->data, static_cast<std::size_t>(jpeg->size), 0) == jpeg->size;
}

}  // namespace framewire::codec
