#include "ingest/pictures/webp.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace framewire {
namespace {

constexpr std::size_t kRiffHead = 12;
constexpr std::size_t kChunkHead = 8;
constexpr std::size_t kFrameHead = 16;  // x y width height duration(3 each) flags
constexpr std::byte kAlpha{0x10};

std::uint32_t le32(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}
void put_le32(Buffer& to, std::size_t value) {
  for (int i = 0; i < 4; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}

// The first chunk of this type, its head and padding too.
std::optional<Bytes> chunk(Bytes chunks, std::string_view type) {
  while (chunks.size() >= kChunkHead) {
    const std::size_t size = le32(chunks, 4);
    if (size > chunks.size() - kChunkHead) return std::nullopt;
    const std::size_t whole = std::min(kChunkHead + size + size % 2, chunks.size());
    if (as_text(chunks.first(4)) == type) return chunks.first(whole);
    chunks = chunks.subspan(whole);
  }
  return std::nullopt;
}

}  // namespace

Buffer webp_first_picture(Bytes webp) {
  if (webp.size() < kRiffHead || as_text(webp.subspan(8, 4)) != "WEBP") return {};
  const auto frame = chunk(webp.subspan(kRiffHead), "ANMF");
  if (!frame || frame->size() < kChunkHead + kFrameHead) return {};
  const Bytes inside = frame->subspan(kChunkHead + kFrameHead);
  const auto alpha = chunk(inside, "ALPH");
  auto picture = chunk(inside, "VP8 ");
  if (!picture) picture = chunk(inside, "VP8L");
  if (!picture) return {};

  Buffer chunks;
  if (alpha) {
    append(chunks, as_bytes("VP8X"));
    put_le32(chunks, 10);
    chunks.push_back(kAlpha);
    chunks.resize(chunks.size() + 3);
    append(chunks, frame->subspan(kChunkHead + 6, 6));  // its width and height, less 1
    append(chunks, *alpha);
  }
  append(chunks, *picture);
  Buffer out;
  append(out, as_bytes("RIFF"));
  put_le32(out, 4 + chunks.size());
  append(out, as_bytes("WEBP"));
  append(out, chunks);
  return out;
}

}  // namespace framewire
