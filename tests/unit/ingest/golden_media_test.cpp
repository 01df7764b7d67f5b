// Every recording, cut in every way: what comes out is what went in, groups begin where they begin
// however the bytes arrive, and from each group start the stream is whole again.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "ingest/intake/make_cutter.h"
#include "ingest/intake/sniff.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

struct Golden {
  std::string name;  // below tests/media/browser
  std::string mime;  // of the first epoch
  std::vector<std::int64_t> group_pts_us;
  std::size_t epochs = 1;
  bool has_chunks = false;
};

// The times agree with ffprobe's keyframe times (MP4, TS, FLV) and granule positions (Ogg).
const std::vector<Golden> kGolden = {
    {"chromium-av01-opus-camera.mp4",
     "video/mp4; codecs=\"av01.0.01M.08,opus\"",
     {0, 2048600, 4049000},
     1,
     true},
    {"chromium-avc1-opus-camera-kf1000.mp4",
     "video/mp4; codecs=\"avc1.42C01F,opus\"",
     {0, 1049300, 2099200, 3099450, 4149750, 5199950, 6249300},
     1,
     true},
    {"chromium-avc1-opus-camera.mp4",
     "video/mp4; codecs=\"avc1.42C01F,opus\"",
     {0, 5050500},
     1,
     true},
    {"chromium-avc1-opus-finished.mp4", "video/mp4; codecs=\"avc1.42C01F,opus\"", {0}, 1, true},
    {"chromium-avc1-opus-pause.mp4",
     "video/mp4; codecs=\"avc1.42C01F,opus\"",
     {0, 1003700, 2050000, 2500750, 3550450, 4600600},
     1,
     true},
    {"chromium-avc3-canvas-kf500.mp4",
     "video/mp4; codecs=\"avc3.42C01F\"",
     {0, 521600, 1022766, 1523133, 2053933, 2587633, 3090833, 3590966, 4121400, 4653400, 5153933,
      5654133},
     1,
     true},
    {"chromium-avc3-canvas-resize.mp4",
     "video/mp4; codecs=\"avc3.42C01F\"",
     {0, 2533600, 3334766, 4533700},
     1,
     true},
    {"chromium-vp9-opus-camera.mp4",
     "video/mp4; codecs=\"opus,vp09.00.21.08\"",
     {0, 292000, 891700, 1491850, 2091550, 2691100, 3292000, 3891450, 4491200, 5041200, 5691900},
     1,
     true},
    {"firefox-opus-audio.ogg",
     "audio/ogg; codecs=\"opus\"",
     {0, 233500, 493500, 753500, 1013500, 1273500, 1533500, 1793500, 2053500, 2313500, 2573500,
      2833500, 3093500, 3353500, 3613500, 3873500, 4133500},
     1,
     true},
    {"../made/aac-frag.mp4",
     "audio/mp4; codecs=\"mp4a.40.2\"",
     {0, 512000, 1024000, 1536000, 2048000, 2560000}},
    {"../made/avc1-aac-cmaf.mp4", "video/mp4; codecs=\"avc1.42C01F,mp4a.40.2\"", {0}},
    {"../made/avc1-aac-frag.mp4",
     "video/mp4; codecs=\"avc1.42C01F,mp4a.40.2\"",
     {0, 1049300, 2099200, 3099450, 4149750}},
    {"../made/hevc-frag.mp4", "video/mp4; codecs=\"hvc1.1.6.L63.90\"", {100000, 1100000, 2100000}},
    {"../made/flac-frag.mp4", "audio/mp4; codecs=\"flac\"", {0, 576000}},
    {"../made/two-epochs.mp4",
     "video/mp4; codecs=\"hvc1.1.6.L63.90\"",
     {100000, 1100000, 2100000, 0, 512000, 1024000, 1536000, 2048000, 2560000},
     2},
    {"../made/avc1-aac.ts",
     "video/mp2t; codecs=\"avc1.42C01F,mp4a.40.2\"",
     {0, 1049300, 2099200, 3099455, 4149755}},
    {"../made/avc1-only.ts",
     "video/mp2t; codecs=\"avc1.42C01F\"",
     {1400000, 2449300, 3499200, 4499455, 5549755}},
    {"../made/hevc.ts", "video/mp2t; codecs=\"hvc1.1.6.L63.90\"", {1500000, 2500000, 3500000}},
    {"../made/mpeg1.ts", "video/mp2t; codecs=\"mp4v.61\"", {1440000, 2680000, 3920000}},
    {"../made/aac-only.ts",
     "video/mp2t; codecs=\"mp4a.40.2\"",
     {1400000, 1720000, 2061333, 2402666, 2744000, 3085333, 3426666, 3768000, 4109333}},
    {"../made/mp2.ts",
     "video/mp2t; codecs=\"mp4a.6B\"",
     {1400000, 1760000, 2120000, 2480000, 2840000, 3200000}},
    {"../made/avc1-aac.flv",
     "video/x-flv; codecs=\"avc1.42C01F,mp4a.40.2\"",
     {0, 1049000, 2099000, 3099000, 4150000}},
    {"../made/avc1-only.flv",
     "video/x-flv; codecs=\"avc1.42C01F\"",
     {0, 1049000, 2099000, 3099000, 4150000}},
    {"../made/mp3-only.flv", "video/x-flv; codecs=\"mp3\"", {0, 1019000, 2037000}},
    {"../made/vorbis.ogg", "audio/ogg; codecs=\"vorbis\"", {0, 1017333, 2020000}},
    {"../made/flac.ogg", "audio/ogg; codecs=\"flac\"", {0}},
    {"../made/chained.ogg",
     "audio/ogg; codecs=\"opus\"",
     {0,       233500,  493500,  753500,  1013500, 1273500, 1533500, 1793500, 2053500, 2313500,
      2573500, 2833500, 3093500, 3353500, 3613500, 3873500, 4133500, 0,       1017333, 2020000},
     2},
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

RecordingSink cut(Bytes bytes, Format format, const std::vector<std::size_t>& sizes) {
  RecordingSink sink;
  const auto cutter = make_cutter(format, {}, sink);
  EXPECT_TRUE(cutter.has_value());
  const auto fed = feed_in(**cutter, bytes, sizes);
  EXPECT_TRUE(fed.has_value()) << fed.error().what << " at " << fed.error().offset;
  const auto finished = (*cutter)->finish();
  EXPECT_TRUE(finished.has_value()) << finished.error().what << " at " << finished.error().offset;
  return sink;
}

std::vector<std::size_t> places(const RecordingSink& sink) {
  std::vector<std::size_t> places;
  for (const GroupStart& start : sink.group_starts()) places.push_back(start.at);
  return places;
}

class GoldenMedia : public testing::TestWithParam<Golden> {
 protected:
  Buffer bytes_ = load_fixture(GetParam().name);
  Format format_ = *sniff(bytes_, false);
};

TEST_P(GoldenMedia, SaysWhatItIs) {
  const RecordingSink sink = cut(bytes_, format_, {0});
  ASSERT_EQ(sink.epochs.size(), GetParam().epochs);
  EXPECT_EQ(sink.epochs[0].mime, GetParam().mime);
  EXPECT_EQ(sink.epochs[0].format, format_);
  std::vector<std::int64_t> pts_us;
  for (const GroupStart& start : sink.group_starts())
    pts_us.push_back(sink.parts[start.part].facts.pts_us);
  EXPECT_EQ(pts_us, GetParam().group_pts_us);
  EXPECT_TRUE(sink.parts[0].facts.init);
}

TEST_P(GoldenMedia, ComesOutAsItWentInHoweverItIsCut) {
  const RecordingSink whole = cut(bytes_, format_, {0});
  std::vector<std::vector<std::size_t>> ways = {{0}, {1}, {7}, {997}, {188}, {4096, 1, 65536}};
  if (GetParam().has_chunks) ways.push_back(chunk_sizes(GetParam().name));
  for (const auto& sizes : ways) {
    const RecordingSink sink = cut(bytes_, format_, sizes);
    EXPECT_EQ(sink.joined(), bytes_) << "cut by " << sizes[0];
    EXPECT_EQ(places(sink), places(whole)) << "cut by " << sizes[0];
    EXPECT_EQ(sink.epochs.size(), whole.epochs.size()) << "cut by " << sizes[0];
  }
}

TEST_P(GoldenMedia, IsWholeFromEachGroupStart) {
  const RecordingSink whole = cut(bytes_, format_, {997});
  for (const GroupStart& start : whole.group_starts()) {
    const Buffer joined = whole.joined_from(start.part);
    const RecordingSink again = cut(joined, format_, {0});
    ASSERT_FALSE(again.epochs.empty());
    EXPECT_EQ(again.epochs[0].mime, whole.epochs[whole.parts[start.part].epoch].mime);
    EXPECT_EQ(again.joined(), joined);
    ASSERT_FALSE(again.group_starts().empty());
    EXPECT_EQ(again.parts[again.group_starts()[0].part].facts.pts_us,
              format_ == Format::ogg ? 0 : whole.parts[start.part].facts.pts_us);
    EXPECT_EQ(again.group_starts()[0].part, 1u) << "the group follows the init at once";
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoldenMedia, testing::ValuesIn(kGolden), [](const auto& golden) {
  std::string name = golden.param.name.substr(golden.param.name.rfind('/') + 1);
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

// A message of megabytes and a byte at a time must both take linear time.
TEST(LargeElement, ByteByByteIsLinear) {
  constexpr std::size_t kBytes = 2u << 20;
  Buffer mp4 = load_fixture("chromium-avc3-canvas-kf500.mp4");
  RecordingSink head;
  const auto split = make_cutter(Format::mp4, {}, head);
  ASSERT_TRUE((*split)->feed(mp4));
  Buffer bytes = head.parts[0].payload;
  // The first fragment with its mdat made as large as can be.
  const Buffer& fragment = head.parts[1].payload;
  const std::size_t moof = load_be<std::uint32_t>(fragment);
  append(bytes, Bytes{fragment}.first(moof));
  Buffer mdat(kBytes, std::byte{0});
  store_be(mdat.data(), static_cast<std::uint32_t>(kBytes));
  store_be(mdat.data() + 4, std::uint32_t{0x6d646174});
  append(bytes, mdat);

  RecordingSink sink;
  const auto cutter = make_cutter(Format::mp4, {}, sink);
  ASSERT_TRUE(feed_in(**cutter, bytes, 1));
  EXPECT_EQ(sink.joined(), bytes);
}

TEST(MakeCutter, RefusesRgbaWithoutASize) {
  RecordingSink sink;
  EXPECT_EQ(make_cutter(Format::rgba, {}, sink).error().code, Errc::unsupported_format);
}

}  // namespace
}  // namespace framewire::test
