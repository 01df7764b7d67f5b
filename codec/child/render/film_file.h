// Pictures of one size and rate, and sound beside them, into a file that players can seek in: MP4
// and MOV with their index in front; or, without sound, AVIF. No B frames.
// The encoder starts threads of its own. Thread and errors: as of Film.
#pragma once
#include <cstdint>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/video_encoder.h"
#include "codec/child/render/film.h"
#include "codec/child/render/film_output.h"
#include "codec/child/render/sound_track.h"
#include "codec/render.h"

namespace framewire::codec {

class FilmFile final : public Film {
 public:
  // spec: one that why_no_film() takes. sound_fd: -1 = none. Both descriptors outlive it.
  static Result<std::unique_ptr<Film>> open(const RenderSpec& spec, int fd, int sound_fd);
  Result<void> add(const AVFrame& picture) override;
  Result<void> finish() override;
  int disk_error() const override { return output_.disk_error(); }
  bool sound_failed() const override { return sound_failed_; }

 private:
  FilmFile(const RenderSpec& spec, int fd) : spec_(spec), output_(fd) {}
  Result<void> open_encoder();
  Result<void> open_sound(int fd);
  Result<void> open_muxer();
  Result<void> write(AVPacket& packet, int stream);
  Result<void> read_sound(std::int64_t to_us);

  const RenderSpec spec_;
  FilmOutput output_;
  std::unique_ptr<VideoEncoder> encoder_;
  std::unique_ptr<PictureConverter> converter_;
  std::unique_ptr<SoundTrack> sound_;  // null: there is none
  std::uint64_t added_ = 0;
  std::int64_t sound_delay_us_ = 0;  // is added to the times of its packets
  bool sound_failed_ = false;
};

}  // namespace framewire::codec
