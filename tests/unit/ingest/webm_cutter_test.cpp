// Streams made by hand: what browsers do not (yet) send, hostile input, and where each error
// points.
#include "ingest/webm/webm_cutter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "webm_cut.h"

namespace framewire::test {
namespace {

// ---- errors ----

struct Bad {
  std::string name;
  std::string stream;
  Errc code;
  std::uint64_t offset;
  std::string says;              // part of the sentence
  std::size_t bytes_before = 0;  // origin bytes given out all the same
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

CutterOptions small_limits() {
  CutterOptions options;
  options.limits.init_bytes = 2000;
  options.limits.element_bytes = 1000;
  options.limits.tracks = 2;
  return options;
}

const std::string kHeader = webm_header();
const std::string kStart = kHeader + cluster(0) + key(0);
const std::string kKnownCluster =
    kHeader + element(ebml::kCluster, uint_element(ebml::kTimestamp, 0) + key(0));

std::vector<Bad> bad_streams() {
  const std::string ebml = ebml_header();
  const std::string segment = ebml + endless(ebml::kSegment);
  const std::size_t info_at = segment.size();
  const std::string no_tracks = segment + element(ebml::kInfo, uint_element(0x2AD7B1, 1'000'000));
  using enum Errc;
  return {
      {"no magic", "RIFF and so on", malformed_media, 0, "EBML header"},
      {"no magic, one byte", "R", malformed_media, 0, "EBML header"},
      {"magic, then other", "\x1A\x45garbage", malformed_media, 0, "EBML header"},
      {"DocType",
       ebml_header("odd") + endless(ebml::kSegment) + element(ebml::kTracks, kVp8Track) +
           cluster(0),
       unsupported_format, 0, "DocType"},
      {"no Segment", ebml + cluster(0), malformed_media, ebml.size(), "must not stand"},
      {"two headers", ebml + ebml, malformed_media, ebml.size(), "before Tracks"},
      {"Cluster before Tracks", no_tracks + cluster(0) + key(0), malformed_media, no_tracks.size(),
       "Cluster before Tracks"},
      {"endless Tracks", no_tracks + endless(ebml::kTracks), malformed_media, no_tracks.size(),
       "endless"},
      {"endless EBML header", endless(ebml::kEbmlHeader), malformed_media, 0, "endless"},
      {"endless Void", kStart + endless(ebml::kVoid), malformed_media, kStart.size(), "endless",
       kStart.size()},
      {"endless block", kStart + endless(ebml::kSimpleBlock) + "abc", malformed_media,
       kStart.size(), "endless", kStart.size()},
      {"Tracks within limits only by name", no_tracks + head(ebml::kTracks, 5000), limit_exceeded,
       no_tracks.size(), "init segment"},
      {"huge EBML header", head(ebml::kEbmlHeader, 1ull << 40), limit_exceeded, 0, "init segment"},
      {"huge block", kStart + head(ebml::kSimpleBlock, 1000), limit_exceeded, kStart.size(),
       "limit 1000", kStart.size()},
      {"too many tracks", header_of(kVp8Track + kOpusTrack + track(3, 2, "A_OPUS")) + cluster(0),
       limit_exceeded, kHeader.size(), "more than 2 tracks"},
      {"no track", header_of("") + cluster(0), malformed_media, header_of("").size() - 12,
       "no track"},
      {"a track twice", header_of(kVp8Track + kVp8Track) + cluster(0), malformed_media,
       header_of(kVp8Track).size(), "two tracks"},
      {"timestamp scale 0", header_of(kVp8Track, 0) + cluster(0), malformed_media, ebml.size() + 12,
       "TimestampScale"},
      {"timestamp scale of a minute", header_of(kVp8Track, 60'000'000'000) + cluster(0),
       malformed_media, info_at, "TimestampScale"},
      {"second Tracks", kHeader + element(ebml::kTracks, kVp8Track), malformed_media,
       kHeader.size(), "second Tracks"},
      {"an element larger than its Tracks",
       segment + element(ebml::kTracks, head(0xAE, 900)) + cluster(0), malformed_media,
       segment.size(), "header is malformed"},
      {"an endless TrackEntry", segment + element(ebml::kTracks, endless(0xAE)) + cluster(0),
       malformed_media, segment.size() + 12, "larger"},
      {"block larger than its Cluster",
       kHeader + head(ebml::kCluster, 30) + uint_element(ebml::kTimestamp, 0) + key(0),
       malformed_media, kHeader.size() + 12 + 17, "larger", kHeader.size() + 12 + 17},
      {"Cluster larger than its Segment",
       ebml + head(ebml::kSegment, 200) + element(ebml::kTracks, kVp8Track) +
           head(ebml::kCluster, 200),
       malformed_media, ebml.size() + 12 + 12 + kVp8Track.size(), "larger"},
      {"block before its Timestamp", kHeader + endless(ebml::kCluster) + key(0), malformed_media,
       kHeader.size() + 12, "before its Cluster's Timestamp", kHeader.size() + 12},
      {"two Timestamps", kStart + uint_element(ebml::kTimestamp, 1), malformed_media, kStart.size(),
       "second Timestamp", kStart.size()},
      {"Timestamp past all time", kHeader + cluster(1ull << 60), malformed_media,
       kHeader.size() + 12, "out of range", kHeader.size() + 12},
      {"empty block", kStart + element(ebml::kSimpleBlock, "\x81"), malformed_media, kStart.size(),
       "malformed block", kStart.size()},
      {"BlockGroup without Block", kStart + element(ebml::kBlockGroup, uint_element(0x9B, 20)),
       malformed_media, kStart.size(), "malformed block", kStart.size()},
      {"no ID", kStart + std::string(4, '\0'), malformed_media, kStart.size(), "no EBML element",
       kStart.size()},
      {"Segment in a Segment", kStart + endless(ebml::kSegment), malformed_media, kStart.size(),
       "must not stand", kStart.size()},
      {"cut short in a block", kStart + delta(1).substr(0, 11), malformed_media, kStart.size(),
       "inside an element", kStart.size()},
      {"cut short by all but a byte", kStart + "\xA3", malformed_media, kStart.size(),
       "inside an element", kStart.size()},
      {"cut short in Tracks", kHeader.substr(0, kHeader.size() - 1), malformed_media,
       no_tracks.size(), "inside an element"},
      {"cut short before Tracks", no_tracks, malformed_media, no_tracks.size(),
       "before its Tracks"},
  };
}

class WebmErrors : public testing::TestWithParam<Bad> {};

TEST_P(WebmErrors, SayWhatAndWhereHoweverCut) {
  const Bad& bad = GetParam();
  for (const std::size_t piece : {0u, 1u, 7u}) {
    const WebmCut outcome = cut_webm(bad.stream, piece, small_limits());
    ASSERT_FALSE(outcome.result);
    const Error& error = outcome.result.error();
    EXPECT_EQ(error.code, bad.code) << error.what;
    EXPECT_EQ(error.offset, bad.offset) << error.what;
    EXPECT_NE(error.what.find(bad.says), std::string::npos) << error.what;
    EXPECT_EQ(payloads(outcome.sink, Rendition::origin), bad.stream.substr(0, bad.bytes_before));
  }
}
INSTANTIATE_TEST_SUITE_P(All, WebmErrors, testing::ValuesIn(bad_streams()));

TEST(WebmCutter, RepeatsItsError) {
  RecordingSink sink;
  const auto cutter = make_webm_cutter({}, sink);
  const auto first = cutter->feed(as_bytes("no WebM"));
  ASSERT_FALSE(first);
  for (const auto& again : {cutter->feed(as_bytes(kStart)), cutter->feed({}), cutter->finish()}) {
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().what, first.error().what);
  }
  EXPECT_TRUE(sink.parts.empty());
}

TEST(WebmCutter, TakesAnEmptyStreamAndAHeaderAlone) {
  EXPECT_TRUE(cut_webm("").result);
  const WebmCut header = cut_webm(kHeader);
  EXPECT_TRUE(header.result);
  EXPECT_EQ(payloads(header.sink, Rendition::origin), kHeader);
}

// ---- parts ----

TEST(WebmCutter, EndsAPartWhereFeedEndsAndHoldsAClusterHeadForItsBlock) {
  RecordingSink sink;
  const auto cutter = make_webm_cutter({}, sink);
  const auto fed = [&](const std::string& bytes) {
    const std::size_t before = sink.joined().size();
    EXPECT_TRUE(cutter->feed(as_bytes(bytes)));
    return sink.joined().size() - before;
  };
  EXPECT_EQ(fed(kHeader), 0u) << "what follows may belong to the init part";
  EXPECT_EQ(fed(cluster(0)), kHeader.size()) << "the Cluster's head waits";
  EXPECT_EQ(fed(key(0) + "\xA3"), cluster(0).size() + key(0).size());
  EXPECT_EQ(fed(delta(20).substr(1)), delta(20).size());
  EXPECT_EQ(fed(audio(21) + audio(22)), 2 * audio(21).size());
  EXPECT_TRUE(cutter->finish());
}

TEST(WebmCutter, HoldsAClusterUntilItKnowsWhetherItStartsAGroup) {
  RecordingSink sink;
  const auto cutter = make_webm_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(kStart)));
  const std::size_t before = sink.parts.size();
  ASSERT_TRUE(cutter->feed(as_bytes(cluster(100) + audio(0))));
  EXPECT_EQ(sink.joined().size(), kStart.size());
  ASSERT_TRUE(cutter->feed(as_bytes(key(5))));
  ASSERT_GT(sink.parts.size(), before);
  EXPECT_EQ(sink.group_starts().size(), 2u);
  EXPECT_EQ(sink.group_starts()[1].at, kStart.size());
  EXPECT_EQ(sink.parts[sink.group_starts()[1].part].facts.pts_us, 100'000);
}

TEST(WebmCutter, HoldsAClusterOfSoundForASecondAtMost) {
  for (const std::size_t piece : {0u, 1u}) {
    const std::string sound = cluster(100) + audio(0) + audio(999) + audio(1000) + audio(1001);
    const WebmCut outcome = cut_webm(kStart + sound + key(1002), piece);
    ASSERT_TRUE(outcome.result);
    EXPECT_EQ(outcome.sink.group_starts().size(), 1u);
    EXPECT_EQ(outcome.sink.group_starts(Rendition::webm).size(), 2u);
  }
}

TEST(WebmCutter, EndsAPartAtTheTargetSize) {
  CutterOptions options;
  options.limits.part_target_bytes = 1000;
  std::string stream = kStart;
  for (int i = 0; i < 200; ++i) stream += delta(i, std::string(90, 'x'));
  const WebmCut outcome = cut_webm(stream, 0, options);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(payloads(outcome.sink, Rendition::origin), stream);
  for (const RecordedPart& part : outcome.sink.parts)
    EXPECT_TRUE(part.facts.init || part.payload.size() < 1150);
}

TEST(WebmCutter, TakesUnknownElementsVoidsAndCrcs) {
  const std::string stream = kStart + element(0xAF, "encrypted") + element(ebml::kVoid, "...") +
                             element(ebml::kCrc32, "1234") + delta(4);
  const WebmCut outcome = cut_webm(stream);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(payloads(outcome.sink, Rendition::origin), stream);
  const Buffer regrouped = outcome.sink.joined(Rendition::webm);
  EXPECT_EQ(all_blocks(read_clusters(regrouped)), all_blocks(read_clusters(as_bytes(stream))));
}

TEST(WebmCutter, TakesKnownSizesCuesAndTags) {
  const std::string body = element(ebml::kTracks, kVp8Track) +
                           element(ebml::kCluster, uint_element(ebml::kTimestamp, 0) + key(0)) +
                           element(ebml::kCluster, uint_element(ebml::kTimestamp, 50) + key(0)) +
                           element(ebml::kCues, "cues") + element(ebml::kTags, "tags");
  const std::string stream =
      ebml_header() + element(ebml::kSegment, body) + element(ebml::kVoid, "behind the Segment");
  for (const std::size_t piece : {0u, 1u}) {
    const WebmCut outcome = cut_webm(stream, piece);
    ASSERT_TRUE(outcome.result) << outcome.result.error().what;
    EXPECT_EQ(payloads(outcome.sink, Rendition::origin), stream);
    EXPECT_EQ(outcome.sink.group_starts().size(), 2u);
    EXPECT_LT(outcome.sink.group_starts()[1].at, stream.find("cues"));
  }
}

// ---- epochs ----

TEST(WebmCutter, StartsAnEpochAtANewHeader) {
  const std::string second = header_of(track(1, 2, "A_OPUS")) + cluster(0) +
                             element(ebml::kSimpleBlock, block_data(1, 0, 0x80, "sound"));
  for (const std::string& first : {kStart, kKnownCluster, kHeader}) {
    for (const std::size_t piece : {0u, 1u, 7u}) {
      const WebmCut outcome = cut_webm(first + second, piece);
      ASSERT_TRUE(outcome.result) << outcome.result.error().what;
      ASSERT_EQ(outcome.sink.epochs.size(), 2u);
      EXPECT_EQ(outcome.sink.epochs[0].mime, "video/webm; codecs=\"vp8,opus\"");
      EXPECT_EQ(outcome.sink.epochs[1].mime, "audio/webm; codecs=\"opus\"");
      EXPECT_EQ(payloads(outcome.sink, Rendition::origin), first + second);
      EXPECT_TRUE(outcome.sink.parts.back().facts.group_start);
    }
  }
}

TEST(WebmCutter, RefusesEpochsWithoutEnd) {
  std::string stream;
  for (int i = 0; i < 100; ++i) stream += kStart;
  const WebmCut outcome = cut_webm(stream);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Errc::limit_exceeded);
  EXPECT_EQ(outcome.sink.joined().size(), outcome.result.error().offset);
  EXPECT_LT(outcome.sink.epochs.size(), 80u);
}

TEST(WebmCutter, DescribesItsTracks) {
  const WebmCut outcome = cut_webm(kStart);
  const EpochInfo& epoch = outcome.sink.epochs.at(0);
  EXPECT_EQ(epoch.format, Format::webm);
  EXPECT_EQ(epoch.width, 640u);
  EXPECT_EQ(epoch.height, 360u);
  ASSERT_EQ(epoch.tracks.size(), 2u);
  EXPECT_EQ(epoch.tracks[0].kind, TrackKind::video);
  EXPECT_EQ(epoch.tracks[1].codec, "opus");
  EXPECT_EQ(epoch.tracks[1].channels, 2u);
}

struct Codec {
  std::string tracks;
  std::string first_block;
  std::string mime;
};
void PrintTo(const Codec& codec, std::ostream* out) {
  *out << codec.mime;
}

class WebmCodecs : public testing::TestWithParam<Codec> {};

TEST_P(WebmCodecs, AreNamedFromTheBitstream) {
  for (const std::size_t piece : {0u, 1u}) {
    const WebmCut outcome =
        cut_webm(header_of(GetParam().tracks) + cluster(0) + GetParam().first_block, piece);
    ASSERT_TRUE(outcome.result) << outcome.result.error().what;
    EXPECT_EQ(outcome.sink.epochs.at(0).mime, GetParam().mime);
  }
}
const std::string kSps("\x00\x00\x00\x01\x67\x42\xC0\x1E\x8C\x68", 10);
INSTANTIATE_TEST_SUITE_P(
    All, WebmCodecs,
    testing::Values(
        Codec{kOpusTrack + kVp8Track, key(0), "video/webm; codecs=\"vp8,opus\""},
        Codec{track(1, 1, "V_VP9"), key(0, "\x82\x49\x83\x42"),
              "video/webm; codecs=\"vp09.00.21.08\""},
        Codec{track(1, 1, "V_VP9"), key(0, "\x92\x49\x83\x42\x10"),
              "video/webm; codecs=\"vp09.02.21.10\""},
        Codec{track(1, 1, "V_VP9"), key(0, "what?"), "video/webm; codecs=\"vp09.00.21.08\""},
        Codec{track(1, 1, "V_MPEG4/ISO/AVC"), key(0, kSps), "video/webm; codecs=\"avc1.42C01E\""},
        Codec{track(1, 1, "V_MPEG4/ISO/AVC", "\x01\x64\xE0\x28\xFF"), key(0),
              "video/webm; codecs=\"avc1.64E028\""},
        Codec{track(1, 1, "V_AV1", "\x81\x09\x0C"), key(0), "video/webm; codecs=\"av01.0.09M.08\""},
        Codec{track(1, 1, "V_AV1"), key(0), "video/webm; codecs=\"av01.0.04M.08\""},
        Codec{kVp8Track + track(2, 2, "A_AAC", "\x12\x10"), key(0),
              "video/webm; codecs=\"vp8,mp4a.40.2\""},
        Codec{track(2, 2, "A_VORBIS"), audio(0), "audio/webm; codecs=\"vorbis\""},
        Codec{track(2, 2, "A_PCM/INT/LIT"), audio(0), "audio/webm; codecs=\"pcm\""},
        Codec{track(2, 2, "A_\"ODD\"\n"), audio(0), "audio/webm; codecs=\"A__ODD__\""}));

TEST(WebmCutter, WaitsForAKeyframeToNameVp9ButNotForEver) {
  const std::string header = header_of(track(1, 1, "V_VP9") + kOpusTrack);
  RecordingSink sink;
  const auto cutter = make_webm_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(header + cluster(0) + audio(0) + audio(2999))));
  EXPECT_TRUE(sink.epochs.empty());
  ASSERT_TRUE(cutter->feed(as_bytes(audio(3000))));
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.joined().size(), header.size() + cluster(0).size() + 3 * audio(0).size());

  std::string empty_clusters = header;
  while (empty_clusters.size() < 600'000) empty_clusters += endless(ebml::kCluster);
  RecordingSink of_empty;
  ASSERT_TRUE(make_webm_cutter({}, of_empty)->feed(as_bytes(empty_clusters)));
  EXPECT_EQ(of_empty.epochs.size(), 1u);

  const std::string half = element(ebml::kVoid, std::string(300'000, '.'));
  const WebmCut outcome = cut_webm(header + cluster(0) + half + half + "\xA3");
  EXPECT_FALSE(outcome.result);
  EXPECT_EQ(outcome.sink.joined().size(), header.size() + cluster(0).size() + 2 * half.size());
}

// ---- size ----

TEST(WebmCutter, TakesSixteenMebibytesInOneFeed) {
  std::string stream = kHeader + cluster(0);
  const std::string small = delta(1, std::string(200, 'x'));
  while (stream.size() < (16u << 20)) stream += small;
  const WebmCut outcome = cut_webm(stream);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.sink.joined().size(), stream.size());
}

TEST(WebmCutter, TakesALargeBlockByteByByte) {
  const std::string stream = kHeader + cluster(0) + key(0, std::string(3u << 20, 'x')) + delta(1);
  const WebmCut outcome = cut_webm(stream, 1);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(payloads(outcome.sink, Rendition::origin), stream);
}

}  // namespace
}  // namespace framewire::test
