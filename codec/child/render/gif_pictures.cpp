#include "codec/child/render/gif_pictures.h"

#include "codec/child/av/ffmpeg_error.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kHeadBytes = 13;  // "GIF89a" and the logical screen
constexpr std::uint8_t kKeep = 1, kClear = 2;
constexpr int kOpaque = 128;

std::uint32_t argb(PaletteColour c) {
  return 0xffu << 24 | std::uint32_t{c.red} << 16 | std::uint32_t{c.green} << 8 | c.blue;
}

}  // namespace

Result<FrameHandle> GifPictures::next(const AVFrame& rgba) {
  FrameHandle out{av_frame_alloc()};
  if (!out) return ffmpeg_failed("choosing colours", AVERROR(ENOMEM));
  out->format = AV_PIX_FMT_PAL8;
  out->width = rgba.width;
  out->height = rgba.height;
  if (const int failed = av_frame_get_buffer(out.get(), 0); failed < 0)
    return ffmpeg_failed("choosing colours", failed);
  if (palette_.choose(rgba)) ++generation_;
  const auto& colours = palette_.colours();
  auto* const table = reinterpret_cast<std::uint32_t*>(out->data[1]);
  for (std::size_t i = 0; i < GifPalette::kMost; ++i)
    table[i] = i < colours.size() ? argb(colours[i]) : 0xffu << 24;
  // Transparent. Numbered, for the encoder knows a palette that comes back by its bytes alone, and
  // would compare its indices with those of another one.
  table[GifPalette::kNone] = generation_ & 0xff'ffff;

  const auto width = static_cast<std::size_t>(rgba.width);
  if (!alpha_) shown_.resize(width * static_cast<std::size_t>(rgba.height));
  for (int y = 0; y < rgba.height; ++y) {
    const std::uint8_t* from = rgba.data[0] + std::ptrdiff_t{y} * rgba.linesize[0];
    std::uint8_t* const to = out->data[0] + std::ptrdiff_t{y} * out->linesize[0];
    std::uint32_t* const shown =
        alpha_ ? nullptr : shown_.data() + static_cast<std::size_t>(y) * width;
    for (int x = 0; x < rgba.width; ++x, from += 4) {
      to[x] = GifPalette::kNone;
      if (from[3] < kOpaque) continue;
      const std::uint8_t index = palette_.index_of({from[0], from[1], from[2]}, x, y);
      if (shown && shown[x] == table[index]) continue;
      if (shown) shown[x] = table[index];
      to[x] = index;
    }
  }
  return out;
}

void GifPictures::set_disposal(AVPacket& packet) const {
  std::uint8_t* at = packet.data;
  const std::uint8_t* const end = at + packet.size;
  if (end - at > static_cast<std::ptrdiff_t>(kHeadBytes) && at[0] == 'G') {
    const bool table = (at[10] & 0x80) != 0;
    at += kHeadBytes + (table ? std::size_t{3} << ((at[10] & 7) + 1) : 0);
  }
  while (end - at > 8 && at[0] == 0x21) {  // extensions, which stand before the picture
    if (at[1] == 0xf9) {                   // Graphic Control
      at[3] = static_cast<std::uint8_t>((at[3] & ~0x1c) | (alpha_ ? kClear : kKeep) << 2);
      return;
    }
    at += 2;
    while (at < end && *at != 0) at += 1 + *at;
    ++at;
  }
}

}  // namespace framewire::codec
