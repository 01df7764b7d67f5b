// Codec strings from bytes, as tables: a new encoder's header is a new row.
#include "ingest/codecs/codec_strings.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace framewire {
namespace {

using namespace std::string_literals;

struct Row {
  std::string name;
  std::optional<std::string> (*function)(Bytes);
  std::string bytes;
  std::string codec;  // empty = none
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

std::optional<std::string> vp9_360p(Bytes frame) {
  return vp9_codec_string(frame, 640, 360);
}

const Row kRows[] = {
    {"avcC baseline", avc_codec_string_from_avcc, "\x01\x42\xE0\x1F\xFF\xE1"s, "avc1.42E01F"},
    {"avcC high", avc_codec_string_from_avcc, "\x01\x64\x00\x28"s, "avc1.640028"},
    {"avcC of another version", avc_codec_string_from_avcc, "\x02\x64\x00\x28"s, ""},
    {"avcC cut short", avc_codec_string_from_avcc, "\x01\x64\x00"s, ""},
    {"SPS", avc_codec_string_from_sps, "\x67\x42\xC0\x1F\x8C"s, "avc1.42C01F"},
    {"PPS is no SPS", avc_codec_string_from_sps, "\x68\x42\xC0\x1F"s, ""},
    {"SPS cut short", avc_codec_string_from_sps, "\x67\x42\xC0"s, ""},
    {"Annex B, SPS first", avc_codec_string_from_annexb,
     "\x00\x00\x00\x01\x67\x42\xC0\x1E\x8C\x00\x00\x00\x01\x68\xCE"s, "avc1.42C01E"},
    {"Annex B, behind a delimiter", avc_codec_string_from_annexb,
     "\x00\x00\x01\x09\xF0\x00\x00\x01\x27\x4D\x00\x29\x00\x00\x01\x65\x88"s, "avc1.4D0029"},
    {"Annex B, SPS cut short by the next", avc_codec_string_from_annexb,
     "\x00\x00\x01\x67\x42\x00\x00\x01\x68\xCE\x00"s, ""},
    {"Annex B without SPS", avc_codec_string_from_annexb, "\x00\x00\x01\x41\x9A\x24\x6C"s, ""},
    {"no Annex B", avc_codec_string_from_annexb, "\x67\x42\xC0\x1F"s, ""},
    {"nothing", avc_codec_string_from_annexb, ""s, ""},
    {"av1C of Chromium", av1_codec_string, "\x81\x09\x0C\x00"s, "av01.0.09M.08"},
    {"av1C 10 bit", av1_codec_string, "\x81\x04\x4C\x00"s, "av01.0.04M.10"},
    {"av1C 12 bit, high tier, professional", av1_codec_string, "\x81\x4D\xE0\x00"s,
     "av01.2.13H.12"},
    {"av1C of another version", av1_codec_string, "\x82\x04\x0C\x00"s, ""},
    {"av1C cut short", av1_codec_string, "\x81\x04"s, ""},
    {"VP9 keyframe, profile 0", vp9_360p, "\x82\x49\x83\x42\x00\x27\xF0"s, "vp09.00.21.08"},
    {"VP9 keyframe, profile 2, 10 bit", vp9_360p, "\x92\x49\x83\x42\x00\x27\xF0"s, "vp09.02.21.10"},
    {"VP9 keyframe, profile 2, 12 bit", vp9_360p, "\x92\x49\x83\x42\x80\x27\xF0"s, "vp09.02.21.12"},
    {"VP9 keyframe, profile 1", vp9_360p, "\xA2\x49\x83\x42\x00\x27\xF0"s, "vp09.01.21.08"},
    {"VP9 delta", vp9_360p, "\x86\x00\x40\x92"s, ""},
    {"VP9 shown again", vp9_360p, "\x88"s, ""},
    {"VP9, wrong sync code", vp9_360p, "\x82\x49\x83\x43\x00"s, ""},
    {"VP9 cut short", vp9_360p, "\x82\x49\x83"s, ""},
    {"vpcC", vp9_codec_string_from_vpcc, "\x01\x00\x00\x00\x00\x1F\x80\x02\x02\x02\x00\x00"s,
     "vp09.00.31.08"},
    {"vpcC of version 0", vp9_codec_string_from_vpcc, "\x00\x00\x00\x00\x00\x1F\x80"s, ""},
    {"vpcC cut short", vp9_codec_string_from_vpcc, "\x01\x00\x00\x00\x00\x1F"s, ""},
    {"AAC-LC", aac_codec_string, "\x12\x10"s, "mp4a.40.2"},
    {"HE-AAC", aac_codec_string, "\x2B\x92\x08\x00"s, "mp4a.40.5"},
    {"HE-AAC v2", aac_codec_string, "\xEB\x8A\x08\x00"s, "mp4a.40.29"},
    {"xHE-AAC, escaped type", aac_codec_string, "\xF9\x46\x40"s, "mp4a.40.42"},
    {"AAC, no type", aac_codec_string, "\x02\x10"s, ""},
    {"AAC, nothing", aac_codec_string, ""s, ""},
};

class CodecStrings : public testing::TestWithParam<Row> {};

TEST_P(CodecStrings, AreReadFromBytes) {
  const Row& row = GetParam();
  EXPECT_EQ(row.function(as_bytes(row.bytes)).value_or(""), row.codec);
}
INSTANTIATE_TEST_SUITE_P(All, CodecStrings, testing::ValuesIn(kRows));

TEST(Vp9Level, IsTheLeastThatFitsAt30Fps) {
  EXPECT_EQ(vp9_level(160, 120), 10);
  EXPECT_EQ(vp9_level(320, 180), 11);
  EXPECT_EQ(vp9_level(640, 360), 21);
  EXPECT_EQ(vp9_level(1280, 720), 31);
  EXPECT_EQ(vp9_level(1920, 1080), 40);
  EXPECT_EQ(vp9_level(3840, 2160), 50);
  EXPECT_EQ(vp9_level(2000, 16), 30) << "a side of more than 1,344 pixels";
  EXPECT_EQ(vp9_level(16384, 16384), 62);
  EXPECT_EQ(vp9_level(0xFFFFFFFF, 0xFFFFFFFF), 62);
}

TEST(FindAvcNal, EndsAtTheNextStartCode) {
  const std::string stream =
      "\x00\x00\x00\x01\x67\x01\x02\x03\x00\x00\x00\x01\x68\x04\x00\x00\x01\x65"s;
  EXPECT_EQ(as_text(find_avc_nal(as_bytes(stream), 7)), "\x67\x01\x02\x03"s);
  EXPECT_EQ(as_text(find_avc_nal(as_bytes(stream), 8)), "\x68\x04"s);
  EXPECT_TRUE(find_avc_nal(as_bytes(stream), 9).empty());
}

}  // namespace
}  // namespace framewire
