// Sound of any kind in, packets of one codec at one rate out. The packets' times are those of the
// sound: a clock that wanders is followed by stretching, a hole becomes silence, one longer than
// kLongestSilenceUs a jump; nothing adds up to a drift.
// Thread: one.  Errors: unsupported_format (an encoding that is not there), malformed_media (sound
// of a rate or with channels that none has), internal.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"

extern "C" {
#include <libavutil/audio_fifo.h>
#include <libswresample/swresample.h>
}

namespace framewire::codec {

struct FreeResampler {
  void operator()(SwrContext* c) const noexcept { swr_free(&c); }
};
struct FreeFifo {
  void operator()(AVAudioFifo* f) const noexcept { av_audio_fifo_free(f); }
};

struct AudioEncoding {
  AVCodecID codec = AV_CODEC_ID_AAC;  // or MP2, or Opus
  int sample_rate = 48'000;           // or 44,100 (not Opus)
  int channels = 2;                   // or 1
  int kbps = 128;
  // The packet that the encoder needs to start, before 0, is kept: for a muxer that tells players
  // to leave its sound out (an edit list, CodecDelay). Else the sound's first milliseconds are
  // lost.
  bool keeps_start = false;
};

class AudioEncoder {
 public:
  static constexpr std::int64_t kLongestSilenceUs = 1'000'000;
  using Take = std::function<Result<void>(AVPacket&)>;

  static Result<std::unique_ptr<AudioEncoder>> open(const AudioEncoding& encoding);
  // frame: sound of any sample format, rate and layout, which may change; pts in microseconds.
  // nullptr: all has come. take: packets with pts, dts and duration in microseconds, dts rising. A
  // packet that would begin before 0 (what an encoder needs to start) is left out, or kept.
  Result<void> encode(const AVFrame* frame, const Take& take);
  // Of the packets, AAC with its AudioSpecificConfig; known from the start.
  const AVCodecParameters* parameters() const { return parameters_.get(); }

 private:
  AudioEncoder() = default;
  Result<void> begin(const AVFrame& frame, const Take& take);
  Result<void> make_resampler(const AVFrame& frame);
  Result<void> resample(const AVFrame* frame);
  void tell_resampler(std::int64_t time, AVRational time_base);
  Result<void> encode_held(bool all, const Take& take);
  Result<void> send(const AVFrame* frame, const Take& take);

  CodecHandle encoder_;
  ParametersHandle parameters_;
  std::unique_ptr<SwrContext, FreeResampler> resampler_;
  FrameHandle from_;  // rate, format and layout that the resampler was made for
  std::unique_ptr<AVAudioFifo, FreeFifo> held_;
  std::int64_t held_from_ = 0;  // time of the first sample in held_, in samples
  std::int64_t next_us_ = 0;    // where the sound that came so far ends
  bool begun_ = false;
  bool keeps_start_ = false;
};

}  // namespace framewire::codec
