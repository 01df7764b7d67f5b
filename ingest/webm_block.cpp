#include "ingest/webm_block.h"

namespace framewire {
namespace {

constexpr std::uint8_t kKeyframeFlag = 0x80;
constexpr std::uint8_t kLacingFlags = 0x06;

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
  if ((flags & kLacingFlags) == 0) block.frame = data.subspan(track->length + 3);
  return block;
}

std::optional<WebmBlock> read_block_group(Bytes data, std::size_t data_at) {
  std::optional<WebmBlock> block;
  std::optional<std::size_t> crc_at;
  bool refers = false;
  ebml::Children children(data);
  while (const auto child = children.next()) {
    if (child->id == ebml::kBlock) {
      if (block) return std::nullopt;
      const auto child_data_at = static_cast<std::size_t>(child->data.data() - data.data());
      block = read_block_data(child->data, data_at + child_data_at);
      if (!block) return std::nullopt;
    } else if (child->id == ebml::kReferenceBlock) {
      refers = true;
    } else if (child->id == ebml::kCrc32) {
      crc_at = data_at + child->at;
    }
  }
  if (!children.ok() || !block) return std::nullopt;
  block->keyframe = !refers;
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

}  // namespace framewire
