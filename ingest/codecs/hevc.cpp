#include "ingest/codecs/hevc.h"

#include <fmt/format.h>

namespace framewire {

//  0         1                            2                 6                 12
//  version 1 | space:2 tier:1 profile:5 | compatibility(4) | constraints(6) | level | ...
std::optional<std::string> hevc_codec_string_from_hvcc(Bytes hvcc) {
  if (hvcc.size() < 13 || hvcc[0] != std::byte{1}) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(hvcc[i]); };
  const unsigned space = at(1) >> 6;
  std::uint32_t compatibility = load_be<std::uint32_t>(hvcc, 2);
  std::uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i, compatibility >>= 1)
    reversed = (reversed << 1) | (compatibility & 1);

  std::string codec = "hvc1.";
  if (space > 0) codec += static_cast<char>('A' + space - 1);
  codec += fmt::format("{}.{:X}.{}{}", at(1) & 31, reversed, (at(1) & 32) != 0 ? 'H' : 'L', at(12));
  std::size_t constraints = 6;  // trailing zero bytes are left out
  while (constraints > 0 && at(5 + constraints) == 0) --constraints;
  for (std::size_t i = 0; i < constraints; ++i) codec += fmt::format(".{:X}", at(6 + i));
  return codec;
}

}  // namespace framewire
