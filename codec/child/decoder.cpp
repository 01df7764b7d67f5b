#include "codec/child/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "codec/child/ffmpeg_error.h"

namespace framewire::codec {
namespace {

struct Row {
  AVCodecID codec;
  const char* decoder;  // as AVCodec has it
};
constexpr std::array kDecoders = {
    Row{AV_CODEC_ID_H264, "h264"},
    Row{AV_CODEC_ID_VP8, "vp8"},
    Row{AV_CODEC_ID_VP9, "vp9"},
    Row{AV_CODEC_ID_AV1, "libdav1d"},
    Row{AV_CODEC_ID_MPEG1VIDEO, "mpeg1video"},
    Row{AV_CODEC_ID_MJPEG, "mjpeg"},
    Row{AV_CODEC_ID_PNG, "png"},
    Row{AV_CODEC_ID_WEBP, "webp"},
    Row{AV_CODEC_ID_RAWVIDEO, "rawvideo"},
    Row{AV_CODEC_ID_OPUS, "opus"},
    Row{AV_CODEC_ID_AAC, "aac"},
    Row{AV_CODEC_ID_VORBIS, "vorbis"},
    Row{AV_CODEC_ID_MP3, "mp3float"},
    Row{AV_CODEC_ID_MP2, "mp2float"},
    Row{AV_CODEC_ID_FLAC, "flac"},
    Row{AV_CODEC_ID_PCM_S16LE, "pcm_s16le"},
    Row{AV_CODEC_ID_PCM_F32LE, "pcm_f32le"},
    Row{AV_CODEC_ID_PCM_U8, "pcm_u8"},
};

bool is_still(AVCodecID codec) {
  return codec == AV_CODEC_ID_PNG || codec == AV_CODEC_ID_MJPEG || codec == AV_CODEC_ID_WEBP;
}

const Row* row_of(AVCodecID codec) {
  const auto row = std::find_if(kDecoders.begin(), kDecoders.end(),
                                [&](const Row& r) { return r.codec == codec; });
  return row == kDecoders.end() ? nullptr : &*row;
}

}  // namespace

bool Decoder::knows(AVCodecID codec) {
  return row_of(codec) != nullptr;
}

Result<std::unique_ptr<Decoder>> Decoder::open(const AVCodecParameters& track) {
  const Row* row = row_of(track.codec_id);
  const AVCodec* codec = row ? avcodec_find_decoder_by_name(row->decoder) : nullptr;
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
