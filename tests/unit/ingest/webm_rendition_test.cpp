// The webm rendition, of streams made by hand: a cluster at each keyframe and only there.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ordered_pictures.h"
#include "webm_cut.h"

namespace framewire::test {
namespace {

TEST(WebmRendition, MakesAClusterAtEachKeyframeAndOnlyThere) {
  const std::string group =
      element(ebml::kBlockGroup, element(ebml::kBlock, block_data(1, 70, 0, "delta in a group")) +
                                     element(ebml::kReferenceBlock, "\x01") +
                                     element(ebml::kCrc32, "1234"));
  const std::string key_group =
      element(ebml::kBlockGroup, element(ebml::kBlock, block_data(1, 80, 0, "key in a group")) +
                                     element(0x75A1, "additions"));
  const std::string stream = webm_header() + cluster(1000) + audio(0) + key(10) + delta(20) +
                             cluster(1050) + audio(0) + delta(5) + key(40) + group + key_group;
  const WebmCut outcome = cut_webm(stream);
  ASSERT_TRUE(outcome.result);
  const Buffer regrouped = outcome.sink.joined(Rendition::webm);
  const auto clusters = read_clusters(regrouped);
  ASSERT_EQ(clusters.size(), 3u);
  EXPECT_EQ(clusters[0].ticks, 1010);
  EXPECT_EQ(clusters[1].ticks, 1090);
  EXPECT_EQ(clusters[2].ticks, 1130);
  EXPECT_EQ(clusters[0].blocks.size(), 4u) << "the sound before the first keyframe is left out";
  EXPECT_EQ(clusters[1].blocks.size(), 2u);
  EXPECT_EQ(as_text(regrouped).find("\xBF\x01"), std::string_view::npos)
      << "a CRC-32 over what was changed is a Void now";
  EXPECT_EQ(payloads(cut_webm(as_text(regrouped)).sink, Rendition::webm), as_text(regrouped));
}

TEST(WebmRendition, PutsAVoidForDuration) {
  const std::string info = element(ebml::kDuration, "\x40\x59\x0C\x00") + element(0x4D80, "muxer");
  const std::string header = ebml_header() + endless(ebml::kSegment) +
                             element(ebml::kSeekHead, "") + element(ebml::kInfo, info) +
                             element(ebml::kTracks, kVp8Track) + element(ebml::kTags, "tags");
  const WebmCut outcome = cut_webm(header + cluster(0) + key(0));
  ASSERT_TRUE(outcome.result) << outcome.result.error().what;
  const std::string init(as_text(outcome.sink.parts.at(1).payload));
  EXPECT_EQ(outcome.sink.parts[1].rendition, Rendition::webm);
  EXPECT_EQ(init.size(), header.size() - element(ebml::kSeekHead, "").size() -
                             element(ebml::kTags, "tags").size());
  EXPECT_EQ(init.find(id_bytes(ebml::kDuration)), std::string::npos);
  EXPECT_NE(init.find("muxer"), std::string::npos);
}

TEST(WebmRendition, StartsAClusterEachSecondWithoutVideo) {
  std::string stream = header_of(kOpusTrack);
  for (std::uint64_t t = 0; t < 5000; t += 500) stream += cluster(t) + audio(0) + audio(20);
  const WebmCut outcome = cut_webm(stream);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.sink.group_starts().size(), 10u);
  const auto regrouped = outcome.sink.joined(Rendition::webm);
  const auto clusters = read_clusters(regrouped);
  EXPECT_EQ(clusters.size(), 5u);
  EXPECT_EQ(outcome.sink.group_starts(Rendition::webm).size(), 5u);
}

TEST(WebmRendition, ContinuesInAClusterOfItsOwnWhereAnInt16DoesNotReach) {
  const std::string stream = webm_header() + cluster(0) + key(0) + cluster(30'000) + delta(0) +
                             cluster(32'760) + delta(0) + delta(8) + delta(20) + cluster(40'000) +
                             delta(0);
  const WebmCut outcome = cut_webm(stream);
  ASSERT_TRUE(outcome.result);
  const auto regrouped = outcome.sink.joined(Rendition::webm);
  const auto clusters = read_clusters(regrouped);
  ASSERT_EQ(clusters.size(), 2u);
  EXPECT_EQ(clusters[1].ticks, 32'768);
  EXPECT_EQ(outcome.sink.group_starts(Rendition::webm).size(), 1u);
  EXPECT_EQ(all_blocks(clusters), all_blocks(read_clusters(as_bytes(stream))));
}

TEST(WebmRendition, RespectsTheTimestampScale) {
  const std::string stream = header_of(kVp8Track, 100'000) + cluster(50'000) + key(5) + delta(15);
  const WebmCut outcome = cut_webm(stream, 1);
  ASSERT_TRUE(outcome.result);
  for (const Rendition rendition : {Rendition::origin, Rendition::webm})
    EXPECT_EQ(outcome.sink.parts.at(outcome.sink.group_starts(rendition).at(0).part).facts.pts_us,
              5'000'500);
}

// x264's pictures in the order of decoding, 25 a second. The third group's times are the ones a
// publisher's clock gave.
TEST(WebmRendition, PutsPicturesWhereTheirOrderSays) {
  const OrderedPictures& row = kOrderedPictures[0];
  using Clock = std::int64_t (*)(std::int64_t index, std::int64_t place);
  const std::pair<const char*, Clock> clocks[] = {
      {"as sent", [](std::int64_t, std::int64_t place) { return 40 * place; }},
      {"one 1.5 s back",
       [](std::int64_t index, std::int64_t place) { return 40 * place - (index == 9 ? 1500 : 0); }},
      {"stands still",
       [](std::int64_t index, std::int64_t place) {
         return index > 4 && index < 14 ? 40 * (4 + place - index) : 40 * place;
       }},
  };
  for (const auto& [what, came] : clocks) {
    std::string stream = header_of(track(1, 1, "V_MPEG4/ISO/AVC", configuration(row)) + kOpusTrack);
    std::int64_t index = 0;
    for (const auto& [slice, place] : row.pictures) {
      const auto time = static_cast<std::uint64_t>(2000 + came(index, place));
      const std::string frame = with_length(from_hex(slice));
      stream += cluster(time) + (slice[1] == '5' ? key(0, frame) : delta(0, frame)) + audio(0);
      ++index;
    }
    for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{97}}) {
      const WebmCut outcome = cut_webm(stream, piece);
      ASSERT_TRUE(outcome.result);
      std::vector<std::int64_t> got, right;
      for (const ReadBlock& block : all_blocks(read_clusters(outcome.sink.joined(Rendition::webm))))
        if (block.track == 1) got.push_back(block.ticks);
      for (const auto& [slice, place] : row.pictures) right.push_back(2000 + 40 * place);
      EXPECT_EQ(got, right) << what << ", by " << piece;
    }
  }
}

}  // namespace
}  // namespace framewire::test
