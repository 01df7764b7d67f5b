// How pictures are to be shown, beyond their pixels: turned, mirrored, and how wide a pixel is.
//   from      MP4's track matrix and `pasp`; Matroska's ProjectionPose and DisplayWidth; the
//   frame's
//             own: EXIF, H.264's display orientation, the bitstream's sample aspect
//   copied    kept where the output has a place for it (codec_table.h), else it is encoded
//   encoded   applied: upright, of square pixels (picture_converter.h)
// Thread: any. Nothing is an error: what makes no sense is left out.
// Sources: ISO/IEC 14496-12, 6.2.2, 8.3.2 and 12.1.4; RFC 9559, 5.1.4.1.28; libavutil/display.h.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "codec/child/av/ffmpeg_handles.h"

namespace framewire::codec {

// Where a pixel of a turned picture comes from: across and down are exchanged, then run against.
struct Orientation {
  bool swaps = false;
  bool flips_x = false;
  bool flips_y = false;
  bool plain() const { return !swaps && !flips_x && !flips_y; }
};

struct Shape {
  std::optional<std::array<std::int32_t, 9>> matrix;  // none: not turned
  AVRational aspect{1, 1};                            // of a pixel, width to height
  bool aspect_outside = false;                        // the packets say another, or none
};

Shape shape_of(const AVStream& stream);

// A frame as it is to be shown, where its track has `shape`.
struct Upright {
  Orientation orientation;
  int width = 0;  // of square pixels
  int height = 0;
};
Upright upright_of(const AVFrame& frame, const Shape& shape);

// Before a muxer's header is written.
int set_shape(AVStream& stream, const Shape& shape);

}  // namespace framewire::codec
