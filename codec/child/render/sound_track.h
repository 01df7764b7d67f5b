// A file of sound, read as far as the film has come: decoded, encoded anew as the film's container
// has it, cut where the film ends. From its beginning on, whatever time the file gives that.
// Thread: one. Errors: malformed_media (no sound in it, or none that decodes), unsupported_format,
// internal.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/codecs/audio_encoder.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class SoundTrack {
 public:
  // Its times are microseconds of the film.
  using Take = std::function<Result<void>(AVPacket&)>;

  // fd: of a regular file; outlives the track. end_us: nothing is heard from there on.
  static Result<std::unique_ptr<SoundTrack>> open(int fd, AVCodecID codec, std::int64_t end_us);
  // Whole from the start.
  const AVCodecParameters& parameters() const { return *encoder_->parameters(); }
  // All that begins before that time; end_us or later: all.
  Result<void> read(std::int64_t to_us, const Take& take);

 private:
  explicit SoundTrack(int fd, std::int64_t end_us) : file_(fd), end_us_(end_us) {}
  Result<void> open_input();
  Result<void> decode(const AVPacket* packet, const Take& take);
  Result<void> encode(AVFrame& frame, const Take& take);

  FileIo file_;
  const std::int64_t end_us_;
  IoHandle io_;
  InputHandle input_;
  const AVStream* stream_ = nullptr;
  CodecHandle decoder_;
  std::unique_ptr<AudioEncoder> encoder_;
  PacketHandle packet_;
  FrameHandle frame_;
  std::int64_t came_us_ = 0;  // the film's time of what was decoded
  bool decoded_ = false;      // any
  bool over_ = false;
};

}  // namespace framewire::codec
