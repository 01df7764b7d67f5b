#include <gtest/gtest.h>

#include <ctime>

#include "relay/base/stream_name.h"
#include "relay/record/names.h"

namespace framewire::relay {
namespace {

constexpr std::time_t kMorning = 1'763'805'600;  // 2025-11-22 10:00:00 UTC

TEST(RecordingNames, ExpandsThePattern) {
  const auto named = [](std::string_view pattern) {
    return expand_name(pattern, "cam/front", kMorning).value_or("refused");
  };
  EXPECT_EQ(named("%path/%Y-%m-%d_%H-%M-%S"), "cam/front/2025-11-22_10-00-00");
  EXPECT_EQ(named("%Y/%path"), "2025/cam/front");
  EXPECT_EQ(named("film"), "film");
  EXPECT_EQ(named(""), "refused");
  EXPECT_EQ(named("/etc/%path"), "refused");
  EXPECT_EQ(named("../%path"), "refused");
  EXPECT_EQ(named("%path/.hidden"), "refused");
  EXPECT_EQ(named("%path/%H:%M"), "refused");  // a colon
}

TEST(RecordingNames, AnIdStaysBelowItsFolder) {
  for (const char* good : {"a.webm", "cam/front/2025-11-22_10-00-00-2.mp4", "x/y.ts"})
    EXPECT_TRUE(is_recording_id(good)) << good;
  for (const char* bad : {"", "a", "a.jpg", "../a.webm", "a/../b.webm", "/a.webm", "a//b.webm",
                          ".framewire/a.webm", "a.webm.part", "a b.webm", "a/"})
    EXPECT_FALSE(is_recording_id(bad)) << bad;
  EXPECT_FALSE(is_recording_id(std::string_view("a\0.webm", 7)));
  EXPECT_FALSE(is_recording_id(std::string(500, 'a') + ".webm"));
}

TEST(RecordingNames, APatternMeansStreams) {
  EXPECT_TRUE(any_matches({"all"}, "a/b/c"));
  EXPECT_TRUE(any_matches({"x", "cam/*"}, "cam/front"));
  EXPECT_TRUE(any_matches({"*-main"}, "cam/front-main"));
  EXPECT_TRUE(any_matches({"*a*b*"}, "xxaxxbxx"));
  EXPECT_FALSE(any_matches({"cam/*"}, "camera"));
  EXPECT_FALSE(any_matches({"*a*b"}, "xxaxxbxx"));
  EXPECT_FALSE(any_matches({}, "cam"));
  EXPECT_TRUE(is_stream_pattern("cam/*"));
  EXPECT_FALSE(is_stream_pattern("cam/**/"));
  EXPECT_FALSE(is_stream_pattern("a b"));
}

EpochInfo epoch(Format format, std::vector<std::string> codecs) {
  EpochInfo out;
  out.format = format;
  for (std::string& codec : codecs) {
    TrackInfo track;
    track.codec = std::move(codec);
    track.kind = out.tracks.empty() ? TrackKind::video : TrackKind::audio;
    out.tracks.push_back(track);
  }
  return out;
}

TEST(RecordingNames, AFileIsOfTheKindItsCodecsNeed) {
  const auto extension = [](const EpochInfo& info) {
    const FileKind* kind = file_kind_for(info);
    return kind ? kind->extension : "none";
  };
  EXPECT_EQ(extension(epoch(Format::webm, {"vp8", "opus"})), "webm");
  EXPECT_EQ(extension(epoch(Format::webm, {"av01.0.01M.08"})), "webm");
  EXPECT_EQ(extension(epoch(Format::webm, {"vp8", "pcm"})), "mkv");
  EXPECT_EQ(extension(epoch(Format::webm, {"avc1.42001f", "opus"})), "mp4");
  EXPECT_EQ(extension(epoch(Format::webm, {"avc1.42001f", "pcm"})), "mkv");
  EXPECT_EQ(extension(epoch(Format::packets, {"avc1.42001f", "pcm-s16"})), "mp4");
  EXPECT_EQ(extension(epoch(Format::mp4, {"avc1.42001f"})), "mp4");
  EXPECT_EQ(extension(epoch(Format::mp4, {"avc1.42001f", "sowt"})), "mkv");
  EXPECT_EQ(extension(epoch(Format::mpegts, {})), "ts");
  EXPECT_EQ(extension(epoch(Format::jpeg, {})), "mjpeg");
  EXPECT_EQ(extension(epoch(Format::png, {})), "none");
  EXPECT_EQ(extension(epoch(Format::binary, {})), "none");
}

}  // namespace
}  // namespace framewire::relay
