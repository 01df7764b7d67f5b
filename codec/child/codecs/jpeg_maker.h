// Any picture as a JPEG (JFIF), upright, not larger than it is. Thread: one.
// Errors: unsupported_format, internal.
#pragma once
#include <memory>
#include <optional>

#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/video_encoder.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class JpegMaker {
 public:
  // Larger pictures are made smaller; 0 = never.
  JpegMaker(int max_width, WriteBytes write, int max_height = 0)
      : max_width_(max_width), max_height_(max_height), write_(std::move(write)) {}
  // shape: of its track.
  Result<void> make(const AVFrame& picture, const Shape& shape = {});

 private:
  Result<void> begin(int width, int height);

  const int max_width_;
  const int max_height_;
  WriteBytes write_;
  int width_ = 0;  // of the pictures that the encoder was opened for
  int height_ = 0;
  std::int64_t time_us_ = 0;  // the encoder wants one that rises
  std::unique_ptr<VideoEncoder> encoder_;
  std::optional<PictureConverter> converter_;
};

}  // namespace framewire::codec
