// Small WebM streams for tests, and a plain reading of any whole WebM bytes into Clusters and
// blocks.
#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/webm/webm_block.h"
#include "ingest/webm/webm_ebml.h"

namespace framewire::test {

inline std::string be(std::uint64_t value, std::size_t length) {
  std::string bytes;
  for (std::size_t i = length; i-- > 0;) bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
  return bytes;
}
inline std::string id_bytes(std::uint32_t id) {
  return be(id, id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1);
}
// Head with an 8-byte size.
inline std::string head(std::uint32_t id, std::uint64_t size) {
  return id_bytes(id) + be(size | (std::uint64_t{1} << 56), 8);
}
inline std::string endless(std::uint32_t id) {
  return head(id, (std::uint64_t{1} << 56) - 1);
}
inline std::string element(std::uint32_t id, std::string_view data) {
  return head(id, data.size()) + std::string(data);
}
inline std::string uint_element(std::uint32_t id, std::uint64_t value) {
  return element(id, be(value, 8));
}

inline std::string ebml_header(std::string_view doc_type = "webm") {
  return element(ebml::kEbmlHeader, element(0x4282, doc_type));
}
inline std::string track(std::uint64_t number, std::uint64_t type, std::string_view codec,
                         std::string_view codec_private = {}) {
  std::string entry = uint_element(0xD7, number) + uint_element(0x83, type) + element(0x86, codec);
  if (!codec_private.empty()) entry += element(0x63A2, codec_private);
  if (type == 1) entry += element(0xE0, uint_element(0xB0, 640) + uint_element(0xBA, 360));
  if (type == 2) entry += element(0xE1, uint_element(0x9F, 2));
  return element(0xAE, entry);
}
inline const std::string kVp8Track = track(1, 1, "V_VP8");
inline const std::string kOpusTrack = track(2, 2, "A_OPUS");

inline std::string header_of(std::string_view tracks, std::uint64_t timestamp_scale = 1'000'000) {
  return ebml_header() + endless(ebml::kSegment) +
         element(ebml::kInfo, uint_element(0x2AD7B1, timestamp_scale)) +
         element(ebml::kTracks, tracks);
}
inline std::string cluster(std::uint64_t ticks) {
  return endless(ebml::kCluster) + uint_element(ebml::kTimestamp, ticks);
}
inline std::string block_data(std::uint64_t track_number, int relative, int flags,
                              std::string_view frame) {
  return be(0x80 | track_number, 1) + be(static_cast<std::uint64_t>(relative), 2) +
         be(static_cast<std::uint64_t>(flags), 1) + std::string(frame);
}
inline std::string key(int relative, std::string_view frame = "key") {
  return element(ebml::kSimpleBlock, block_data(1, relative, 0x80, frame));
}
inline std::string delta(int relative, std::string_view frame = "delta") {
  return element(ebml::kSimpleBlock, block_data(1, relative, 0, frame));
}
inline std::string audio(int relative, std::string_view frame = "audio") {
  return element(ebml::kSimpleBlock, block_data(2, relative, 0x80, frame));
}

struct ReadBlock {
  std::uint64_t track = 0;
  std::int64_t ticks = 0;
  bool keyframe = false;
  std::string payload;  // all of the element but its timestamp
  friend bool operator==(const ReadBlock&, const ReadBlock&) = default;
};
struct ReadCluster {
  std::int64_t ticks = 0;
  bool size_known = false;
  std::vector<ReadBlock> blocks;
};

// Every Cluster of whole bytes, from the first on; a reading of its own, without the cutter.
inline std::vector<ReadCluster> read_clusters(Bytes bytes) {
  std::vector<ReadCluster> clusters;
  while (!bytes.empty()) {
    const auto [state, h] = ebml::read_head(bytes);
    if (state != ebml::HeadState::whole) {
      ADD_FAILURE() << "not whole elements";
      break;
    }
    const bool enter = h.id == ebml::kSegment || h.id == ebml::kCluster;
    if (h.id == ebml::kCluster) clusters.push_back({0, h.size_known(), {}});
    const std::size_t size = enter ? h.head_bytes : static_cast<std::size_t>(h.total());
    if (size > bytes.size()) {
      ADD_FAILURE() << "an element is cut short";
      break;
    }
    const Bytes whole = bytes.first(size);
    if (h.id == ebml::kTimestamp) {
      clusters.back().ticks =
          static_cast<std::int64_t>(ebml::read_uint(whole.subspan(h.head_bytes)).value_or(0));
    } else if (h.id == ebml::kSimpleBlock || h.id == ebml::kBlockGroup) {
      const auto block = read_block(h, whole);
      if (!block) {
        ADD_FAILURE() << "a block that can't be read";
        break;
      }
      std::string payload(as_text(whole));
      payload.replace(block->timestamp_at, 2, "--");
      clusters.back().blocks.push_back(
          {block->track, clusters.back().ticks + block->relative, block->keyframe, payload});
    }
    bytes = bytes.subspan(size);
  }
  return clusters;
}

inline std::vector<ReadBlock> all_blocks(const std::vector<ReadCluster>& clusters) {
  std::vector<ReadBlock> blocks;
  for (const ReadCluster& c : clusters)
    blocks.insert(blocks.end(), c.blocks.begin(), c.blocks.end());
  return blocks;
}

}  // namespace framewire::test
