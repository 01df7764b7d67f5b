#include "codec/child/codecs/decoder.h"

#include <fmt/format.h>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

extern "C" {
#include <libavutil/intreadwrite.h>
}

namespace framewire::codec {
namespace {

// Matroska's BlockAdditional: its id in 8 bytes, then the data; 1 is alpha (RFC 9559, BlockAddID).
bool carries_alpha(const AVPacket& packet) {
  constexpr std::size_t kId = 8;
  std::size_t size = 0;
  const std::uint8_t* data =
      av_packet_get_side_data(&packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, &size);
  return data && size > kId && AV_RB64(data) == 1;
}

const char* alpha_decoder_of(AVCodecID codec) {
  if (codec == AV_CODEC_ID_VP8) return "libvpx";
  return codec == AV_CODEC_ID_VP9 ? "libvpx-vp9" : nullptr;
}

bool is_still(AVCodecID codec) {
  return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_WEBP;
}

}  // namespace

bool Decoder::knows(AVCodecID codec) {
  return decoder_of(codec) != nullptr;
}

Result<std::unique_ptr<Decoder>> Decoder::open(const AVCodecParameters& track) {
  std::unique_ptr<Decoder> decoder{new Decoder};
  decoder->parameters_.reset(avcodec_parameters_alloc());
  decoder->frame_.reset(av_frame_alloc());
  const bool made = decoder->parameters_ && decoder->frame_;
  if (!made || avcodec_parameters_copy(decoder->parameters_.get(), &track) < 0)
    return ffmpeg_failed("decoding", AVERROR(ENOMEM));
  RETURN_IF_ERROR(decoder->start(decoder_of(track.codec_id)));
  return decoder;
}

Result<void> Decoder::start(const char* name) {
  const AVCodecParameters& track = *parameters_;
  const AVCodec* codec = name ? avcodec_find_decoder_by_name(name) : nullptr;
  const auto doing = fmt::format("decoding {}", avcodec_get_name(track.codec_id));
  if (!codec) return ffmpeg_failed(doing, AVERROR_DECODER_NOT_FOUND);
  context_.reset(avcodec_alloc_context3(codec));
  if (!context_) return ffmpeg_failed(doing, AVERROR(ENOMEM));
  AVCodecContext& context = *context_;
  if (const int failed = avcodec_parameters_to_context(&context, &track); failed < 0)
    return ffmpeg_failed(doing, failed);
  context.thread_count = 1;
  context.max_pixels = kMaxPixels;
  // Of a broken still picture nothing is better than a part; of a film the next picture mends it.
  if (is_still(track.codec_id))
    context.err_recognition |= AV_EF_CRCCHECK | AV_EF_CAREFUL | AV_EF_EXPLODE;
  context.pkt_timebase = {1, 1'000'000};
  if (const int failed = avcodec_open2(&context, codec, nullptr); failed < 0)
    return ffmpeg_failed(doing, failed);
  return {};
}

Result<void> Decoder::decode(const AVPacket* packet, const Take& take) {
  if (packet && !alpha_ && carries_alpha(*packet)) {
    const char* name = alpha_decoder_of(parameters_->codec_id);
    alpha_ = true;
    if (name && avcodec_find_decoder_by_name(name)) RETURN_IF_ERROR(start(name));
  }
  int failed = avcodec_send_packet(context_.get(), packet);
  // Some decoders say -1 of what they cannot read, such as pictures whose headers never came.
  if (failed == AVERROR(EPERM)) failed = AVERROR_INVALIDDATA;
  // Its own queue holds one packet, and is empty here: EAGAIN does not come.
  if (failed < 0 && failed != AVERROR_EOF)
    return ffmpeg_failed(fmt::format("decoding {}", context_->codec->name), failed);
  while (true) {
    failed = avcodec_receive_frame(context_.get(), frame_.get());
    if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return {};
    if (failed < 0) return ffmpeg_failed(fmt::format("decoding {}", context_->codec->name), failed);
    frame_->pts = frame_->best_effort_timestamp;
    // FFmpeg's libvpx decoders leave each frame marked as a key one.
    if (alpha_ && packet) mark_keyframe(*frame_, (packet->flags & AV_PKT_FLAG_KEY) != 0);
    auto taken = take(*frame_);
    av_frame_unref(frame_.get());
    if (!taken) return taken;
  }
}

}  // namespace framewire::codec
