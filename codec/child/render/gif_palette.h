// The colours of a GIF's pictures, 255 at most; index 255 is none of them. Documented for users in
// docs/films.md.
//
//   A picture of no more colours than that is shown exactly. Those it adds are appended to the ones
//     that there are, so that pictures share a palette as long as it has room.
//   Of any other one a histogram (5 bits a channel) is split, again and again, where it varies most
//     (median cut, P. Heckbert, SIGGRAPH 1982, at the mean). The palette of the picture before is
//     kept while it serves nearly as well: what stands still is then not sent again, and does not
//     flicker. Colours that it has not are dithered by a pattern that does not move (Bayer, 8x8).
//
// Thread: one.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "codec/child/av/ffmpeg_handles.h"

namespace framewire::codec {

struct PaletteColour {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const PaletteColour&) const = default;
};

class GifPalette {
 public:
  static constexpr std::size_t kMost = 255;
  static constexpr std::uint8_t kNone = 255;

  GifPalette();
  // For an RGBA picture; pixels whose alpha is below 128 are not looked at. True: other colours
  // than before.
  bool choose(const AVFrame& rgba);
  const std::vector<PaletteColour>& colours() const { return colours_; }
  // Of a pixel of the picture that was chosen for, at x and y.
  std::uint8_t index_of(PaletteColour pixel, int x, int y);

 private:
  struct Slot {
    std::uint32_t key = 0;  // 0 = empty
    std::uint8_t index = 0;
  };
  static constexpr std::size_t kSlots = 1024;

  bool choose_exact(const AVFrame& rgba);
  bool gather(const AVFrame& rgba, std::vector<PaletteColour>& into);
  Slot& slot_of(std::uint32_t key);
  void fill_slots(const std::vector<PaletteColour>& from);
  bool choose_near(const AVFrame& rgba);
  std::size_t nearest(int red, int green, int blue) const;

  std::vector<PaletteColour> colours_;
  bool exact_ = true;
  std::array<Slot, kSlots> slots_{};   // of colours_, if exact_
  std::vector<std::uint16_t> nearby_;  // of 6 bits a channel: 1 + the index; 0 = not known yet
  double spread_ = 0;                  // of the dither
};

}  // namespace framewire::codec
