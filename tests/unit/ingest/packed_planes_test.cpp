#include "ingest/pictures/packed_planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string>

namespace framewire {
namespace {

using Planes = std::vector<std::vector<std::uint8_t>>;

// PROTOCOL.md, "Packed planes", byte by byte.
Buffer pack(const Planes& planes, const std::vector<PlaneShape>& shapes) {
  constexpr std::array<unsigned, 5> kBits = {0, 1, 2, 4, 8};
  std::vector<unsigned> heads;
  Buffer data;
  for (std::size_t p = 0; p < planes.size(); ++p) {
    const auto at = [&](std::ptrdiff_t i) -> unsigned {
      return i < 0 || i >= static_cast<std::ptrdiff_t>(planes[p].size())
                 ? 0u
                 : planes[p][static_cast<std::size_t>(i)];
    };
    const auto stride = static_cast<std::ptrdiff_t>(shapes[p].stride);
    for (std::ptrdiff_t begin = 0; begin < static_cast<std::ptrdiff_t>(planes[p].size());
         begin += 16) {
      std::array<std::array<std::uint8_t, 16>, 2> values{};
      std::array<unsigned, 2> widths{};
      for (std::ptrdiff_t i = begin; i < begin + 16; ++i) {
        const unsigned beside = at(i) - at(i - 1), above = at(i - stride) - at(i - stride - 1);
        const auto number = static_cast<std::size_t>(i - begin);
        for (std::size_t way = 0; way < 2; ++way) {
          const auto d = static_cast<std::int8_t>(way == 0 ? beside - above : beside);
          values[way][number] = static_cast<std::uint8_t>(d < 0 ? -2 * d - 1 : 2 * d);
          while ((values[way][number] >> kBits[widths[way]]) != 0) ++widths[way];
        }
      }
      const std::size_t way = widths[1] < widths[0] ? 1 : 0;
      heads.push_back(widths[way] | (way == 1 ? 8u : 0u));
      unsigned held = 0, bits = 0;
      for (const std::uint8_t value : values[way]) {
        held |= unsigned{value} << bits;
        bits += kBits[widths[way]];
        for (; bits >= 8; bits -= 8, held >>= 8) data.push_back(std::byte(held & 0xff));
      }
    }
  }
  Buffer out((heads.size() + 1) / 2);
  for (std::size_t n = 0; n < heads.size(); ++n) out[n / 2] |= std::byte(heads[n] << (n % 2 * 4));
  append(out, data);
  return out;
}

using Picture = std::function<unsigned(std::size_t plane, std::size_t x, std::size_t y)>;

Planes planes_of(const std::vector<PlaneShape>& shapes, const Picture& picture) {
  Planes out;
  for (std::size_t p = 0; p < shapes.size(); ++p) {
    out.emplace_back(shapes[p].bytes);
    for (std::size_t i = 0; i < shapes[p].bytes; ++i)
      out[p][i] = static_cast<std::uint8_t>(picture(p, i % shapes[p].stride, i / shapes[p].stride));
  }
  return out;
}

std::mt19937& noise() {
  static std::mt19937 random{7};
  return random;
}

const std::vector<std::pair<const char*, Picture>>& pictures() {
  static const std::vector<std::pair<const char*, Picture>> out = {
      {"one colour", [](auto p, auto, auto) { return 40u + unsigned(p); }},
      {"a slope", [](auto p, auto x, auto y) { return unsigned(x * 3 + y * 5 + p) / 4; }},
      {"edges", [](auto, auto x, auto y) { return x % 7 < 3 || y % 5 == 0 ? 255u : 3u; }},
      {"steps of one", [](auto, auto x, auto y) { return unsigned(x + y) & 1; }},
      {"a little noise", [](auto, auto, auto) { return 100u + noise()() % 5; }},
      {"noise", [](auto, auto, auto) { return noise()() & 255u; }},
  };
  return out;
}

TEST(PackedPlanes, UnpackToWhatTheyWere) {
  for (const auto& [width, height] : {std::pair{32, 2}, {34, 6}, {46, 4}, {320, 180}, {33, 5}})
    for (const auto& [name, picture] : pictures()) {
      const auto w = std::size_t(width), h = std::size_t(height);
      for (const auto& shapes :
           {i420_planes(w, h), colour_planes(w, h, false), colour_planes(w, h, true)}) {
        const Planes planes = planes_of(shapes, picture);
        PlaneUnpacker unpacker{shapes};
        for (int twice = 0; twice < 2; ++twice) {
          const auto unpacked = unpacker.unpack(pack(planes, shapes));
          ASSERT_TRUE(unpacked) << name << ": " << unpacked.error().what;
          for (std::size_t p = 0; p < planes.size(); ++p)
            ASSERT_TRUE(std::equal(planes[p].begin(), planes[p].end(), unpacker.plane(p)))
                << name << ", plane " << p << " of " << w << "x" << h;
        }
      }
    }
}

TEST(PackedPlanes, WhatIsNoneIsAnError) {
  const auto shapes = i420_planes(32, 4);
  const Buffer good = pack(planes_of(shapes, pictures()[4].second), shapes);
  const Buffer longer = [&] {
    Buffer out = good;
    out.push_back(std::byte{0});
    return out;
  }();
  const Buffer wide = [&] {
    Buffer out = good;
    out[0] = std::byte{0x05};  // a width that there is not
    return out;
  }();
  const struct {
    const char* name;
    Bytes packed;
    std::vector<PlaneShape> shapes;
  } kCases[] = {{"nothing", {}, shapes},
                {"heads cut off", Bytes{good}.first(2), shapes},
                {"data cut off", Bytes{good}.first(good.size() - 1), shapes},
                {"a byte too many", longer, shapes},
                {"no such width", wide, shapes},
                {"rows that are too narrow", good, i420_planes(16, 8)}};
  for (const auto& [name, packed, of] : kCases) {
    PlaneUnpacker unpacker{of};
    const auto unpacked = unpacker.unpack(packed);
    ASSERT_FALSE(unpacked) << name;
    EXPECT_EQ(unpacked.error().code, Errc::malformed_media) << name;
    EXPECT_EQ(PlaneUnpacker{shapes}.unpack(good).has_value(), true);
  }
}

TEST(PackedPlanes, ColoursAreJoinedToPixels) {
  for (const std::size_t count : {std::size_t{32}, std::size_t{46 * 3}})
    for (const bool alpha : {false, true}) {
      const std::size_t width = count % 46 == 0 ? 46 : 32;
      const auto shapes = colour_planes(width, count / width, alpha);
      std::vector<std::uint8_t> pixels(4 * count);
      for (auto& value : pixels) value = static_cast<std::uint8_t>(noise()());
      Planes planes(alpha ? 4 : 3, std::vector<std::uint8_t>(count));
      for (std::size_t i = 0; i < count; ++i) {
        planes[0][i] = pixels[4 * i + 1];
        planes[1][i] = static_cast<std::uint8_t>(pixels[4 * i] - pixels[4 * i + 1]);
        planes[2][i] = static_cast<std::uint8_t>(pixels[4 * i + 2] - pixels[4 * i + 1]);
        if (alpha)
          planes[3][i] = pixels[4 * i + 3];
        else
          pixels[4 * i + 3] = 255;
      }
      PlaneUnpacker unpacker{shapes};
      ASSERT_TRUE(unpacker.unpack(pack(planes, shapes)));
      std::vector<std::uint8_t> joined(4 * count);
      join_colours(unpacker, alpha, count, joined.data());
      EXPECT_EQ(joined, pixels);
    }
}

}  // namespace
}  // namespace framewire
