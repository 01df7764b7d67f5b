#include "codec/child/av/h264_sets.h"

#include <algorithm>
#include <array>

namespace framewire::codec {
namespace {

constexpr std::array kStartCode = {std::byte{0}, std::byte{0}, std::byte{1}};
constexpr std::array kLongStartCode = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
constexpr unsigned kSps = 7;
constexpr unsigned kPps = 8;
constexpr unsigned kDelimiter = 9;
constexpr unsigned kFirstSlice = 1;
constexpr unsigned kLastSlice = 5;

// Calls take(type, unit) for each NAL unit until it returns false.
template <class Take>
void for_units(Bytes annex_b, const Take& take) {
  auto at = std::search(annex_b.begin(), annex_b.end(), kStartCode.begin(), kStartCode.end());
  while (at != annex_b.end()) {
    const auto unit = at + kStartCode.size();
    at = std::search(unit, annex_b.end(), kStartCode.begin(), kStartCode.end());
    auto end = at;  // less the zero bytes that belong to the next start code
    while (end != unit && *(end - 1) == std::byte{0}) --end;
    if (unit == end) continue;
    if (!take(std::to_integer<unsigned>(*unit) & 0x1f, Bytes{unit, end})) return;
  }
}

}  // namespace

Buffer h264_parameter_sets(Bytes annex_b) {
  Buffer out;
  bool sps = false, pps = false;
  for_units(annex_b, [&](unsigned type, Bytes unit) {
    if (type >= kFirstSlice && type <= kLastSlice) return false;  // the sets stand before it
    if (type != kSps && type != kPps) return true;
    (type == kSps ? sps : pps) = true;
    append(out, kLongStartCode);
    append(out, unit);
    return true;
  });
  if (!sps || !pps) out.clear();
  return out;
}

Buffer h264_length_prefixed(Bytes annex_b, H264Sets sets) {
  Buffer out;
  out.reserve(annex_b.size() + 16);
  for_units(annex_b, [&](unsigned type, Bytes unit) {
    const bool is_set = type == kSps || type == kPps;
    if (type == kDelimiter || (is_set && sets == H264Sets::left_out)) return true;
    const std::size_t at = out.size();
    out.resize(at + 4);
    store_be(out.data() + at, static_cast<std::uint32_t>(unit.size()));
    append(out, unit);
    return true;
  });
  return out;
}

}  // namespace framewire::codec
