// Pictures of one size and rate into an animated image: GIF, WebP or APNG (AVIF is video:
// film_file.h). Colours are sRGB. Thread and errors: as of Film.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/render/film.h"
#include "codec/child/render/film_output.h"
#include "codec/child/render/gif_pictures.h"
#include "codec/render.h"

namespace framewire::codec {

class AnimatedImage final : public Film {
 public:
  // A codec of RenderSpec.
  static bool makes(std::string_view codec);
  // spec: one that why_no_film() takes. fd: outlives it.
  static Result<std::unique_ptr<Film>> open(const RenderSpec& spec, int fd);
  Result<void> add(const AVFrame& picture) override;
  Result<void> finish() override;
  int disk_error() const override { return output_.disk_error(); }

 private:
  AnimatedImage(const RenderSpec& spec, int fd);
  Result<void> open_encoder();
  Result<void> open_muxer();
  Result<void> encode(const AVFrame* picture);

  const RenderSpec spec_;
  const AVRational step_;  // a frame's time, in seconds
  FilmOutput output_;
  CodecHandle encoder_;
  PacketHandle packet_;
  std::optional<PictureConverter> converter_;
  std::optional<GifPictures> gif_;
  std::int64_t added_ = 0;
};

}  // namespace framewire::codec
