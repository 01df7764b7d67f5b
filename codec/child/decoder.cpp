#include "codec/child/decoder.h"

#include <fmt/format.h>

#include "codec/child/codec_table.h"
#include "codec/child/ffmpeg_error.h"

namespace framewire::codec {
namespace {

bool is_still(AVCodecID codec) {
  return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_WEBP;
}

}  // namespace

bool Decoder::knows(AVCodecID codec) {
  return decoder_of(codec) != nullptr;
}

Result<std::unique_ptr<Decoder>> Decoder::open(const AVCodecParameters& track) {
  const char* name = decoder_of(track.codec_id);
  const AVCodec* codec = name ? avcodec_find_decoder_by_name(name) : nullptr;
  const auto doing = fmt::format("decoding {}", avcodec_get_name(track.codec_id));
  if (!codec) return ffmpeg_failed(doing, AVERROR_DECODER_NOT_FOUND);

  std::unique_ptr<Decoder> decoder{new Decoder};
  decoder->context_.reset(avcodec_alloc_context3(codec));
  decoder->frame_.reset(av_frame_alloc());
  if (!decoder->context_ || !decoder->frame_) return ffmpeg_failed(doing, AVERROR(ENOMEM));
  AVCodecContext& context = *decoder->context_;
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
  return decoder;
}

Result<void> Decoder::decode(const AVPacket* packet, const Take& take) {
  int failed = avcodec_send_packet(context_.get(), packet);
  // Its own queue holds one packet, and is empty here: EAGAIN does not come.
  if (failed < 0 && failed != AVERROR_EOF)
    return ffmpeg_failed(fmt::format("decoding {}", context_->codec->name), failed);
  while (true) {
    failed = avcodec_receive_frame(context_.get(), frame_.get());
    if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return {};
    if (failed < 0) return ffmpeg_failed(fmt::format("decoding {}", context_->codec->name), failed);
    frame_->pts = frame_->best_effort_timestamp;
    auto taken = take(*frame_);
    av_frame_unref(frame_.get());
    if (!taken) return taken;
  }
}

}  // namespace framewire::codec
