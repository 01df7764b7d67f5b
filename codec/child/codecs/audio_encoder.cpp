#include "codec/child/codecs/audio_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

namespace framewire::codec {
namespace {

constexpr int kLowestRate = 4'000, kHighestRate = 192'000;
constexpr int kMostChannels = 8;
// Browsers' times are off by a few milliseconds, whichever way. More than this is followed by
// stretching, and still more by silence or by leaving out.
constexpr double kStretchFromSeconds = 0.012;
constexpr double kSilenceFromSeconds = 0.04;
constexpr double kMostStretch = 0.01;
constexpr float kLoudest = 16;  // full scale is 1

// By name: FFmpeg has several of MP2 and Opus.
const char* encoder_of(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_AAC:
      return "aac";
    case AV_CODEC_ID_MP2:
      return "mp2";
    case AV_CODEC_ID_OPUS:
      return "libopus";
    default:
      return nullptr;
  }
}

// Room for so many samples of what the encoder takes.
FrameHandle frame_for(const AVCodecContext& encoder, int samples) {
  FrameHandle frame{av_frame_alloc()};
  if (!frame) return nullptr;
  frame->nb_samples = samples;
  frame->format = encoder.sample_fmt;
  frame->sample_rate = encoder.sample_rate;
  if (av_channel_layout_copy(&frame->ch_layout, &encoder.ch_layout) < 0 ||
      av_frame_get_buffer(frame.get(), 0) < 0)
    return nullptr;
  return frame;
}

// Sound of floats may hold what is no number, or one that no speaker plays: an encoder refuses it,
// and the rest of the film would be lost with it.
void make_playable(AVFrame& frame, int samples) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  if (format != AV_SAMPLE_FMT_FLT && format != AV_SAMPLE_FMT_FLTP) return;
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const int channels = frame.ch_layout.nb_channels;
  for (int plane = 0; plane < (planar ? channels : 1); ++plane) {
    auto* const values = reinterpret_cast<float*>(frame.extended_data[plane]);
    for (float& value : std::span{values, static_cast<std::size_t>(samples) *
                                              (planar ? 1 : static_cast<std::size_t>(channels))})
      value = std::isfinite(value) ? std::clamp(value, -kLoudest, kLoudest) : 0;
  }
}

bool same_sound(const AVFrame& a, const AVFrame& b) {
  return a.sample_rate == b.sample_rate && a.format == b.format &&
         av_channel_layout_compare(&a.ch_layout, &b.ch_layout) == 0;
}

}  // namespace

Result<std::unique_ptr<AudioEncoder>> AudioEncoder::open(const AudioEncoding& encoding) {
  const auto doing = fmt::format("encoding {}", avcodec_get_name(encoding.codec));
  const char* name = encoder_of(encoding.codec);
  const AVCodec* codec = name ? avcodec_find_encoder_by_name(name) : nullptr;
  if (!codec) return ffmpeg_failed(doing, AVERROR_ENCODER_NOT_FOUND);
  std::unique_ptr<AudioEncoder> out{new AudioEncoder};
  out->keeps_start_ = encoding.keeps_start;
  AVCodecContext* context = avcodec_alloc_context3(codec);
  out->encoder_.reset(context);
  out->parameters_.reset(avcodec_parameters_alloc());
  if (!context || !out->parameters_) return ffmpeg_failed(doing, AVERROR(ENOMEM));

  context->sample_fmt = first_sample_format(*context, *codec);
  context->sample_rate = encoding.sample_rate;
  av_channel_layout_default(&context->ch_layout, encoding.channels);
  context->time_base = {1, encoding.sample_rate};
  context->bit_rate = std::int64_t{encoding.kbps} * 1000;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  int failed = avcodec_open2(context, codec, nullptr);
  if (failed >= 0) failed = avcodec_parameters_from_context(out->parameters_.get(), context);
  if (failed < 0) return ffmpeg_failed(doing, failed);
  out->held_.reset(
      av_audio_fifo_alloc(context->sample_fmt, encoding.channels, 4 * context->frame_size));
  if (!out->held_) return ffmpeg_failed(doing, AVERROR(ENOMEM));
  return out;
}

Result<void> AudioEncoder::encode(const AVFrame* frame, const Take& take) {
  if (!frame) {
    if (resampler_) RETURN_IF_ERROR(resample(nullptr));
    resampler_.reset();
    RETURN_IF_ERROR(encode_held(true, take));
    return send(nullptr, take);
  }
  if (frame->sample_rate < kLowestRate || frame->sample_rate > kHighestRate ||
      frame->ch_layout.nb_channels < 1 || frame->ch_layout.nb_channels > kMostChannels)
    return fail(Errc::malformed_media,
                fmt::format("sound of {} Hz and {} channels", frame->sample_rate,
                            frame->ch_layout.nb_channels));
  if (frame->nb_samples <= 0 || frame->pts == AV_NOPTS_VALUE) return {};

  if (!resampler_ || !same_sound(*frame, *from_) || frame->pts - next_us_ > kLongestSilenceUs)
    RETURN_IF_ERROR(begin(*frame, take));
  tell_resampler(frame->pts, kMicroseconds);
  next_us_ = frame->pts + av_rescale(frame->nb_samples, kMicroseconds.den, frame->sample_rate);
  RETURN_IF_ERROR(resample(frame));
  return encode_held(false, take);
}

// Sound of another form, or after a time without any.
Result<void> AudioEncoder::begin(const AVFrame& frame, const Take& take) {
  if (resampler_) RETURN_IF_ERROR(resample(nullptr));
  if (!std::exchange(begun_, true) || frame.pts - next_us_ > kLongestSilenceUs) {
    RETURN_IF_ERROR(encode_held(true, take));
    held_from_ = std::max(held_from_, av_rescale_q(frame.pts, kMicroseconds, encoder_->time_base));
  }
  RETURN_IF_ERROR(make_resampler(frame));
  tell_resampler(held_from_ + av_audio_fifo_size(held_.get()), encoder_->time_base);
  return {};
}

Result<void> AudioEncoder::make_resampler(const AVFrame& frame) {
  from_.reset(av_frame_alloc());
  if (!from_) return ffmpeg_failed("resampling", AVERROR(ENOMEM));
  from_->sample_rate = frame.sample_rate;
  from_->format = frame.format;
  int failed = av_channel_layout_copy(&from_->ch_layout, &frame.ch_layout);
  SwrContext* context = nullptr;
  if (failed >= 0)
    failed = swr_alloc_set_opts2(&context, &encoder_->ch_layout, encoder_->sample_fmt,
                                 encoder_->sample_rate, &from_->ch_layout,
                                 static_cast<AVSampleFormat>(from_->format), from_->sample_rate, 0,
                                 nullptr);
  resampler_.reset(context);
  if (failed >= 0) {
    av_opt_set_int(context, "flags", SWR_FLAG_RESAMPLE, 0);  // able to stretch at any time
    av_opt_set_double(context, "min_comp", kStretchFromSeconds, 0);
    av_opt_set_double(context, "min_hard_comp", kSilenceFromSeconds, 0);
    av_opt_set_double(context, "comp_duration", 1.0, 0);
    av_opt_set_double(context, "max_soft_comp", kMostStretch, 0);
    failed = swr_init(context);
  }
  if (failed < 0) return ffmpeg_failed("resampling", failed);
  return {};
}

// When the next sample is due: first that of the output, then that of each frame. The resampler
// puts in silence, leaves out, or stretches. It counts in 1 / (rate in * rate out).
void AudioEncoder::tell_resampler(std::int64_t time, AVRational time_base) {
  const std::int64_t ticks = std::int64_t{from_->sample_rate} * encoder_->sample_rate;
  swr_next_pts(resampler_.get(), av_rescale(time, ticks * time_base.num, time_base.den));
}

// nullptr: what the resampler still has.
Result<void> AudioEncoder::resample(const AVFrame* frame) {
  const int samples = frame ? frame->nb_samples : 0;
  int got = 0;
  do {
    const int room = swr_get_out_samples(resampler_.get(), samples);
    if (room <= 0) break;
    const FrameHandle out = frame_for(*encoder_, room);
    if (!out) return ffmpeg_failed("resampling", AVERROR(ENOMEM));
    got = swr_convert(resampler_.get(), out->extended_data, room,
                      frame ? const_cast<const std::uint8_t**>(frame->extended_data) : nullptr,
                      samples);
    if (got > 0) {
      make_playable(*out, got);
      const int kept =
          av_audio_fifo_write(held_.get(), reinterpret_cast<void**>(out->extended_data), got);
      if (kept < 0) return ffmpeg_failed("resampling", kept);
    }
    if (got < 0) return ffmpeg_failed("resampling", got);
  } while (!frame && got > 0);
  return {};
}

// What fills the encoder's frames; all: the last one with silence at its end.
Result<void> AudioEncoder::encode_held(bool all, const Take& take) {
  const int size = encoder_->frame_size;
  while (av_audio_fifo_size(held_.get()) >= (all ? 1 : size)) {
    const FrameHandle frame = frame_for(*encoder_, size);
    if (!frame) return ffmpeg_failed("encoding sound", AVERROR(ENOMEM));
    const int got =
        av_audio_fifo_read(held_.get(), reinterpret_cast<void**>(frame->extended_data), size);
    if (got < 0) return ffmpeg_failed("encoding sound", got);
    av_samples_set_silence(frame->extended_data, got, size - got, encoder_->ch_layout.nb_channels,
                           encoder_->sample_fmt);
    frame->pts = held_from_;
    held_from_ += size;
    RETURN_IF_ERROR(send(frame.get(), take));
  }
  return {};
}

Result<void> AudioEncoder::send(const AVFrame* frame, const Take& take) {
  int failed = avcodec_send_frame(encoder_.get(), frame);
  while (failed >= 0) {
    const PacketHandle packet{av_packet_alloc()};
    if (!packet) return ffmpeg_failed("encoding sound", AVERROR(ENOMEM));
    failed = avcodec_receive_packet(encoder_.get(), packet.get());
    if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return {};
    if (failed < 0) break;
    av_packet_rescale_ts(packet.get(), encoder_->time_base, kMicroseconds);
    packet->dts = packet->pts;
    packet->flags |= AV_PKT_FLAG_KEY;
    if (packet->pts < 0 && !keeps_start_) continue;
    RETURN_IF_ERROR(take(*packet));
  }
  return ffmpeg_failed("encoding sound", failed);
}

}  // namespace framewire::codec
