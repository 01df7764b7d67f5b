// Pictures as a GIF has them (GIF89a): indices of a palette of their own, or of the one before.
// Without alpha a pixel that shows what was there already is left out; with it, each picture stands
// by itself, and a pixel is there or it is not: from half opaque on.
// Thread: one. Errors: internal.
#pragma once
#include <cstdint>
#include <vector>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/render/gif_palette.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class GifPictures {
 public:
  explicit GifPictures(bool alpha) : alpha_(alpha) {}
  // rgba: all of one size. PAL8; it is nobody's but the caller's.
  Result<FrameHandle> next(const AVFrame& rgba);
  // What becomes of a picture when the next one comes, as FFmpeg's encoder did not know: into each
  // of its packets. GIF89a, section 23, Disposal Method.
  void set_disposal(AVPacket& packet) const;

 private:
  const bool alpha_;
  GifPalette palette_;
  std::uint32_t generation_ = 0;  // of the palette
  std::vector<std::uint32_t> shown_;
};

}  // namespace framewire::codec
