#include "codec/child/codecs/picture_converter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace framewire::codec {
namespace {

constexpr int kHdLines = 720;
constexpr int kScaling = SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND;

bool is_rgb(int format) {
  const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return d && (d->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

bool has_alpha(int format) {
  const AVPixFmtDescriptor* d = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return d && (d->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

// The formats with a name of their own for full range, by the plain one.
AVPixelFormat plain(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
      return AV_PIX_FMT_YUV440P;
    default:
      return static_cast<AVPixelFormat>(format);
  }
}

bool full_range(const AVFrame& frame) {
  return is_rgb(frame.format) || plain(frame.format) != frame.format ||
         frame.color_range == AVCOL_RANGE_JPEG;
}

// As a code of sws_getCoefficients.
int matrix_of(const AVFrame& frame) {
  switch (frame.colorspace) {
    case AVCOL_SPC_BT709:
      return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
      return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M:
      return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return SWS_CS_BT2020;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return SWS_CS_ITU601;
    default:
      return full_range(frame) || frame.height < kHdLines ? SWS_CS_ITU601 : SWS_CS_ITU709;
  }
}

bool jpeg_colours(const PictureForm& form) {
  return form.format == AV_PIX_FMT_YUVJ420P;
}

}  // namespace

// Of alpha with more than 8 bits the first byte is looked at: PNG's, which has the higher 8 there.
bool is_transparent(const AVFrame& picture) {
  if (!has_alpha(picture.format)) return false;
  const AVPixFmtDescriptor& d = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture.format));
  const bool palette = (d.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  const AVComponentDescriptor& alpha = d.comp[d.nb_components - 1];
  const int plane = palette ? 0 : alpha.plane, step = palette ? 1 : alpha.step;
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* at = picture.data[plane] + std::ptrdiff_t{y} * picture.linesize[plane] +
                             (palette ? 0 : alpha.offset);
    unsigned all = 0xff;
    for (int x = 0; x < picture.width; ++x, at += step)
      all &= palette ? reinterpret_cast<const std::uint32_t*>(picture.data[1])[*at] >> 24 : *at;
    if (all != 0xff) return true;
  }
  return false;
}

PictureConverter::Place PictureConverter::place(int width, int height) const {
  // One short of the form: it stays as it is.
  const bool nearly = to_.width - width >= 0 && to_.width - width <= 1 &&
                      to_.height - height >= 0 && to_.height - height <= 1;
  if (nearly) return {0, 0, width, height};
  if (fit_ == Fit::scale) return {0, 0, to_.width, to_.height};
  const auto shrunk = [](int side, int of, int by) {
    return std::max(1, static_cast<int>(static_cast<std::int64_t>(side) * of / by));
  };
  Place out{0, 0, to_.width, shrunk(height, to_.width, width)};
  if (out.height > to_.height)
    out = {0, 0, std::min(to_.width, shrunk(width, to_.height, height)), to_.height};
  out.x = (to_.width - out.width) / 2 & ~1;  // colours are shared by 2x2 pixels
  out.y = (to_.height - out.height) / 2 & ~1;
  return out;
}

Result<AVFrame*> PictureConverter::convert(const AVFrame& picture, const Shape& shape) {
  const bool keeps_alpha = has_alpha(to_.format) && !to_.opaque;
  ASSIGN_OR_RETURN(auto laid, keeps_alpha ? Result<const AVFrame*>{&picture} : on_black(picture));
  const AVFrame& from = *laid;
  const Upright upright = upright_of(picture, shape);
  const bool turned = !upright.orientation.plain();
  const Place where = place(upright.width, upright.height);
  const bool swaps = upright.orientation.swaps;
  // Of two fields one: every other line.
  const int fields = is_interlaced(from) && from.height > 2 ? 2 : 1;
  const Source source{from.width,
                      from.height / fields,
                      plain(from.format),
                      matrix_of(from),
                      full_range(from),
                      swaps ? where.height : where.width,
                      swaps ? where.width : where.height};
  RETURN_IF_ERROR(prepare(source));
  RETURN_IF_ERROR(renew_output());
  if (where.width + 1 < to_.width || where.height + 1 < to_.height) blacken();

  std::array<int, 4> lines{};
  for (std::size_t plane = 0; plane < lines.size(); ++plane)
    lines[plane] = fields * from.linesize[plane];
  std::array<std::uint8_t*, 4> data{};
  if (turned) {
    auto made = unturned(source.to_width, source.to_height);
    if (!made) return made;
    const int rows = sws_scale(scaler_.get(), from.data, lines.data(), 0, source.height,
                               (*made)->data, (*made)->linesize);
    if (rows != source.to_height)
      return ffmpeg_failed("converting a picture", rows < 0 ? rows : AVERROR_BUG);
    turn(**made, upright.orientation, where);
    return finished(picture, where);
  }
  for (std::size_t plane = 0; plane < data.size() && out_->data[plane]; ++plane) {
    const int shift = plane == 1 || plane == 2 ? 1 : 0;
    data[plane] =
        out_->data[plane] + (where.y >> shift) * out_->linesize[plane] + (where.x >> shift);
  }
  const int rows = sws_scale(scaler_.get(), from.data, lines.data(), 0, source.height, data.data(),
                             out_->linesize);
  if (rows != where.height)
    return ffmpeg_failed("converting a picture", rows < 0 ? rows : AVERROR_BUG);
  return finished(picture, where);
}

AVFrame* PictureConverter::finished(const AVFrame& picture, const Place& where) {
  repeat_edges(where);
  out_->pts = picture.pts;
  copy_duration(*out_, picture);
  return out_.get();
}

// As a canvas without alpha would show it.
Result<const AVFrame*> PictureConverter::on_black(const AVFrame& from) {
  constexpr const char* kDoing = "laying a picture on black";
  if (!is_transparent(from)) return &from;
  on_black_.reset(av_frame_alloc());
  if (!on_black_) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  on_black_->format = AV_PIX_FMT_RGBA;
  on_black_->width = from.width;
  on_black_->height = from.height;
  if (const int failed = av_frame_get_buffer(on_black_.get(), 0); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  to_rgba_.reset(sws_getCachedContext(
      to_rgba_.release(), from.width, from.height, static_cast<AVPixelFormat>(from.format),
      from.width, from.height, AV_PIX_FMT_RGBA, kScaling, nullptr, nullptr, nullptr));
  if (!to_rgba_) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  sws_setColorspaceDetails(to_rgba_.get(), sws_getCoefficients(matrix_of(from)),
                           full_range(from) ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                           1 << 16, 1 << 16);
  sws_scale(to_rgba_.get(), from.data, from.linesize, 0, from.height, on_black_->data,
            on_black_->linesize);
  for (int y = 0; y < from.height; ++y) {
    std::uint8_t* at = on_black_->data[0] + std::ptrdiff_t{y} * on_black_->linesize[0];
    for (int x = 0; x < from.width; ++x, at += 4) {
      for (int c = 0; c < 3; ++c) at[c] = static_cast<std::uint8_t>((at[c] * at[3] + 127) / 255);
      at[3] = 255;
    }
  }
  return on_black_.get();
}

Result<void> PictureConverter::prepare(const Source& source) {
  if (scaler_ && source == made_for_) return {};
  if (!sws_isSupportedInput(static_cast<AVPixelFormat>(source.format)))
    return fail(Errc::unsupported_format,
                fmt::format("pictures of {} are not converted",
                            av_get_pix_fmt_name(static_cast<AVPixelFormat>(source.format))));
  scaler_.reset(sws_getContext(
      source.width, source.height, static_cast<AVPixelFormat>(source.format), source.to_width,
      source.to_height, plain(to_.format), kScaling, nullptr, nullptr, nullptr));
  if (!scaler_) return ffmpeg_failed("converting a picture", AVERROR(ENOMEM));
  const int matrix = jpeg_colours(to_) ? SWS_CS_ITU601 : SWS_CS_ITU709;
  sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(source.matrix),
                           source.full_range ? 1 : 0, sws_getCoefficients(matrix),
                           jpeg_colours(to_) || to_.full_range ? 1 : 0, 0, 1 << 16, 1 << 16);
  made_for_ = source;
  return {};
}

// A frame that no encoder still reads.
Result<void> PictureConverter::renew_output() {
  if (out_ && av_frame_is_writable(out_.get())) return {};
  out_.reset(av_frame_alloc());
  if (!out_) return ffmpeg_failed("converting a picture", AVERROR(ENOMEM));
  out_->format = to_.format;
  out_->width = to_.width;
  out_->height = to_.height;
  const bool rgb = is_rgb(to_.format);
  out_->color_range =
      rgb || jpeg_colours(to_) || to_.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  out_->colorspace = rgb ? AVCOL_SPC_RGB : jpeg_colours(to_) ? AVCOL_SPC_BT470BG : AVCOL_SPC_BT709;
  out_->color_primaries = AVCOL_PRI_BT709;
  out_->color_trc = rgb ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709;
  out_->sample_aspect_ratio = {1, 1};
  if (const int failed = av_frame_get_buffer(out_.get(), 0); failed < 0)
    return ffmpeg_failed("converting a picture", failed);
  return {};
}

// What is scaled, and turned then.
Result<AVFrame*> PictureConverter::unturned(int width, int height) {
  if (unturned_ && unturned_->width == width && unturned_->height == height) return unturned_.get();
  unturned_.reset(av_frame_alloc());
  if (!unturned_) return ffmpeg_failed("converting a picture", AVERROR(ENOMEM));
  unturned_->format = to_.format;
  unturned_->width = width;
  unturned_->height = height;
  if (const int failed = av_frame_get_buffer(unturned_.get(), 0); failed < 0)
    return ffmpeg_failed("converting a picture", failed);
  return unturned_.get();
}

void PictureConverter::turn(const AVFrame& from, const Orientation& how, const Place& where) {
  const AVPixFmtDescriptor& d = *av_pix_fmt_desc_get(to_.format);
  for (int plane = 0; plane < 4 && from.data[plane]; ++plane) {
    const bool colour = plane == 1 || plane == 2;
    const int across = colour ? d.log2_chroma_w : 0, down = colour ? d.log2_chroma_h : 0;
    const int width = AV_CEIL_RSHIFT(where.width, across);
    const int height = AV_CEIL_RSHIFT(where.height, down);
    const std::ptrdiff_t stride = from.linesize[plane];
    std::uint8_t* to =
        out_->data[plane] + (where.y >> down) * out_->linesize[plane] + (where.x >> across);
    for (int y = 0; y < height; ++y, to += out_->linesize[plane]) {
      const int v = how.flips_y ? height - 1 - y : y;
      for (int x = 0; x < width; ++x) {
        const int u = how.flips_x ? width - 1 - x : x;
        to[x] = how.swaps ? from.data[plane][u * stride + v] : from.data[plane][v * stride + u];
      }
    }
  }
}

void PictureConverter::blacken() {
  const std::ptrdiff_t sizes[4] = {out_->linesize[0], out_->linesize[1], out_->linesize[2],
                                   out_->linesize[3]};
  av_image_fill_black(out_->data, sizes, static_cast<AVPixelFormat>(to_.format), out_->color_range,
                      to_.width, to_.height);
  if (!has_alpha(to_.format)) return;
  for (int y = 0; y < to_.height; ++y)
    std::memset(out_->data[3] + std::ptrdiff_t{y} * out_->linesize[3], 0,
                static_cast<std::size_t>(to_.width));
}

// Of the planes at full size: half of an odd side, rounded up, is half of the next even one.
void PictureConverter::repeat_edges(const Place& where) {
  if (where.x != 0 || where.y != 0) return;
  const int step = av_pix_fmt_desc_get(to_.format)->comp[0].step;  // bytes of a sample
  for (const int plane : {0, 3}) {
    std::uint8_t* const data = out_->data[plane];
    const std::ptrdiff_t stride = out_->linesize[plane];
    if (!data) continue;
    if (where.width + 1 == to_.width)
      for (int y = 0; y < where.height; ++y) {
        std::uint8_t* const at = data + y * stride + where.width * step;
        std::memcpy(at, at - step, static_cast<std::size_t>(step));
      }
    if (where.height + 1 == to_.height)
      std::memcpy(data + where.height * stride, data + (where.height - 1) * stride,
                  static_cast<std::size_t>(to_.width * step));
  }
}

}  // namespace framewire::codec
