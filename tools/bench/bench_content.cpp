#include "tools/bench/bench_content.h"

#include <algorithm>
#include <string_view>

#include "tools/bench/bench_payload.h"

namespace framewire::bench {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kStart = "\xff\xd8\xff\xfe\x00\x22"sv;  // SOI; COM of 34 bytes
// SOF0: 8 bits, 360 x 640, three components; SOS: the same three.
constexpr std::string_view kFrame =
    "\xff\xc0\x00\x11\x08\x01\x68\x02\x80\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    "\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"sv;
constexpr std::string_view kEnd = "\xff\xd9"sv;  // EOI
static_assert(kStart.size() == lead_of(Content::jpeg));
static_assert(kStart.size() - 4 + kPayloadHeader == 0x22);

std::byte* put(std::string_view text, std::byte* to) {
  return std::transform(text.begin(), text.end(), to, [](char c) { return std::byte(c); });
}

// Every value is as likely as another; FF is stuffed.
void put_coded(std::span<std::byte> data) {
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < data.size(); ++i) {
    state = state * 1664525 + 1013904223;
    data[i] = static_cast<std::byte>(state >> 24);
    if (data[i] != std::byte{0xff}) continue;
    if (i + 1 < data.size()) ++i;
    data[i] = std::byte{0};
  }
}

}  // namespace

std::size_t least_of(Content content) {
  if (content == Content::binary) return kPayloadHeader;
  return kStart.size() + kPayloadHeader + kFrame.size() + kEnd.size();
}

void fill(Content content, std::span<std::byte> message) {
  if (content == Content::binary) return;
  put(kStart, message.data());
  const std::span rest = message.subspan(lead_of(content) + kPayloadHeader);
  put(kFrame, rest.data());
  put_coded(rest.subspan(kFrame.size(), rest.size() - kFrame.size() - kEnd.size()));
  put(kEnd, rest.data() + rest.size() - kEnd.size());
}

}  // namespace framewire::bench
