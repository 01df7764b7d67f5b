#include "ingest/sniff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

std::string packets(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "G" + std::string(187, 'x');
  return text;
}

struct Case {
  std::string start;
  bool at_message_end;
  std::optional<Format> format;  // nullopt: more bytes are needed
};

const std::vector<Case> kCases = {
    {"\x1a\x45\xdf\xa3", false, Format::webm},
    {"\x1a\x45\xdf", false, std::nullopt},
    {"\x1a\x45\xdf", true, Format::binary},
    {"\x1a\x45\xde", false, Format::binary},
    {"\0\0\0\x24"
     "ftyp"s,
     false, Format::mp4},
    {"\0\0\0\x18"
     "styp"s,
     false, Format::mp4},
    {"\0\0\0\x18"
     "moov"s,
     false, Format::binary},
    {"\0\0\0\x18"
     "ft"s,
     false, std::nullopt},
    {"\0"s, false, std::nullopt},
    {"xxxxftyp", false, Format::binary},
    {"G", false, std::nullopt},
    {"G", true, Format::binary},
    {packets(1), true, Format::mpegts},
    {packets(1), false, std::nullopt},
    {packets(2), true, Format::mpegts},
    {packets(2) + "x", false, Format::binary},
    {packets(2) + "G", false, Format::mpegts},
    {packets(1) + "G", false, std::nullopt},
    {packets(1) + "G", true, Format::binary},
    {packets(9), false, Format::mpegts},
    {"GET / HTTP/1.1\r\n" + std::string(300, 'x'), false, Format::binary},
    {"FLV\x01", false, Format::flv},
    {"FLV", false, std::nullopt},
    {"FLV\x02", false, Format::binary},
    {"OggS", false, Format::ogg},
    {"Ogg", true, Format::binary},
    {"\xff\xd8\xff", false, Format::jpeg},
    {"\xff\xd8", false, std::nullopt},
    {"\xff\xd8\x00"s, false, Format::binary},
    {"\x89PNG\r\n\x1a\n", false, Format::png},
    {"\x89PNG\n", false, Format::binary},
    {"RIFF\x10\0\0\0WEBP"s, false, Format::webp},
    {"RIFF\x10\0\0\0WAVE"s, false, Format::binary},
    {"RIFF\x10\0"s, false, std::nullopt},
    {"", false, std::nullopt},
    {"", true, Format::binary},
    {"hello", false, Format::binary},
};

TEST(Sniff, Table) {
  for (const Case& c : kCases)
    EXPECT_EQ(sniff(as_bytes(c.start), c.at_message_end), c.format)
        << testing::PrintToString(c.start) << " at end " << c.at_message_end;
}

TEST(Sniff, NeverChangesItsMindAndNeverAsksPast1024Bytes) {
  for (const Case& c : kCases) {
    const std::string start = c.start + std::string(1024, 'x');
    std::optional<Format> said;
    for (std::size_t n = 0; n <= start.size(); ++n) {
      const auto now = sniff(as_bytes(start).first(n), false);
      if (said) {
        EXPECT_EQ(now, said);
      }
      said = now;
    }
    EXPECT_TRUE(sniff(as_bytes(start).first(1024), false).has_value());
  }
}

TEST(Sniff, KnowsEveryRecording) {
  const std::vector<std::pair<std::string, Format>> files = {
      {"chromium-vp8-opus-camera.webm", Format::webm},
      {"firefox-vp8-canvas.webm", Format::webm},
      {"chromium-avc1-opus-camera.mp4", Format::mp4},
      {"firefox-opus-audio.ogg", Format::ogg},
      {"frames/f00.jpg", Format::jpeg},
      {"frames/f00.png", Format::png},
      {"frames/f00.webp", Format::webp},
      {"frames/raw-rgba-320x180.bin", Format::binary},
      {"../made/avc1-aac.ts", Format::mpegts},
      {"../made/avc1-aac.flv", Format::flv},
  };
  for (const auto& [name, format] : files)
    EXPECT_EQ(sniff(load_fixture(name), false), format) << name;
}

}  // namespace
}  // namespace framewire::test
