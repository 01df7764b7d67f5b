// Pictures of one size and rate in, the packets of a film out, one for each, in their order: frame
// n at n / fps, no B frames, nothing left out, nothing twice. With sound beside them, which is kept
// as it is, it is a film of packets (PROTOCOL.md), for the finaliser to encode. Thread: one; the
// encoder starts its own. Errors: unsupported_format, internal, and those of CaptureFilm.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "codec/capture.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/capture/capture_film.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/picture_decoder.h"
#include "codec/child/codecs/video_encoder.h"
#include "codec/child/containers/muxer.h"

namespace framewire::codec {

class FrameFilm final : public CaptureFilm {
 public:
  // write: the file's bytes from spec.written_bytes on; 0 or an AVERROR. written: after each part
  // that was given to it. planes: the frames are such, whatever the format.
  static Result<std::unique_ptr<CaptureFilm>> open(const CaptureSpec& spec,
                                                   std::optional<PacketKind> planes,
                                                   WriteBytes write, Written written);
  Result<void> add(Bytes frame, bool key) override;
  Result<void> add_sound(std::uint64_t first, Bytes samples) override;
  Result<void> finish() override;

 private:
  FrameFilm(const CaptureSpec& spec, WriteBytes write, Written written);
  Result<void> describe_sound();
  Result<void> open_muxer();
  tl::unexpected<Error> bad_frame(std::uint64_t number, Error error) const;
  Result<void> write(AVPacket& packet);

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
