// One epoch of an origin of pictures (png, jpeg, webp, rgba), encoded: to VP9 in the output `webm`,
// to H.264 in `h264`. A packet for each picture, at once.
//
// A new size begins the output anew (its viewers see a new epoch), or is fitted into the first one:
// PictureOrigin::resize. WebM keeps transparency from the first transparent picture on, which
// begins it anew as well; H.264 has the pictures on black. A picture that does not decode is
// left out. Thread: one; take() blocks in its output.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/picture_decoder.h"
#include "codec/child/codecs/video_encoder.h"
#include "codec/child/containers/muxer.h"
#include "codec/job.h"

namespace framewire::codec {

class PictureRendition {
 public:
  // name: for the log.
  PictureRendition(std::string name, const PictureOrigin& origin, const Output& to,
                   const Transcoding& how, WriteBytes write);
  // Errors: unsupported_format, with a sentence: the output is none of these two.
  static Result<void> fits(const Output& output);
  // Errors: unsupported_format (pictures that no encoder takes), internal.
  Result<void> take(Bytes picture, std::int64_t pts_us, std::int64_t received_us);
  // The epoch's end.
  Result<void> finish();

 private:
  Result<void> begin(const AVFrame& picture);
  Result<void> encode(const AVFrame& picture, std::int64_t time_us);
  bool must_begin(const AVFrame& picture) const;
  void left_out(const Error& why);

  const std::string name_;
  const PictureOrigin origin_;
  const Output& to_;
  const Transcoding how_;
  WriteBytes write_;
  PictureClock times_;
  std::optional<PictureDecoder> decoder_;
  // Of one size: since begin().
  int width_ = 0;
  int height_ = 0;
  bool alpha_ = false;
  std::unique_ptr<VideoEncoder> encoder_;
  std::optional<PictureConverter> converter_;
  std::unique_ptr<Muxer> muxer_;
  std::uint64_t left_out_ = 0;
};

}  // namespace framewire::codec
