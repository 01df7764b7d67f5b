#include "codec/child/render/gif_palette.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace framewire::codec {
namespace {

constexpr std::size_t kBins = std::size_t{1} << 15;
constexpr std::size_t kMostCounted = 4'096;  // colours one by one; more are counted in bins
constexpr std::size_t kNearby = std::size_t{1} << 18;
constexpr int kOpaque = 128;
// A palette is kept as long as its error is not much more than that of a new one.
constexpr double kMuchMore = 1.5, kAnyway = 2;
// Closer than that, in squares of all channels, a colour is not dithered.
constexpr int kCloseEnough = 12;
constexpr double kLeastSpread = 4, kMostSpread = 48;

// B. Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973: the
// place of x and y in an 8x8 pattern, 0 to 63.
int bayer(int x, int y) {
  int out = 0;
  for (int bit = 0; bit < 3; ++bit) {
    const int across = (x >> bit) & 1, down = (y >> bit) & 1;
    out = out << 2 | (across ^ down) << 1 | down;
  }
  return out;
}

// Some colours of the histogram, as one.
struct Weighted {
  std::array<float, 3> at;
  float count;
};
using Entries = std::vector<Weighted>;

struct Box {
  Entries::iterator begin, end;
  std::array<double, 3> mean{};
  std::size_t axis = 0;  // where it varies most
  double variation = 0;  // there, of all its pixels
};

Box box_of(Entries::iterator begin, Entries::iterator end) {
  Box out{begin, end};
  double count = 0;
  std::array<double, 3> sum{}, squares{};
  for (auto at = begin; at != end; ++at) {
    count += at->count;
    for (std::size_t c = 0; c < 3; ++c) {
      sum[c] += double{at->at[c]} * at->count;
      squares[c] += double{at->at[c]} * at->at[c] * at->count;
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    out.mean[c] = sum[c] / count;
    const double variation = squares[c] - sum[c] * out.mean[c];
    if (variation > out.variation) {
      out.variation = variation;
      out.axis = c;
    }
  }
  if (end - begin < 2) out.variation = 0;
  return out;
}

std::vector<PaletteColour> median_cut(Entries& entries) {
  std::vector<Box> boxes{box_of(entries.begin(), entries.end())};
  while (boxes.size() < GifPalette::kMost) {
    const auto widest =
        std::max_element(boxes.begin(), boxes.end(),
                         [](const Box& a, const Box& b) { return a.variation < b.variation; });
    if (widest->variation <= 0) break;
    const Box box = *widest;
    const auto cut = std::partition(box.begin, box.end, [&](const Weighted& one) {
      return double{one.at[box.axis]} < box.mean[box.axis];
    });
    if (cut == box.begin || cut == box.end) {  // what rounding left of a variation
      widest->variation = 0;
      continue;
    }
    *widest = box_of(box.begin, cut);
    boxes.push_back(box_of(cut, box.end));
  }
  std::vector<PaletteColour> out;
  const auto level = [](double value) { return static_cast<std::uint8_t>(std::lround(value)); };
  for (const Box& box : boxes)
    out.push_back({level(box.mean[0]), level(box.mean[1]), level(box.mean[2])});
  return out;
}

// The mean square of what a pixel is off.
double error_of(const Entries& entries, const std::vector<PaletteColour>& colours) {
  if (colours.empty()) return std::numeric_limits<double>::max();
  double sum = 0, count = 0;
  for (const Weighted& one : entries) {
    float least = std::numeric_limits<float>::max();
    for (const PaletteColour& colour : colours) {
      const float red = one.at[0] - colour.red, green = one.at[1] - colour.green,
                  blue = one.at[2] - colour.blue;
      least = std::min(least, red * red + green * green + blue * blue);
    }
    sum += double{least} * one.count;
    count += one.count;
  }
  return sum / count;
}

template <class Visit>
void each_opaque(const AVFrame& rgba, const Visit& visit) {
  for (int y = 0; y < rgba.height; ++y) {
    const std::uint8_t* at = rgba.data[0] + std::ptrdiff_t{y} * rgba.linesize[0];
    for (int x = 0; x < rgba.width; ++x, at += 4)
      if (at[3] >= kOpaque && !visit(at)) return;
  }
}

// Colour by colour; empty: they are too many.
Entries colours_of(const AVFrame& rgba) {
  std::unordered_map<std::uint32_t, std::uint32_t> counts;
  each_opaque(rgba, [&](const std::uint8_t* at) {
    ++counts[std::uint32_t{at[0]} << 16 | std::uint32_t{at[1]} << 8 | at[2]];
    return counts.size() <= kMostCounted;
  });
  Entries out;
  if (counts.size() > kMostCounted) return out;
  for (const auto& [colour, count] : counts)
    out.push_back({{static_cast<float>(colour >> 16), static_cast<float>(colour >> 8 & 255),
                    static_cast<float>(colour & 255)},
                   static_cast<float>(count)});
  // The same palette of the same picture, whatever the map's order.
  std::sort(out.begin(), out.end(),
            [](const Weighted& a, const Weighted& b) { return a.at < b.at; });
  return out;
}

Entries histogram(const AVFrame& rgba) {
  if (Entries few = colours_of(rgba); !few.empty()) return few;
  struct Bin {
    std::array<std::uint64_t, 3> sum{};
    std::uint32_t count = 0;
  };
  std::vector<Bin> bins(kBins);
  each_opaque(rgba, [&](const std::uint8_t* at) {
    Bin& bin = bins[static_cast<std::size_t>((at[0] >> 3) << 10 | (at[1] >> 3) << 5 | at[2] >> 3)];
    for (std::size_t c = 0; c < 3; ++c) bin.sum[c] += at[c];
    ++bin.count;
    return true;
  });
  Entries out;
  for (const Bin& bin : bins) {
    if (bin.count == 0) continue;
    Weighted one{{}, static_cast<float>(bin.count)};
    for (std::size_t c = 0; c < 3; ++c)
      one.at[c] = static_cast<float>(static_cast<double>(bin.sum[c]) / bin.count);
    out.push_back(one);
  }
  return out;
}

std::uint32_t key_of(PaletteColour c) {
  return 1u << 24 | std::uint32_t{c.red} << 16 | std::uint32_t{c.green} << 8 | c.blue;
}

}  // namespace

GifPalette::GifPalette() : nearby_(kNearby) {}

bool GifPalette::choose(const AVFrame& rgba) {
  const std::vector<PaletteColour> before = colours_;
  if (!choose_exact(rgba) && choose_near(rgba))
    std::fill(nearby_.begin(), nearby_.end(), std::uint16_t{0});
  return colours_ != before;
}

bool GifPalette::choose_exact(const AVFrame& rgba) {
  std::vector<PaletteColour> found;
  if (exact_) found = colours_;
  const bool alone = found.empty();
  if (!gather(rgba, found)) {
    found.clear();
    if (alone || !gather(rgba, found)) return false;
  }
  exact_ = true;
  colours_ = std::move(found);
  return true;
}

// Those that are missing; false: they are too many.
bool GifPalette::gather(const AVFrame& rgba, std::vector<PaletteColour>& into) {
  fill_slots(into);
  bool fits = true;
  std::uint32_t last = 0;
  each_opaque(rgba, [&](const std::uint8_t* at) {
    const PaletteColour colour{at[0], at[1], at[2]};
    const std::uint32_t key = key_of(colour);
    if (key == last) return true;
    last = key;
    Slot& slot = slot_of(key);
    if (slot.key == key) return true;
    fits = into.size() < kMost;
    if (!fits) return false;
    slot = {key, static_cast<std::uint8_t>(into.size())};
    into.push_back(colour);
    return true;
  });
  return fits;
}

// Its own, or an empty one.
GifPalette::Slot& GifPalette::slot_of(std::uint32_t key) {
  std::size_t at = (key * 2'654'435'761u) >> 22;  // 10 bits; D. Knuth, multiplicative hashing
  while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) % kSlots;
  return slots_[at];
}

void GifPalette::fill_slots(const std::vector<PaletteColour>& from) {
  slots_.fill({});
  for (std::size_t i = 0; i < from.size(); ++i)
    slot_of(key_of(from[i])) = {key_of(from[i]), static_cast<std::uint8_t>(i)};
}

// True: what was near is it no longer.
bool GifPalette::choose_near(const AVFrame& rgba) {
  Entries entries = histogram(rgba);
  std::vector<PaletteColour> fresh = median_cut(entries);
  const double error = error_of(entries, fresh);
  const bool was_exact = std::exchange(exact_, false);
  if (error_of(entries, colours_) <= error * kMuchMore + kAnyway) return was_exact;
  colours_ = std::move(fresh);
  // A step of that width is off by its square over 12, on average.
  spread_ = std::clamp(std::sqrt(error / 3 * 12), kLeastSpread, kMostSpread);
  return true;
}

std::size_t GifPalette::nearest(int red, int green, int blue) const {
  std::size_t best = 0;
  int least = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < colours_.size(); ++i) {
    const int r = red - colours_[i].red, g = green - colours_[i].green, b = blue - colours_[i].blue;
    const int distance = r * r + g * g + b * b;
    if (distance >= least) continue;
    least = distance;
    best = i;
  }
  return best;
}

std::uint8_t GifPalette::index_of(PaletteColour pixel, int x, int y) {
  if (exact_) return slot_of(key_of(pixel)).index;
  const auto near = [this](int red, int green, int blue) {
    std::uint16_t& known =
        nearby_[static_cast<std::size_t>((red >> 2) << 12 | (green >> 2) << 6 | blue >> 2)];
    if (known == 0) known = static_cast<std::uint16_t>(1 + nearest(red | 2, green | 2, blue | 2));
    return static_cast<std::uint8_t>(known - 1);
  };
  const std::uint8_t plain = near(pixel.red, pixel.green, pixel.blue);
  const PaletteColour& has = colours_[plain];
  const int red = pixel.red - has.red, green = pixel.green - has.green,
            blue = pixel.blue - has.blue;
  if (red * red + green * green + blue * blue <= kCloseEnough) return plain;
  const int moved = static_cast<int>(std::lround((bayer(x, y) - 31.5) / 64 * spread_));
  const auto level = [moved](int value) { return std::clamp(value + moved, 0, 255); };
  return near(level(pixel.red), level(pixel.green), level(pixel.blue));
}

}  // namespace framewire::codec
