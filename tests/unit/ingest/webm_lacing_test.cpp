#include "ingest/webm/webm_lacing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/webm/webm_cutter.h"
#include "tests/unit/ingest/cut_helpers.h"
#include "tests/unit/ingest/webm_builder.h"
#include "tests/unit/ingest/webm_cut.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

struct Laced {
  std::string name;
  Lacing lacing;
  std::string data;
  std::vector<std::string> frames;  // empty: it is broken
};

const std::vector<Laced> kLaced = {
    {"none", Lacing::none, "abc", {"abc"}},
    {"fixed", Lacing::fixed, "\2aabbcc"s, {"aa", "bb", "cc"}},
    {"fixed, one frame", Lacing::fixed, "\0aabb"s, {"aabb"}},
    {"fixed, uneven", Lacing::fixed, "\2aabbc"s, {}},
    {"Xiph", Lacing::xiph, "\2\1\3abbbcc"s, {"a", "bbb", "cc"}},
    {"Xiph, 255 and more",
     Lacing::xiph,
     "\1\xff\1"s + std::string(256, 'a') + "b",
     {std::string(256, 'a'), "b"}},
    {"Xiph, 255",
     Lacing::xiph,
     "\1\xff\0"s + std::string(255, 'a') + "b",
     {std::string(255, 'a'), "b"}},
    {"Xiph, an empty one", Lacing::xiph, "\2\0\1ab"s, {"", "a", "b"}},
    {"Xiph, too long", Lacing::xiph, "\1\5ab"s, {}},
    {"Xiph, cut short", Lacing::xiph, "\1\xff"s, {}},
    {"EBML",
     Lacing::ebml,
     "\3\x82\xc0\xbe"
     "aabbbcc"
     "d"s,
     {"aa", "bbb", "cc", "d"}},
    {"EBML, below 0",
     Lacing::ebml,
     "\2\x81\xbd"
     "abc"s,
     {}},
    {"EBML, two bytes",
     Lacing::ebml,
     "\2\x41\x2c\x5e\xd4"s + std::string(300, 'a') + "b",
     {std::string(300, 'a'), "b", ""}},
    {"nothing", Lacing::xiph, "", {}},
};

TEST(Lacing, Table) {
  for (const Laced& c : kLaced) {
    const auto frames = unlace(c.lacing, as_bytes(c.data));
    ASSERT_EQ(frames.has_value(), !c.frames.empty()) << c.name;
    if (!frames) continue;
    ASSERT_EQ(frames->size(), c.frames.size()) << c.name;
    for (std::size_t i = 0; i < c.frames.size(); ++i)
      EXPECT_EQ(as_text((*frames)[i]), c.frames[i]) << c.name << ", frame " << i;
  }
}

TEST(Lacing, OpusFramesLastAsTheirFirstByteSays) {
  EXPECT_EQ(opus_frame_ns(as_bytes("\x08")), 20'000'000);      // SILK, 20 ms
  EXPECT_EQ(opus_frame_ns(as_bytes("\xfc")), 20'000'000);      // CELT, 20 ms
  EXPECT_EQ(opus_frame_ns(as_bytes("\xe1")), 5'000'000);       // two of 2.5 ms
  EXPECT_EQ(opus_frame_ns(as_bytes("\x0b\x03")), 60'000'000);  // three of 20 ms
  EXPECT_EQ(opus_frame_ns({}), 0);
}

TEST(WebmCutter, UnlacesInItsWebmRendition) {
  // Two frames of 20 ms (CELT) in one block, EBML lacing.
  const std::string frames =
      "\1\x83\xfc"
      "ab\xfc"
      "cd"s;
  const std::string block = element(ebml::kSimpleBlock, block_data(2, 10, 0x86, frames));
  const std::string bytes = header_of(kVp8Track + kOpusTrack) + cluster(1000) + key(0) + block +
                            delta(33) +
                            audio(50,
                                  "\xfc"
                                  "ef");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{7}}) {
    RecordingSink sink;
    const auto cutter = make_webm_cutter({}, sink);
    ASSERT_TRUE(feed_in(*cutter, as_bytes(bytes), size));
    ASSERT_TRUE(cutter->finish());
    EXPECT_EQ(as_text(sink.joined()), bytes) << "the origin keeps its lacing";
    const auto blocks = all_blocks(read_clusters(sink.joined(Rendition::webm)));
    ASSERT_EQ(blocks.size(), 5u);
    EXPECT_EQ(blocks[1].ticks, 1010);
    EXPECT_EQ(blocks[2].ticks, 1030);
    EXPECT_EQ(blocks[1].payload.substr(blocks[1].payload.size() - 3),
              "\xfc"
              "ab");
    EXPECT_EQ(blocks[2].payload.substr(blocks[2].payload.size() - 3),
              "\xfc"
              "cd");
  }
}

TEST(WebmCutter, LeavesOutAttachmentsThatAreTooLarge) {
  constexpr std::uint32_t kAttachments = 0x1941A469;
  struct Sink : RecordingSink {
    void on_note(const CutNote& note) override { notes.push_back(note.code); }
    std::vector<std::string> notes;
  };
  const std::string segment_head = ebml_header() + endless(ebml::kSegment);
  const std::string info = element(ebml::kInfo, uint_element(0x2AD7B1, 1'000'000));
  const std::string tracks = element(ebml::kTracks, kVp8Track);
  const std::string media = cluster(0) + key(0) + delta(33);
  const std::string large = element(kAttachments, std::string(5000, 'a'));
  const std::string small = element(kAttachments, std::string(500, 'a'));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {segment_head + info + large + tracks + media, segment_head + info + tracks + media},
      {segment_head + info + tracks + large + media, segment_head + info + tracks + media},
      {segment_head + large + large + info + tracks + media, segment_head + info + tracks + media},
      {segment_head + info + small + tracks + media, segment_head + info + small + tracks + media},
  };
  for (const auto& [bytes, origin] : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{997}}) {
      CutterOptions options;
      options.limits.init_bytes = 4096;
      Sink sink;
      const auto cutter = make_webm_cutter(options, sink);
      auto fed = feed_in(*cutter, as_bytes(bytes), size);
      if (fed) fed = cutter->finish();
      ASSERT_TRUE(fed) << fed.error().what << " at " << fed.error().offset;
      EXPECT_EQ(as_text(sink.joined()), origin) << size;
      EXPECT_EQ(sink.notes.size(), bytes == origin ? 0u : 1u);
      EXPECT_EQ(sink.group_starts().size(), 1u);
    }
  }
}

TEST(WebmCutter, SaysThatAStreamEndsInsideWhatIsLeftOut) {
  const std::string segment_head = ebml_header() + endless(ebml::kSegment);
  const std::string large = element(0x1941A469, std::string(5000, 'a'));
  const std::string tracks = element(ebml::kTracks, kVp8Track);
  CutterOptions options;
  options.limits.init_bytes = 4096;
  for (const std::string& before : {segment_head, segment_head + tracks + cluster(0) + key(0)}) {
    const std::string bytes = before + large.substr(0, 100);
    const WebmCut cut = cut_webm(bytes, 0, options);
    ASSERT_FALSE(cut.result);
    EXPECT_LE(cut.result.error().offset, bytes.size()) << cut.result.error().what;
  }
}

}  // namespace
}  // namespace framewire::test
