// Frames of one size and rate in, the packets of a film out, one for each, in their order: frame n
// at n / fps, no B frames, nothing left out, nothing twice. With sound beside them, which is kept
// as it is, it is a film of packets (PROTOCOL.md), for the finaliser to encode. Thread: one; the
// encoder starts its own. Errors: malformed_media (a frame that is no whole picture, or of another
// size: it names the frame), unsupported_format, internal.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "codec/capture.h"
#include "codec/child/ffmpeg_io.h"
#include "codec/child/muxer.h"
#include "codec/child/picture_converter.h"
#include "codec/child/picture_decoder.h"
#include "codec/child/video_encoder.h"

namespace framewire::codec {

// What has become whole in the file.
struct FilmGrowth {
  std::uint64_t frames = 0;
  std::uint64_t samples = 0;
};

class FrameFilm {
 public:
  using Written = std::function<void(const FilmGrowth& more)>;
  // write: the file's bytes from spec.written_bytes on; 0 or an AVERROR. written: after each part
  // that was given to it.
  static Result<std::unique_ptr<FrameFilm>> open(const CaptureSpec& spec, WriteBytes write,
                                                 Written written);
  // The frame after the last one, as it came.
  Result<void> add(Bytes frame);
  // Whole samples, the first of them by its number.
  Result<void> add_sound(std::uint64_t first, Bytes samples);
  // No more come: what the encoder holds is written.
  Result<void> finish();

 private:
  FrameFilm(const CaptureSpec& spec, WriteBytes write, Written written);
  Result<void> describe_sound();
  Result<void> open_muxer();
  tl::unexpected<Error> bad_frame(std::uint64_t number, Error error) const;
  Result<void> write(AVPacket& packet);
  std::int64_t time_us(std::uint64_t frame) const;

  const CaptureSpec spec_;
  WriteBytes write_;
  Written written_;
  std::optional<PictureDecoder> decoder_;
  std::unique_ptr<VideoEncoder> encoder_;
  std::unique_ptr<PictureConverter> converter_;
  ParametersHandle sound_;  // null: there is none
  std::unique_ptr<Muxer> muxer_;
  bool heading_ = false;     // what the muxer writes now is the file's head
  std::uint64_t added_ = 0;  // frames of the film
};

}  // namespace framewire::codec
