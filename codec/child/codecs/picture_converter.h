// Any decoded picture brought to the size, pixel format and colours that an encoder takes.
//
// Colours come out as BT.709, limited range unless the form says otherwise, and tagged so (ITU-R
// BT.709-6; H.273 code points 1); for JPEG (YUVJ420P) as JFIF has them: BT.601, full range; of an
// RGB form as sRGB. A picture that says nothing of its colours is taken as browsers take it: RGB as
// sRGB, JPEG and WebP as BT.601, video of fewer than 720 lines as BT.601 and of more as BT.709.
//
// Transparency is kept if the form has alpha and is not opaque; else the picture is laid on black.
// How it is to be shown (shape.h) is applied: it comes out upright, of square pixels. Of interlaced
// ones the first field is taken, stretched to the full height. A form that is one pixel larger
// (H.264 has even sides only) repeats the last column or row.
//
// Thread: one. Errors: unsupported_format (a pixel format that nothing converts), internal.
#pragma once
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"
#include "ingest/base/error.h"

extern "C" {
#include <libswscale/swscale.h>
}

namespace framewire::codec {

struct PictureForm {
  int width = 0;
  int height = 0;
  // Or planes of other chroma or 10 bits, with alpha, YUVJ420P; RGB24, RGBA, BGRA. Only those of
  // 8 bits, 4:2:0, to pad, or to turn.
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  bool full_range = false;  // of BT.709's samples
  bool opaque = false;      // whatever alpha the format has: laid on black
};

// What becomes of a picture of another shape.
enum class Fit {
  scale,  // to exactly the form's size, whatever its shape
  pad,    // as large as fits, in the middle, with black (transparent) bars
};

// Some pixel of it is not opaque.
bool is_transparent(const AVFrame& picture);

class PictureConverter {
 public:
  explicit PictureConverter(PictureForm to, Fit fit = Fit::scale) : to_(to), fit_(fit) {}
  // The result has the pts and duration of `from`; it is the converter's, until the next call.
  // shape: of its track.
  Result<AVFrame*> convert(const AVFrame& from, const Shape& shape = {});

 private:
  struct FreeScaler {
    void operator()(SwsContext* c) const noexcept { sws_freeContext(c); }
  };
  struct Place {
    int x, y, width, height;
  };
  // What the scaler was made for.
  struct Source {
    int width, height, format, matrix;
    bool full_range;
    int to_width, to_height;
    bool operator==(const Source&) const = default;
  };
  Place place(int width, int height) const;
  Result<const AVFrame*> on_black(const AVFrame& from);
  Result<void> prepare(const Source& source);
  Result<AVFrame*> unturned(int width, int height);
  void turn(const AVFrame& from, const Orientation& how, const Place& place);
  Result<void> renew_output();
  AVFrame* finished(const AVFrame& picture, const Place& place);
  void blacken();
  void repeat_edges(const Place& place);

  const PictureForm to_;
  const Fit fit_;
  std::unique_ptr<SwsContext, FreeScaler> scaler_;
  Source made_for_{};
  FrameHandle out_;
  std::unique_ptr<SwsContext, FreeScaler> to_rgba_;
  FrameHandle on_black_;
  FrameHandle unturned_;
};

}  // namespace framewire::codec
