#include "ingest/pictures/packed_planes.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace framewire {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::array<std::size_t, 5> kBlockBytes = {0, 2, 4, 8, 16};
constexpr unsigned kWidthBits = 7, kBesideOnly = 8;

// A vector of the compiler's: added, shifted and shuffled byte by byte.
using Sixteen = std::uint8_t __attribute__((vector_size(kBlock)));

Sixteen sixteen_at(const std::uint8_t* from) {
  Sixteen out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

Sixteen all_of(unsigned value) {
  return Sixteen{} + static_cast<std::uint8_t>(value);
}

// The first of two and the second of two, of each byte of eight.
Sixteen in_turn(Sixteen low, Sixteen high) {
  return __builtin_shufflevector(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

Sixteen second_half(Sixteen v) {
  return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

// Pairs of red and green, of blue and alpha, as pixels.
std::array<Sixteen, 4> in_fours(Sixteen rg, Sixteen more_rg, Sixteen ba, Sixteen more_ba) {
  const auto first = [](Sixteen a, Sixteen b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  };
  const auto second = [](Sixteen a, Sixteen b) {
    return __builtin_shufflevector(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30,
                                   31);
  };
  return {first(rg, ba), second(rg, ba), first(more_rg, more_ba), second(more_rg, more_ba)};
}

Sixteen of_nibbles(Sixteen bytes) {
  return in_turn(bytes & all_of(15), bytes >> 4);
}

Sixteen of_bits(const std::uint8_t* from) {
  const Sixteen first = all_of(from[0]), second = all_of(from[1]);
  const Sixteen bytes = __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18,
                                                19, 20, 21, 22, 23);
  constexpr Sixteen kShifts = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
  return (bytes >> kShifts) & all_of(1);
}

Sixteen values_of(const std::uint8_t* from, std::size_t width) {
  switch (width) {
    case 4:
      return sixteen_at(from);
    case 3: {
      Sixteen half{};
      std::memcpy(&half, from, 8);
      return of_nibbles(half);
    }
    case 2: {
      Sixteen quarter{};
      std::memcpy(&quarter, from, 4);
      const Sixteen half = of_nibbles(quarter);
      return in_turn(half & all_of(3), half >> 2);
    }
    case 1:
      return of_bits(from);
    default:
      return Sixteen{};
  }
}

Sixteen differences(Sixteen values) {
  return (values >> 1) ^ (Sixteen{} - (values & all_of(1)));
}

// Each byte with all before it.
Sixteen added_up(Sixteen v) {
  constexpr Sixteen kZero = {};
  v += __builtin_shufflevector(kZero, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                               30);
  v += __builtin_shufflevector(kZero, v, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                               29);
  v += __builtin_shufflevector(kZero, v, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                               27);
  v += __builtin_shufflevector(kZero, v, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                               23);
  return v;
}

std::size_t up_to_block(std::size_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

}  // namespace

std::vector<PlaneShape> i420_planes(std::size_t width, std::size_t height) {
  const std::size_t across = (width + 1) / 2, down = (height + 1) / 2;
  return {{width * height, width}, {across * down, across}, {across * down, across}};
}

std::vector<PlaneShape> colour_planes(std::size_t width, std::size_t height, bool alpha) {
  return std::vector<PlaneShape>(alpha ? 4 : 3, PlaneShape{width * height, width});
}

PlaneUnpacker::PlaneUnpacker(const std::vector<PlaneShape>& shapes) {
  std::size_t at = 0;
  for (const PlaneShape& shape : shapes) {
    at += up_to_block(shape.stride + 1);
    planes_.push_back({at, (shape.bytes + kBlock - 1) / kBlock, shape.stride});
    at += up_to_block(shape.bytes);
    blocks_ += planes_.back().blocks;
    narrow_ = narrow_ || shape.stride < kBlock;
  }
  room_.resize(at);
}

Result<void> PlaneUnpacker::unpack(Bytes packed) {
  const auto* const heads = reinterpret_cast<const std::uint8_t*>(packed.data());
  std::size_t from = (blocks_ + 1) / 2;
  if (narrow_)
    return fail(Errc::malformed_media,
                fmt::format("packed planes with rows of fewer than {} bytes", kBlock));
  if (packed.size() < from)
    return fail(Errc::malformed_media,
                fmt::format("packed planes of {} bytes, whose heads have {}", packed.size(), from));
  std::size_t number = 0;
  for (const Plane& plane : planes_) {
    std::uint8_t* to = room_.data() + plane.at;
    for (std::size_t block = 0; block < plane.blocks; ++block, ++number, to += kBlock) {
      const unsigned head = heads[number / 2] >> (number % 2 * 4);
      const std::size_t width = head & kWidthBits;
      if (width >= kBlockBytes.size() || packed.size() - from < kBlockBytes[width])
        return fail(Errc::malformed_media,
                    fmt::format("packed planes that are no more from block {} on", number), from);
      Sixteen step = differences(values_of(heads + from, width));
      if ((head & kBesideOnly) == 0)
        step += sixteen_at(to - plane.stride) - sixteen_at(to - plane.stride - 1);
      const Sixteen bytes = added_up(step) + all_of(to[-1]);
      std::memcpy(to, &bytes, sizeof bytes);
      from += kBlockBytes[width];
    }
  }
  if (from != packed.size())
    return fail(Errc::malformed_media, fmt::format("packed planes of {} bytes, {} of them too many",
                                                   packed.size(), packed.size() - from));
  return {};
}

void join_colours(PlaneUnpacker& planes, bool alpha, std::size_t count, std::uint8_t* to) {
  std::array<const std::uint8_t*, 4> from{};
  for (std::size_t n = 0; n < (alpha ? 4u : 3u); ++n) from[n] = planes.plane(n);
  std::size_t at = 0;
  for (; at + kBlock <= count; at += kBlock) {
    const Sixteen green = sixteen_at(from[0] + at);
    const Sixteen red = sixteen_at(from[1] + at) + green, blue = sixteen_at(from[2] + at) + green;
    const Sixteen opacity = alpha ? sixteen_at(from[3] + at) : all_of(0xff);
    const std::array<Sixteen, 4> pixels =
        in_fours(in_turn(red, green), in_turn(second_half(red), second_half(green)),
                 in_turn(blue, opacity), in_turn(second_half(blue), second_half(opacity)));
    std::memcpy(to + 4 * at, pixels.data(), sizeof pixels);
  }
  for (; at < count; ++at) {
    const std::uint8_t green = from[0][at];
    to[4 * at] = static_cast<std::uint8_t>(from[1][at] + green);
    to[4 * at + 1] = green;
    to[4 * at + 2] = static_cast<std::uint8_t>(from[2][at] + green);
    to[4 * at + 3] = alpha ? from[3][at] : 0xff;
  }
}

}  // namespace framewire
