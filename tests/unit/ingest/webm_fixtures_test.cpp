// Real browsers' recordings, cut in every way: what comes out is what went in, viewers may join at
// every group start, and the regrouped rendition holds the same blocks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "cut_helpers.h"
#include "ingest/webm/webm_cutter.h"
#include "webm_builder.h"

namespace framewire::test {
namespace {

struct Fixture {
  std::string name;
  std::string mime;
  std::size_t keyframes;  // tests/media/browser/README.md; without video: seconds begun
};
void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.name;
}

const Fixture kFixtures[] = {
    {"chromium-av1-opus-camera.webm", "video/webm; codecs=\"av01.0.09M.08,opus\"", 2},
    {"chromium-h264-canvas-resize.webm", "video/x-matroska; codecs=\"avc1.42C01F\"", 4},
    {"chromium-h264-opus-camera.webm", "video/x-matroska; codecs=\"avc1.42C01F,opus\"", 2},
    {"chromium-opus-audio.webm", "audio/webm; codecs=\"opus\"", 4},
    {"chromium-vp8-canvas-alpha-opus.webm", "video/webm; codecs=\"vp8,opus\"", 2},
    {"chromium-vp8-canvas-freeze.webm", "video/webm; codecs=\"vp8\"", 1},
    {"chromium-vp8-canvas-opaque.webm", "video/webm; codecs=\"vp8\"", 6},
    {"chromium-vp8-canvas-resize.webm", "video/webm; codecs=\"vp8\"", 4},
    {"chromium-vp8-opus-camera-ts1000.webm", "video/webm; codecs=\"vp8,opus\"", 1},
    {"chromium-vp8-opus-camera.webm", "video/webm; codecs=\"vp8,opus\"", 2},
    {"chromium-vp8-opus-finished.webm", "video/webm; codecs=\"vp8,opus\"", 1},
    {"chromium-vp8-opus-pause.webm", "video/webm; codecs=\"vp8,opus\"", 2},
    {"chromium-vp8-opus-videoends.webm", "video/webm; codecs=\"vp8,opus\"", 1},
    {"chromium-vp8-pcm-camera.webm", "video/x-matroska; codecs=\"vp8,pcm\"", 1},
    {"chromium-vp9-canvas.webm", "video/webm; codecs=\"vp09.00.21.08\"", 3},
    {"firefox-vp8-canvas.webm", "video/webm; codecs=\"vp8\"", 2},
    {"firefox-vp8-opus-camera.webm", "video/webm; codecs=\"vp8,opus\"", 2},
    {"firefox-vp8-opus-notimeslice.webm", "video/webm; codecs=\"vp8,opus\"", 1},
    {"firefox-vp8-opus-pause.webm", "video/webm; codecs=\"vp8,opus\"", 1},
};

enum class Cut { whole, byte_by_byte, by_7, by_997, as_recorded };

std::vector<std::size_t> sizes_of(Cut cut, const std::string& name) {
  switch (cut) {
    case Cut::whole:
      return {0};
    case Cut::byte_by_byte:
      return {1};
    case Cut::by_7:
      return {7};
    case Cut::by_997:
      return {997};
    case Cut::as_recorded:
      return chunk_sizes(name);
  }
  return {0};
}

Result<void> cut_into(RecordingSink& sink, Bytes bytes, const std::vector<std::size_t>& sizes) {
  const auto cutter = make_webm_cutter({}, sink);
  if (auto fed = feed_in(*cutter, bytes, sizes); !fed) return fed;
  return cutter->finish();
}

std::string error_text(const Result<void>& result) {
  return result ? "" : fmt::format("{} at {}", result.error().what, result.error().offset);
}

std::vector<std::size_t> positions(const RecordingSink& sink, Rendition rendition) {
  std::vector<std::size_t> at;
  for (const GroupStart& start : sink.group_starts(rendition)) at.push_back(start.at);
  return at;
}

class WebmFixtures : public testing::TestWithParam<std::tuple<Fixture, Cut>> {};

TEST_P(WebmFixtures, OriginIsByteExactAndGroupsDontHangOnTheCut) {
  const auto& [fixture, cut] = GetParam();
  const Buffer bytes = load_fixture(fixture.name);
  RecordingSink whole, sink;
  const auto cut_whole = cut_into(whole, bytes, {0});
  ASSERT_TRUE(cut_whole) << error_text(cut_whole);
  const auto cut_so = cut_into(sink, bytes, sizes_of(cut, fixture.name));
  ASSERT_TRUE(cut_so) << error_text(cut_so);

  EXPECT_EQ(sink.joined(), bytes);
  EXPECT_EQ(sink.joined(Rendition::webm), whole.joined(Rendition::webm));
  EXPECT_EQ(positions(sink, Rendition::origin), positions(whole, Rendition::origin));
  EXPECT_EQ(positions(sink, Rendition::webm), positions(whole, Rendition::webm));
  EXPECT_EQ(sink.group_starts(Rendition::webm).size(), fixture.keyframes);
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.epochs[0].mime, fixture.mime);
  EXPECT_TRUE(sink.epochs[0].has_webm_rendition);
  const Limits limits;
  for (const RecordedPart& part : sink.parts)
    EXPECT_LT(part.payload.size(), limits.part_target_bytes * 2);
}

INSTANTIATE_TEST_SUITE_P(All, WebmFixtures,
                         testing::Combine(testing::ValuesIn(kFixtures),
                                          testing::Values(Cut::whole, Cut::byte_by_byte, Cut::by_7,
                                                          Cut::by_997, Cut::as_recorded)));

class WebmFixture : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    bytes_ = load_fixture(GetParam().name);
    const auto cut = cut_into(sink_, bytes_, chunk_sizes(GetParam().name));
    ASSERT_TRUE(cut) << error_text(cut);
  }
  std::uint64_t video_track() const {
    const auto& tracks = sink_.epochs.at(0).tracks;
    for (std::size_t i = 0; i < tracks.size(); ++i)
      if (tracks[i].kind == TrackKind::video) return i + 1;  // true of all these recordings
    return 0;
  }
  Buffer bytes_;
  RecordingSink sink_;
};

TEST_P(WebmFixture, ViewersMayJoinAtEveryGroupStart) {
  for (const Rendition rendition : {Rendition::origin, Rendition::webm}) {
    for (const GroupStart& start : sink_.group_starts(rendition)) {
      const Buffer stream = sink_.joined_from(start.part);
      RecordingSink viewer;
      const auto cut = cut_into(viewer, stream, {0});
      ASSERT_TRUE(cut) << "from byte " << start.at << ": " << error_text(cut);
      EXPECT_EQ(viewer.joined(), stream);
      EXPECT_EQ(viewer.epochs.at(0).tracks.size(), sink_.epochs.at(0).tracks.size());
      if (rendition == Rendition::webm) {
        EXPECT_EQ(viewer.joined(Rendition::webm), stream);
      }
    }
  }
}

TEST_P(WebmFixture, OriginGroupsAreClustersWhoseFirstVideoBlockIsAKeyframe) {
  std::size_t expected = 0;
  for (const ReadCluster& c : read_clusters(bytes_)) {
    const auto video = std::find_if(c.blocks.begin(), c.blocks.end(),
                                    [&](const ReadBlock& b) { return b.track == video_track(); });
    const bool first = expected == 0;
    if (first || video_track() == 0 || (video != c.blocks.end() && video->keyframe)) ++expected;
  }
  EXPECT_EQ(sink_.group_starts().size(), expected);
}

TEST_P(WebmFixture, RegroupedClustersBeginWithAKeyframeAndHoldTheSameBlocks) {
  const auto regrouped = read_clusters(sink_.joined(Rendition::webm));
  ASSERT_EQ(regrouped.size(), GetParam().keyframes);
  for (const ReadCluster& c : regrouped) {
    EXPECT_FALSE(c.size_known);
    ASSERT_FALSE(c.blocks.empty());
    EXPECT_EQ(c.blocks[0].ticks, c.ticks);
    if (video_track() == 0) continue;
    EXPECT_EQ(c.blocks[0].track, video_track());
    EXPECT_TRUE(c.blocks[0].keyframe);
    for (std::size_t i = 1; i < c.blocks.size(); ++i)
      EXPECT_FALSE(c.blocks[i].track == video_track() && c.blocks[i].keyframe);
  }
  std::vector<ReadBlock> published = all_blocks(read_clusters(bytes_));
  const auto first_shown = std::find_if(published.begin(), published.end(), [&](const auto& b) {
    return video_track() == 0 || (b.track == video_track() && b.keyframe);
  });
  ASSERT_NE(first_shown, published.end());
  EXPECT_LE(first_shown->ticks - published[0].ticks, 100);  // ms of sound before the first picture
  published.erase(published.begin(), first_shown);
  EXPECT_EQ(all_blocks(regrouped), published);
}

TEST_P(WebmFixture, PartTimesAreTheirFirstBlocks) {
  std::int64_t last = 0;
  for (const RecordedPart& part : sink_.parts) {
    if (part.facts.init || part.rendition != Rendition::webm) continue;
    EXPECT_GE(part.facts.pts_us, last);  // browsers' blocks are in order
    last = part.facts.pts_us;
  }
  EXPECT_GT(last, 1'500'000);
}

INSTANTIATE_TEST_SUITE_P(All, WebmFixture, testing::ValuesIn(kFixtures));

}  // namespace
}  // namespace framewire::test
