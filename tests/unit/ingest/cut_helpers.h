// What every cutter's test needs: a sink that keeps what it is given, recordings of real browsers
// with their chunk boundaries, and ways to cut bytes. FRAMEWIRE_MEDIA_DIR is tests/media.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "ingest/cut/cutter.h"

namespace framewire::test {

struct RecordedPart {
  Rendition rendition = Rendition::origin;
  CutPart facts;          // facts.payload is empty: see payload
  Buffer payload;         // a copy
  std::size_t epoch = 0;  // index into RecordingSink::epochs
};

// A place where viewers may join, by the bytes of the rendition that stand before it.
struct GroupStart {
  std::size_t at = 0;    // bytes of this rendition (init parts included) before the part
  std::size_t part = 0;  // index into RecordingSink::parts
};

class RecordingSink : public PartSink {
 public:
  void on_epoch(const EpochInfo& info) override { epochs.push_back(info); }
  void on_part(Rendition rendition, const CutPart& part) override {
    EXPECT_FALSE(epochs.empty()) << "a part before on_epoch";
    RecordedPart kept{rendition,
                      part,
                      {part.payload.begin(), part.payload.end()},
                      epochs.empty() ? 0 : epochs.size() - 1};
    kept.facts.payload = {};
    parts.push_back(std::move(kept));
  }

  // All parts of a rendition, end to end, without those for joiners only.
  Buffer joined(Rendition rendition = Rendition::origin) const {
    Buffer all;
    for (const RecordedPart& part : parts)
      if (part.rendition == rendition && !part.facts.joiners_only) append(all, part.payload);
    return all;
  }
  std::vector<GroupStart> group_starts(Rendition rendition = Rendition::origin) const {
    std::vector<GroupStart> starts;
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].rendition != rendition || parts[i].facts.joiners_only) continue;
      if (parts[i].facts.group_start) starts.push_back({at, i});
      at += parts[i].payload.size();
    }
    return starts;
  }
  // What a viewer gets who joins at parts[part]: the newest init before it, then it and all after.
  Buffer joined_from(std::size_t part) const {
    const Rendition rendition = parts[part].rendition;
    Buffer all;
    for (std::size_t i = part; i-- > 0;) {
      if (parts[i].rendition != rendition || !parts[i].facts.init) continue;
      all = parts[i].payload;
      break;
    }
    for (std::size_t i = part; i < parts.size(); ++i)
      if (parts[i].rendition == rendition && !parts[i].facts.joiners_only)
        append(all, parts[i].payload);
    return all;
  }

  std::vector<EpochInfo> epochs;
  std::vector<RecordedPart> parts;
};

inline std::string media_path(const std::string& name) {
  return std::string(FRAMEWIRE_MEDIA_DIR) + "/browser/" + name;
}

inline Buffer load_fixture(const std::string& name) {
  std::ifstream file(media_path(name), std::ios::binary);
  EXPECT_TRUE(file.good()) << "no fixture " << name;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// The sizes of a recording's dataavailable events: the messages a page would have sent.
inline std::vector<std::size_t> chunk_sizes(const std::string& name) {
  std::ifstream file(media_path(name + ".chunks.json"));
  EXPECT_TRUE(file.good()) << "no chunk list of " << name;
  std::vector<std::size_t> sizes;
  const nlohmann::json described = nlohmann::json::parse(file);
  for (const auto& chunk : described.at("chunks"))
    sizes.push_back(chunk.at("size").get<std::size_t>());
  return sizes;
}

// Feeds bytes in pieces of the given sizes, round and round, up to the first error. {0} = whole.
inline Result<void> feed_in(Cutter& cutter, Bytes bytes, const std::vector<std::size_t>& sizes) {
  if (sizes.empty() || sizes == std::vector<std::size_t>{0}) return cutter.feed(bytes);
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t size = std::min(sizes[i % sizes.size()], bytes.size());
    if (auto fed = cutter.feed(bytes.first(size)); !fed) return fed;
    bytes = bytes.subspan(size);
  }
  return {};
}
inline Result<void> feed_in(Cutter& cutter, Bytes bytes, std::size_t size) {
  return feed_in(cutter, bytes, std::vector<std::size_t>{size});
}

}  // namespace framewire::test
