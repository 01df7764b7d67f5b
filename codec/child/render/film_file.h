// Pictures of one size and rate, and sound beside them, into a file that players can seek in: MP4
// and MOV with their index in front. Frame n stands at n / fps; no B frames.
// Thread: one; the encoder starts its own. Errors: unsupported_format (no such encoder, a size it
// does not take), malformed_media (the sound), internal; disk_error() says if it was the disk.
#pragma once
#include <cstdint>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/video_encoder.h"
#include "codec/child/containers/file_output.h"
#include "codec/child/render/sound_track.h"
#include "codec/render.h"

namespace framewire::codec {

class FilmFile {
 public:
  // spec: one that why_no_film() takes. sound_fd: -1 = none. Both descriptors outlive it.
  static Result<std::unique_ptr<FilmFile>> open(const RenderSpec& spec, int fd, int sound_fd);
  // The next frame.
  Result<void> add(const AVFrame& picture);
  // No more come: the file is whole then.
  Result<void> finish();
  // An errno of writing; 0 = none.
  int disk_error() const { return output_.disk_error(); }
  bool sound_failed() const { return sound_failed_; }

 private:
  FilmFile(const RenderSpec& spec, int fd) : spec_(spec), output_(fd) {}
  Result<void> open_encoder();
  Result<void> open_sound(int fd);
  Result<void> open_muxer();
  Result<void> add_stream(const AVCodecParameters& parameters, AVRational time_base);
  Result<void> write(AVPacket& packet, int stream);
  Result<void> read_sound(std::int64_t to_us);

  const RenderSpec spec_;
  std::unique_ptr<VideoEncoder> encoder_;
  std::unique_ptr<PictureConverter> converter_;
  std::unique_ptr<SoundTrack> sound_;  // null: there is none
  FileOutput output_;
  std::uint64_t added_ = 0;
  std::int64_t sound_delay_us_ = 0;  // is added to the times of its packets
  bool sound_failed_ = false;
};

}  // namespace framewire::codec
