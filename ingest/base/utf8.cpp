#include "ingest/base/utf8.h"

namespace framewire {
namespace {

// A sequence's first byte says how many follow and which the second may be (RFC 3629, section 4).
struct Lead {
  std::size_t more = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  bool valid = true;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {};
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0, false};
}

}  // namespace

bool is_utf8(Bytes bytes) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const Lead lead = lead_of(at(i));
    if (!lead.valid || lead.more >= bytes.size() - i) return false;
    if (lead.more == 0) continue;
    if (at(i + 1) < lead.low || at(i + 1) > lead.high) return false;
    for (std::size_t k = 2; k <= lead.more; ++k)
      if ((at(i + k) & 0xC0) != 0x80) return false;
    i += lead.more;
  }
  return true;
}

}  // namespace framewire
