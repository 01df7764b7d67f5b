#include "codec/child/av/shape.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "codec/child/av/ffmpeg_version.h"

extern "C" {
#include <libavutil/display.h>
}

namespace framewire::codec {
namespace {

constexpr double kOddestAspect = 8;

bool makes_sense(AVRational aspect) {
  if (aspect.num <= 0 || aspect.den <= 0) return false;
  const double ratio = av_q2d(aspect);
  return ratio <= kOddestAspect && ratio >= 1 / kOddestAspect;
}

// a b u / c d v / x y w: a point's place is (a x + c y, b x + d y).
Orientation orientation_of(const std::int32_t* matrix) {
  const std::int32_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  const auto size = [](std::int32_t value) { return std::abs(std::int64_t{value}); };
  if (size(b) > size(a)) return {true, c < 0, b < 0};
  return {false, a < 0, d < 0};
}

}  // namespace

Shape shape_of(const AVStream& stream) {
  Shape out;
  const std::int32_t* matrix = display_matrix(stream);
  if (matrix && !orientation_of(matrix).plain()) {
    out.matrix.emplace();
    std::copy_n(matrix, out.matrix->size(), out.matrix->begin());
  }
  const AVRational coded = makes_sense(stream.codecpar->sample_aspect_ratio)
                               ? stream.codecpar->sample_aspect_ratio
                               : AVRational{1, 1};
  const bool told = makes_sense(stream.sample_aspect_ratio);
  out.aspect = told ? stream.sample_aspect_ratio : coded;
  out.aspect_outside = told && av_cmp_q(out.aspect, coded) != 0;
  return out;
}

Upright upright_of(const AVFrame& frame, const Shape& shape) {
  Upright out;
  const AVFrameSideData* own = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (own && own->size >= 9 * sizeof(std::int32_t)) {
    std::array<std::int32_t, 9> matrix;
    std::memcpy(matrix.data(), own->data, sizeof matrix);
    out.orientation = orientation_of(matrix.data());
  } else if (shape.matrix) {
    out.orientation = orientation_of(shape.matrix->data());
  }
  const bool by_frame = !shape.aspect_outside && makes_sense(frame.sample_aspect_ratio);
  const AVRational aspect = by_frame ? frame.sample_aspect_ratio : shape.aspect;
  out.width =
      static_cast<int>(std::max<std::int64_t>(1, av_rescale(frame.width, aspect.num, aspect.den)));
  out.height = frame.height;
  if (out.orientation.swaps) std::swap(out.width, out.height);
  return out;
}

int set_shape(AVStream& stream, const Shape& shape) {
  stream.sample_aspect_ratio = stream.codecpar->sample_aspect_ratio = shape.aspect;
  return shape.matrix ? set_display_matrix(stream, shape.matrix->data()) : 0;
}

}  // namespace framewire::codec
