#include "ingest/intake/sniff.h"

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

// Packets with bytes before and behind each.
std::string units(std::size_t count, std::size_t before, std::size_t behind) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += std::string(before, '\0') + packets(1) + std::string(behind, '\x01');
  return text;
}
std::string adts(std::size_t bytes) {
  return "\xff\xf1\x4c"s + static_cast<char>(0x80 | bytes >> 11) + static_cast<char>(bytes >> 3) +
         static_cast<char>((bytes & 7) << 5 | 0x1f) + std::string(bytes - 6, 'x');
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
    {"\x1a\x45\xde", false, std::nullopt},  // may be inside an MPEG-TS packet
    {"\x1a\x45\xde" + std::string(1021, 'x'), false, Format::binary},
    {"\0\0\0\x24"
     "ftyp"s,
     false, Format::mp4},
    {"\0\0\0\x18"
     "styp"s,
     false, Format::mp4},
    {"\0\0\0\x18"
     "moov"s,
     true, Format::binary},
    {"\0\0\0\x18"
     "ft"s,
     false, std::nullopt},
    {"\0"s, false, std::nullopt},
    {"xxxxftyp", false, std::nullopt},
    {"xxxxftypxxxx", false, Format::binary},
    {"G", false, std::nullopt},
    {"G", true, Format::binary},
    {packets(1), true, Format::mpegts},
    {packets(1), false, std::nullopt},
    {packets(2), true, Format::mpegts},
    {packets(2) + "x", false, Format::binary},
    {"\0x\xff"s + packets(5), false, Format::mpegts},
    {std::string(187, '\xff') + packets(4), false, Format::mpegts},
    {std::string(400, '\xee') + packets(4), false, Format::mpegts},
    {std::string(500, '\xee') + packets(4), true, Format::binary},
    {units(4, 4, 0), false, Format::mpegts},
    {"\xff" + units(5, 0, 16), false, Format::mpegts},
    {"\xff" + units(4, 4, 0), false, Format::mpegts},
    {"\xff" + packets(3), true, Format::binary},
    {packets(2) + "G", false, Format::mpegts},
    {packets(1) + "G", false, std::nullopt},
    {packets(1) + "G", true, Format::binary},
    {packets(9), false, Format::mpegts},
    {"GET / HTTP/1.1\r\n" + std::string(300, 'x'), false, Format::binary},
    {"FLV\x01", false, Format::flv},
    {"FLV", false, std::nullopt},
    {"FLV\x02", true, Format::binary},
    {"OggS", false, Format::ogg},
    {"Ogg", true, Format::binary},
    {"\xff\xd8\xff", false, Format::jpeg},
    {"\xff\xd8", false, std::nullopt},
    {"\xff\xd8\x00"s, true, Format::binary},
    {"\x89PNG\r\n\x1a\n", false, Format::png},
    {"\x89PNG\n", true, Format::binary},
    {"RIFF\x10\0\0\0WEBP"s, false, Format::webp},
    {"RIFF\x10\0\0\0WAVE"s, false, Format::wav},
    {"RF64\xff\xff\xff\xffWAVE", false, Format::wav},
    {"BW64\xff\xff\xff\xffWAVE", false, Format::wav},
    {"RF64\xff\xff\xff\xffxxxx", true, Format::binary},
    {"RIFF\x10\0\0\0AVI "s, true, Format::binary},
    {"ID3\x04", false, std::nullopt},
    {"ID3\x04", true, Format::mp3},
    {"ID3\x04\0\0\0\0\0\x05tag.."s + adts(100) + adts(100), false, Format::aac},
    {"ID3\x04\0\0\0\0\0\x05tag..\xff\xfb\x90\x64xxx"s, false, Format::mp3},
    {"ID3\x04\0\0\0\0\x7f\x05"s, false, Format::mp3},
    {adts(100) + adts(100), false, Format::aac},
    {adts(100), true, Format::aac},
    {adts(100), false, std::nullopt},
    {adts(100) + "x", true, Format::binary},
    {adts(1020), false, Format::aac},
    {"\xff\xfb\x90\x64" + std::string(413, 'x') + "\xff\xfb\x90\x64xxx", false, Format::mp3},
    {"\xff\xfb\xf0\x64xx", true, Format::binary},
    // begun inside a frame
    {"\0junk"s + adts(300) + adts(300) + adts(500), false, Format::aac},
    {"\0junk"s + adts(100) + adts(100), true, Format::aac},
    {"\0junk"s + adts(100) + adts(100), false, std::nullopt},
    {"\0junk"s + adts(100), true, Format::binary},
    {std::string(200, '\0') + "\xff\xfb\x90\x64" + std::string(413, 'x') + "\xff\xfb\xa0\x64" +
         std::string(600, 'x'),
     false, Format::mp3},
    {"\0\0\0\x01\x67\x42"s, false, Format::h264},
    {"\0\0\x01\x09\xf0"s, false, Format::h264},
    {"\0\0\0\x01\x40\x01"s, false, Format::hevc},
    {"\0\0\x01\x46\x01"s, false, Format::hevc},
    {"\0\0\x01\xba\x44"s, true, Format::binary},
    {"RIFF\x10\0"s, false, std::nullopt},
    {"", false, std::nullopt},
    {"", true, Format::binary},
    {"hello", true, Format::binary},
    {"hello", false, std::nullopt},
    {"hello, world", false, Format::binary},
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
