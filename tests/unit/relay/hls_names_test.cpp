// Names of HLS files and the delivery directives.
#include <gtest/gtest.h>

#include "relay/access/target.h"
#include "relay/hls/names.h"

namespace framewire::relay::hls {
namespace {

using Kind = File::Kind;

TEST(HlsRequest, NamesAreReadAsTheyAreWritten) {
  const std::pair<std::string, File> kNames[] = {
      {"index.m3u8", {Kind::index}},
      {"media.m3u8", {Kind::media}},
      {init_name(7), {Kind::init, 7}},
      {segment_name(0), {Kind::segment, 0}},
      {segment_name(~std::uint64_t{0}), {Kind::segment, ~std::uint64_t{0}}},
      {part_name(123, 45), {Kind::part, 123, 45}},
  };
  for (const auto& [name, file] : kNames) EXPECT_EQ(parse_file(name), file) << name;
}

TEST(HlsRequest, WhatIsNoNameOfOursIsNone) {
  for (const char* name : {"",
                           ".m4s",
                           "seg-.m4s",
                           "seg-1",
                           "seg-1.mp4",
                           "seg-1.m4s ",
                           "seg--1.m4s",
                           "seg-+1.m4s",
                           "seg-01.m4s",
                           "seg-18446744073709551616.m4s",
                           "seg-1x.m4s",
                           "part-1.m4s",
                           "part-1-.m4s",
                           "part--1.m4s",
                           "part-1-2-3.m4s",
                           "part-1-02.m4s",
                           "init-.m4s",
                           "init.m4s",
                           "INDEX.m3u8",
                           "other.m3u8",
                           "index.m3u8x",
                           "seg-.m4",
                           "s"})
    EXPECT_EQ(parse_file(name), std::nullopt) << name;
}

TEST(HlsRequest, FilesLieBelowTheirStream) {
  const auto target = parse_target("/live/a/b/part-5-1.m4s");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->route, Target::Route::hls);
  EXPECT_EQ(target->stream, "a/b");
  EXPECT_EQ(target->hls_file, (File{Kind::part, 5, 1}));
  EXPECT_EQ(parse_target("/live/index.m3u8")->route, Target::Route::none);
  EXPECT_EQ(parse_target("/live/cam/seg-x.m4s")->route, Target::Route::none);
  EXPECT_EQ(parse_target("/live/cam/index")->route, Target::Route::live);
  EXPECT_EQ(parse_target("/live/cam/init.mp4")->route, Target::Route::live);
  EXPECT_FALSE(parse_target("/live/a b/index.m3u8"));
  EXPECT_FALSE(parse_target("/live//index.m3u8"));
}

TEST(HlsRequest, DirectivesAreNumbers) {
  const auto both = parse_directives({"token=x", "_HLS_msn=12", "_HLS_part=0", "_HLS_skip=YES"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->msn, 12u);
  EXPECT_EQ(both->part, 0u);
  EXPECT_TRUE(both->skip);
  const auto none = parse_directives({"_HLS_other=x", "_HLS_skip=no", "_HLS_msnx=1"});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->msn || none->part || none->skip);
  EXPECT_TRUE(parse_directives({"_HLS_skip=v2"})->skip);
  for (const char* bad : {"_HLS_msn=", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=1.5",
                          "_HLS_msn=18446744073709551616", "_HLS_part=1"})
    EXPECT_FALSE(parse_directives({bad})) << bad;
  EXPECT_FALSE(parse_directives({"_HLS_msn=1", "_HLS_part=x"}));
}

TEST(HlsRequest, AKeyIsCarriedOnEncoded) {
  EXPECT_EQ(query_of(std::nullopt), "");
  EXPECT_EQ(query_of_link("1900000000", "a-B_9"), "?expires=1900000000&sign=a-B_9");
  EXPECT_EQ(query_of_link("\n", "&=\""), "?expires=%0A&sign=%26%3D%22");
  EXPECT_EQ(query_of("a-B_9.~"), "?token=a-B_9.~");
  EXPECT_EQ(query_of("\"\n&=\xc3\xa4"), "?token=%22%0A%26%3D%C3%A4");
}

}  // namespace
}  // namespace framewire::relay::hls
