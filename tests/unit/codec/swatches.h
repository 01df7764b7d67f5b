// A picture of 8 colours, painted and read back without a scaler.
#pragma once
#include <array>
#include <cmath>
#include <cstdlib>

#include "codec/child/av/ffmpeg_handles.h"

namespace framewire::codec {

using Colour = std::array<int, 3>;
inline constexpr std::array<Colour, 8> kSwatches = {{{255, 0, 0},
                                                     {0, 255, 0},
                                                     {0, 0, 255},
                                                     {255, 255, 0},
                                                     {12, 200, 180},
                                                     {128, 128, 128},
                                                     {255, 255, 255},
                                                     {90, 30, 60}}};
constexpr int kColumns = 4, kRows = 2;

inline int swatch_at(int x, int y, int width, int height) {
  return std::min(y * kRows / height, kRows - 1) * kColumns +
         std::min(x * kColumns / width, kColumns - 1);
}

// RGBA. alpha_of(swatch) is 0 to 255.
template <class AlphaOf>
FrameHandle paint_swatches(int width, int height, std::int64_t pts_us, const AlphaOf& alpha_of) {
  FrameHandle out{av_frame_alloc()};
  out->format = AV_PIX_FMT_RGBA;
  out->width = width;
  out->height = height;
  out->pts = pts_us;
  av_frame_get_buffer(out.get(), 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int swatch = swatch_at(x, y, width, height);
      std::uint8_t* at = out->data[0] + std::ptrdiff_t{y} * out->linesize[0] + 4 * x;
      for (std::size_t c = 0; c < 3; ++c)
        at[c] = static_cast<std::uint8_t>(kSwatches[static_cast<std::size_t>(swatch)][c]);
      at[3] = static_cast<std::uint8_t>(alpha_of(swatch));
    }
  return out;
}

inline FrameHandle paint_swatches(int width, int height, std::int64_t pts_us) {
  return paint_swatches(width, height, pts_us, [](int) { return 255; });
}

struct Matrix {
  double kr, kb;
  bool full;
};
inline constexpr Matrix kBt709{0.2126, 0.0722, false};
inline constexpr Matrix kJfif{0.299, 0.114, true};

// What a pixel of a 4:2:0 picture shows (ITU-R BT.709-6, 3.2 to 3.5 the other way round).
inline Colour colour_at(const AVFrame& f, int x, int y, const Matrix& m) {
  const auto sample = [&](int plane, int px, int py) {
    return double(f.data[plane][std::ptrdiff_t{py} * f.linesize[plane] + px]);
  };
  const double luma = m.full ? sample(0, x, y) / 255 : (sample(0, x, y) - 16) / 219;
  const double scale = m.full ? 255 : 224;
  const double cb = (sample(1, x / 2, y / 2) - 128) / scale;
  const double cr = (sample(2, x / 2, y / 2) - 128) / scale;
  const double r = luma + 2 * (1 - m.kr) * cr;
  const double b = luma + 2 * (1 - m.kb) * cb;
  const double g = (luma - m.kr * r - m.kb * b) / (1 - m.kr - m.kb);
  const auto level = [](double v) {
    return static_cast<int>(std::lround(std::min(std::max(v, 0.0), 1.0) * 255));
  };
  return {level(r), level(g), level(b)};
}

// The largest difference of any channel at the middle of any swatch.
inline int worst_swatch(const AVFrame& f, const Matrix& m) {
  int worst = 0;
  for (int i = 0; i < kColumns * kRows; ++i) {
    const int x = (2 * (i % kColumns) + 1) * f.width / (2 * kColumns);
    const int y = (2 * (i / kColumns) + 1) * f.height / (2 * kRows);
    const Colour got = colour_at(f, x, y, m);
    for (std::size_t c = 0; c < 3; ++c)
      worst = std::max(worst, std::abs(got[c] - kSwatches[static_cast<std::size_t>(i)][c]));
  }
  return worst;
}

}  // namespace framewire::codec
