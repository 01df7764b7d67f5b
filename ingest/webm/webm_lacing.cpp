#include "ingest/webm/webm_lacing.h"

#include <array>

#include "ingest/webm/webm_ebml.h"

namespace framewire {
namespace {

std::size_t laced_byte(Bytes bytes, std::size_t at) {
  return u8(bytes, at);
}

// The sizes of all frames but the last; `at` moves behind them.
std::optional<std::vector<std::size_t>> read_sizes(Lacing lacing, Bytes laced, std::size_t& at,
                                                   std::size_t frames) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i + 1 < frames; ++i) {
    if (lacing == Lacing::xiph) {
      std::size_t size = 0;
      std::size_t byte = 255;
      while (byte == 255) {
        if (at >= laced.size()) return std::nullopt;
        byte = laced_byte(laced, at++);
        size += byte;
      }
      sizes.push_back(size);
      continue;
    }
    const auto vint = ebml::read_vint(laced.subspan(at));
    if (!vint) return std::nullopt;
    at += vint->length;
    auto size = static_cast<std::int64_t>(vint->value);
    if (i > 0) {
      const std::int64_t bias = (std::int64_t{1} << (7 * vint->length - 1)) - 1;
      size = static_cast<std::int64_t>(sizes.back()) + size - bias;
    }
    if (size < 0 || static_cast<std::uint64_t>(size) > laced.size()) return std::nullopt;
    sizes.push_back(static_cast<std::size_t>(size));
  }
  return sizes;
}

}  // namespace

std::optional<std::vector<Bytes>> unlace(Lacing lacing, Bytes laced) {
  if (lacing == Lacing::none) return std::vector<Bytes>{laced};
  if (laced.empty()) return std::nullopt;
  const std::size_t frames = laced_byte(laced, 0) + 1;
  std::size_t at = 1;
  std::vector<std::size_t> sizes;
  if (lacing == Lacing::fixed) {
    if ((laced.size() - at) % frames != 0) return std::nullopt;
    sizes.assign(frames - 1, (laced.size() - at) / frames);
  } else {
    auto read = read_sizes(lacing, laced, at, frames);
    if (!read) return std::nullopt;
    sizes = *std::move(read);
  }
  std::vector<Bytes> out;
  for (const std::size_t size : sizes) {
    if (size > laced.size() - at) return std::nullopt;
    out.push_back(laced.subspan(at, size));
    at += size;
  }
  out.push_back(laced.subspan(at));
  return out;
}

//  config:5 stereo:1 code:2 | code 3: .. frames:6
std::int64_t opus_frame_ns(Bytes frame) {
  if (frame.empty()) return 0;
  const std::size_t toc = laced_byte(frame, 0);
  const std::size_t config = toc >> 3;
  constexpr std::array<std::int64_t, 4> kSilk = {10'000'000, 20'000'000, 40'000'000, 60'000'000};
  std::int64_t each = 0;
  if (config < 12)
    each = kSilk[config & 3];
  else if (config < 16)
    each = kSilk[config & 1];
  else
    each = 2'500'000LL << (config & 3);
  const std::size_t code = toc & 3;
  std::size_t count = code == 0 ? 1 : 2;
  if (code == 3) count = frame.size() > 1 ? laced_byte(frame, 1) & 63 : 0;
  return each * static_cast<std::int64_t>(count);
}

}  // namespace framewire
