#include "ingest/webm/webm_block.h"

#include <array>

namespace framewire {
namespace {

constexpr std::uint8_t kKeyframeFlag = 0x80;
constexpr std::uint8_t kLacingFlags = 0x06;
constexpr std::uint64_t kLongestTicks = 1'000'000'000;

// data: of a SimpleBlock or Block; at: where it begins in the element.
std::optional<WebmBlock> read_block_data(Bytes data, std::size_t at) {
  const auto track = ebml::read_vint(data);
  if (!track || data.size() < track->length + 3) return std::nullopt;
  WebmBlock block;
  block.track = track->value;
  block.relative = load_be<std::int16_t>(data, track->length);
  block.timestamp_at = at + track->length;
  const auto flags = std::to_integer<std::uint8_t>(data[track->length + 2]);
  block.keyframe = (flags & kKeyframeFlag) != 0;
  block.lacing = static_cast<Lacing>((flags & kLacingFlags) >> 1);
  block.frame = data.subspan(track->length + 3);
  return block;
}

std::optional<WebmBlock> read_block_group(Bytes data, std::size_t data_at) {
  std::optional<WebmBlock> block;
  std::optional<std::size_t> crc_at;
  std::optional<std::int64_t> ticks;
  bool refers = false;
  ebml::Children children(data);
  while (const auto child = children.next()) {
    if (child->id == ebml::kBlock) {
      if (block) return std::nullopt;
      const auto child_data_at = static_cast<std::size_t>(child->data.data() - data.data());
      block = read_block_data(child->data, data_at + child_data_at);
      if (!block) return std::nullopt;
    } else if (child->id == ebml::kBlockDuration) {
      const auto duration = ebml::read_uint(child->data);
      if (duration && *duration <= kLongestTicks) ticks = static_cast<std::int64_t>(*duration);
    } else if (child->id == ebml::kReferenceBlock) {
      refers = true;
    } else if (child->id == ebml::kCrc32) {
      crc_at = data_at + child->at;
    }
  }
  if (!children.ok() || !block) return std::nullopt;
  block->keyframe = !refers;
  block->ticks = ticks;
  block->crc_at = crc_at;
  return block;
}

}  // namespace

std::optional<WebmBlock> read_block(const ebml::ElementHead& head, Bytes element) {
  const Bytes data = element.subspan(head.head_bytes);
  return head.id == ebml::kSimpleBlock ? read_block_data(data, head.head_bytes)
                                       : read_block_group(data, head.head_bytes);
}

void append_block(Buffer& to, Bytes element, const WebmBlock& block, std::int16_t relative) {
  const std::size_t at = to.size();
  append(to, element);
  store_be(&to[at + block.timestamp_at], relative);
  if (block.crc_at) to[at + *block.crc_at] = std::byte{ebml::kVoid};
}

void append_simple_block(Buffer& to, const WebmBlock& block, Bytes frame, std::int16_t relative) {
  const auto append_vint = [&to](std::uint64_t value) {
    std::array<std::byte, 8> bytes;
    store_be(bytes.data(), value | std::uint64_t{1} << 56);
    append(to, bytes);
  };
  to.push_back(std::byte{ebml::kSimpleBlock});
  append_vint(8 + 2 + 1 + frame.size());
  append_vint(block.track);
  const std::size_t at = to.size();
  to.resize(at + 3);
  store_be(&to[at], relative);
  to[at + 2] = block.keyframe ? std::byte{kKeyframeFlag} : std::byte{0};
  append(to, frame);
}

}  // namespace framewire
