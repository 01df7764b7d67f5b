#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/flv/flv_cutter.h"
#include "ingest/ogg/ogg_cutter.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

std::string be(std::uint32_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = bytes; i-- > 0; value >>= 8) text[i] = static_cast<char>(value & 0xff);
  return text;
}

const std::string kFlvHeader = "FLV\x01\x05\0\0\0\x09\0\0\0\0"s;
std::string tag(char type, std::uint32_t ms, const std::string& body) {
  return type + be(static_cast<std::uint32_t>(body.size()), 3) + be(ms & 0xffffff, 3) +
         be(ms >> 24, 1) + be(0, 3) + body + be(static_cast<std::uint32_t>(11 + body.size()), 4);
}
std::string script() {
  return tag(18, 0, "\x02\0\x0aonMetaData"s);
}
std::string avc_config(char level) {
  return tag(9, 0, "\x17\0\0\0\0\x01\x42\xc0"s + level + "\xff");
}
std::string aac_config() {
  return tag(8, 0, "\xaf\0\x11\x90"s);
}  // LC, 48 kHz, stereo
std::string key(std::uint32_t ms) {
  return tag(9, ms, "\x17\x01\0\0\x28slice"s);
}  // 40 ms later
std::string delta(std::uint32_t ms) {
  return tag(9, ms, "\x27\x01\xff\xff\xf6slice"s);
}  // -10
std::string aac(std::uint32_t ms) {
  return tag(8, ms, "\xaf\x01raw");
}

RecordingSink cut_flv(const std::string& bytes, std::size_t size = 0) {
  RecordingSink sink;
  const auto cutter = make_flv_cutter({}, sink);
  auto fed = feed_in(*cutter, as_bytes(bytes), size);
  if (fed) fed = cutter->finish();
  EXPECT_TRUE(fed) << fed.error().what << " at " << fed.error().offset;
  EXPECT_EQ(as_text(sink.joined()), bytes);
  return sink;
}

TEST(FlvCutter, TellsHeadersFromMedia) {
  const std::string init = kFlvHeader + script() + avc_config('\x1f') + aac_config();
  const RecordingSink sink = cut_flv(init + key(0) + aac(5) + delta(40) + key(0x01000000));
  ASSERT_EQ(sink.parts.size(), 3u);
  EXPECT_EQ(as_text(sink.parts[0].payload), init);
  EXPECT_TRUE(sink.parts[0].facts.init);
  EXPECT_EQ(sink.epochs[0].mime, "video/x-flv; codecs=\"avc1.42C01F,mp4a.40.2\"");
  EXPECT_EQ(sink.epochs[0].tracks[1].sample_rate, 48000u);
  EXPECT_EQ(sink.epochs[0].tracks[1].channels, 2u);
  EXPECT_TRUE(sink.parts[1].facts.group_start);
  EXPECT_EQ(sink.parts[1].facts.pts_us, 40'000);
  EXPECT_EQ(sink.parts[2].facts.pts_us, (0x01000000LL + 40) * 1000);
}

TEST(FlvCutter, ALateOrChangedConfigStartsAnEpochForJoiners) {
  const std::string init = kFlvHeader + script() + avc_config('\x1f');
  const std::string bytes = init + key(0) + aac_config() + aac(1) + delta(40) + avc_config('\x1f') +
                            key(80) + avc_config('\x28') + key(120);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
    const RecordingSink sink = cut_flv(bytes, size);
    ASSERT_EQ(sink.epochs.size(), 3u) << "the repeated config starts none";
    EXPECT_EQ(sink.epochs[0].mime, "video/x-flv; codecs=\"avc1.42C01F\"");
    EXPECT_EQ(sink.epochs[1].mime, "video/x-flv; codecs=\"avc1.42C01F,mp4a.40.2\"");
    EXPECT_EQ(sink.epochs[2].mime, "video/x-flv; codecs=\"avc1.42C028,mp4a.40.2\"");
    std::vector<std::string> joiners;
    for (const RecordedPart& part : sink.parts)
      if (part.facts.joiners_only) joiners.emplace_back(as_text(part.payload));
    EXPECT_EQ(joiners,
              (std::vector<std::string>{
                  init + aac_config(), kFlvHeader + script() + avc_config('\x28') + aac_config()}));
    EXPECT_EQ(sink.group_starts().size(), 3u);
  }
}

TEST(FlvCutter, ASoundThatHasNoConfigIsInTheEpochFromItsBeginning) {
  const std::string mp3 = tag(8, 1, "\x2fraw"), speex = tag(8, 30, "\xb6raw");
  const std::string init = kFlvHeader + script() + avc_config('\x1f');
  for (const std::string& sound : {mp3, speex})
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
      const RecordingSink sink =
          cut_flv(init + key(0) + delta(20) + sound + delta(40) + key(80), size);
      ASSERT_EQ(sink.epochs.size(), 1u);
      EXPECT_EQ(sink.epochs[0].tracks.size(), 2u);
      EXPECT_EQ(as_text(sink.parts[0].payload), init);
      EXPECT_EQ(sink.group_starts().size(), 2u);
    }
}

TEST(FlvCutter, ASampleOfAnotherCodecStartsAnEpochAtAKeyframe) {
  const std::string init = kFlvHeader + script() + avc_config('\x1f') + aac_config();
  const auto mp3 = [](std::uint32_t ms) { return tag(8, ms, "\x2fraw"); };
  const std::string bytes = init + key(0) + aac(1) + delta(40) + mp3(41) + key(80) + mp3(81) +
                            key(120) + mp3(121) + aac_config() + key(160) + aac(161);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
    const RecordingSink sink = cut_flv(bytes, size);
    ASSERT_EQ(sink.epochs.size(), 3u);
    EXPECT_EQ(sink.epochs[1].mime, "video/x-flv; codecs=\"avc1.42C01F,mp3\"");
    EXPECT_EQ(sink.epochs[2].mime, "video/x-flv; codecs=\"avc1.42C01F,mp4a.40.2\"");
    std::vector<std::string> joiners;
    for (const RecordedPart& part : sink.parts)
      if (part.facts.joiners_only) joiners.emplace_back(as_text(part.payload));
    EXPECT_EQ(joiners,
              (std::vector<std::string>{kFlvHeader + script() + avc_config('\x1f'), init}));
    EXPECT_EQ(sink.group_starts().size(), 4u);
  }
}

TEST(FlvCutter, AnEncoderThatBeginsAnewIsAnEpochFromItsFirstKeyframe) {
  const auto mp3 = [](std::uint32_t ms) { return tag(8, ms, "\x2fraw"); };
  const std::string init = kFlvHeader + script() + avc_config('\x1f') + aac_config();
  const std::string again = script() + avc_config('\x1f');
  const std::string bytes = init + key(0) + aac(1) + again + key(40) + mp3(41) + delta(80);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
    const RecordingSink sink = cut_flv(bytes, size);
    ASSERT_EQ(sink.epochs.size(), 2u);
    EXPECT_EQ(sink.epochs[1].mime, "video/x-flv; codecs=\"avc1.42C01F,mp3\"");
    EXPECT_EQ(sink.group_starts().size(), 2u);
  }
  // The same sound again, or none: nothing changes, and nothing stays behind.
  EXPECT_EQ(cut_flv(init + key(0) + aac(1) + again + key(40) + aac(41), 1).epochs.size(), 1u);
  EXPECT_EQ(cut_flv(init + key(0) + aac(1) + again + key(40), 1).epochs.size(), 1u);
}

TEST(FlvCutter, OneSampleOfAnotherCodecIsForgotten) {
  const std::string init = kFlvHeader + script() + avc_config('\x1f') + aac_config();
  EXPECT_EQ(cut_flv(init + key(0) + aac(1) + tag(8, 20, "\x2fraw") + aac(40) + key(80) + aac(81))
                .epochs.size(),
            1u);
}

TEST(FlvCutter, APromisedSoundThatDoesNotComeIsNotWaitedForForLong) {
  std::string bytes = kFlvHeader + avc_config('\x1f') + key(0);
  for (std::uint32_t ms = 40; ms <= 360; ms += 40) bytes += delta(ms);
  RecordingSink sink;
  const auto cutter = make_flv_cutter({}, sink);
  ASSERT_TRUE(feed_in(*cutter, as_bytes(bytes), 1));
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.epochs[0].tracks.size(), 1u);
  EXPECT_EQ(as_text(sink.joined()), bytes);
}

TEST(FlvCutter, AudioAloneMakesAGroupASecond) {
  std::string bytes = kFlvHeader + aac_config();
  for (std::uint32_t ms = 0; ms < 3000; ms += 100) bytes += aac(ms);
  EXPECT_EQ(cut_flv(bytes).group_starts().size(), 3u);
  EXPECT_EQ(cut_flv(bytes, 1).group_starts().size(), 3u);
}

TEST(FlvCutter, EnhancedVideoIsKnownByItsFourCc) {
  const std::string config = tag(9, 0,
                                 "\x90"
                                 "av01\x81\x05\x0c\0"s);
  const RecordingSink sink = cut_flv(kFlvHeader + config +
                                     tag(9, 0,
                                         "\x91"
                                         "av01x") +
                                     tag(9, 40,
                                         "\xa1"
                                         "av01x"));
  EXPECT_EQ(sink.epochs[0].mime, "video/x-flv; codecs=\"av01.0.05M.08\"");
  EXPECT_EQ(sink.group_starts().size(), 1u);
}

struct NotingSink : RecordingSink {
  void on_note(const CutNote& note) override {
    notes.push_back(note.code);
    offsets.push_back(note.offset);
  }
  std::vector<std::string> notes;
  std::vector<std::uint64_t> offsets;
};

TEST(FlvCutter, GoesOnOverWhatIsOdd) {
  const std::string start = kFlvHeader + avc_config('\x1f');
  std::string bad_size = key(0);
  bad_size.back() = 'x';
  std::string stream_1 = key(0);
  stream_1[10] = '\x01';
  struct Odd {
    std::string name, bytes;
    std::vector<std::string> notes;
    std::uint64_t offset;
  };
  const std::vector<Odd> cases = {
      {"PreviousTagSize",
       start + bad_size + bad_size,
       {"flv-previous-tag-size"},
       start.size() + bad_size.size() - 4},
      {"type 15",
       start + key(0) + tag(15, 20, "what is this") + key(40),
       {"flv-tag-type"},
       start.size() + key(0).size()},
      {"type 15 before all",
       kFlvHeader + tag(15, 0, "x") + avc_config('\x1f') + key(0) + key(40),
       {"flv-tag-type"},
       kFlvHeader.size()},
      {"stream 1", start + stream_1 + key(40), {}, 0},
  };
  for (const Odd& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{13}}) {
      NotingSink sink;
      const auto cutter = make_flv_cutter({}, sink);
      auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      if (fed) fed = cutter->finish();
      ASSERT_TRUE(fed) << c.name << ": " << fed.error().what;
      EXPECT_EQ(as_text(sink.joined()), c.bytes) << c.name;
      EXPECT_EQ(sink.notes, c.notes) << c.name;
      if (!sink.offsets.empty()) {
        EXPECT_EQ(sink.offsets[0], c.offset) << c.name;
      }
      EXPECT_EQ(sink.group_starts().size(), 2u) << c.name;
    }
  }
}

struct BadCase {
  std::string name;
  std::string bytes;
  Errc code;
  std::uint64_t offset;
};

template <class Make>
void expect_refused(const std::vector<BadCase>& cases, Make make) {
  for (const BadCase& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
      RecordingSink sink;
      CutterOptions options;
      options.limits.init_bytes = 4096;
      const auto cutter = make(options, sink);
      auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      if (fed) fed = cutter->finish();
      ASSERT_FALSE(fed) << c.name;
      EXPECT_EQ(fed.error().code, c.code) << c.name << ": " << fed.error().what;
      EXPECT_EQ(fed.error().offset, c.offset) << c.name << ": " << fed.error().what;
    }
  }
}

TEST(FlvCutter, RefusesWhatIsBroken) {
  const std::string start = kFlvHeader + avc_config('\x1f');
  expect_refused(
      {
          {"no header", "FLX", Errc::malformed_media, 0},
          {"version 2", "FLV\x02", Errc::malformed_media, 0},
          {"header of 8 bytes", "FLV\x01\x05\0\0\0\x08"s, Errc::malformed_media, 5},
          {"header over its limit", "FLV\x01\x05\x10\0\0\0"s, Errc::limit_exceeded, 0},
          {"no tag", start + std::string(11, 'x'), Errc::malformed_media, start.size()},
          {"encrypted", start + "\x29"s + std::string(10, '\0'), Errc::unsupported_format,
           start.size()},
          {"headers over their limit", start + tag(18, 0, std::string(5000, 'x')),
           Errc::limit_exceeded, start.size()},
          {"end inside a tag", start + key(0).substr(0, 20), Errc::malformed_media, start.size()},
          {"end inside the header", "FLV\x01\x05\0\0\0\x09"s, Errc::malformed_media, 0},
      },
      make_flv_cutter);
}

std::string le(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}
constexpr char kContinued = 1, kBos = 2;
// lacing: sizes of the segments.
std::string page(char flags, std::uint64_t granule, const std::string& lacing,
                 const std::string& data, std::uint32_t serial = 7) {
  return "OggS\0"s + flags + le(granule, 8) + le(serial, 4) + le(0, 8) +
         static_cast<char>(lacing.size()) + lacing + data;
}
std::string opus_head(std::uint32_t serial = 7) {
  return page(kBos, 0, "\x13", "OpusHead\x01\x02" + le(312, 2) + le(48000, 4) + le(0, 3), serial);
}
std::string opus_tags() {
  return page(0, 0, "\x08", "OpusTags");
}

TEST(OggCutter, PagesAreParts) {
  const std::string long_packet = page(0, ~std::uint64_t{0}, "\xff", std::string(255, 'x')) +
                                  page(kContinued, 96'312, "\x01", "y");
  const std::string bytes = opus_head() + opus_tags() + page(0, 960, "\x01\x01", "ab") +
                            page(0, 48'312, "\x01", "c") + long_packet +
                            page(0, 97'000, "\x01", "z");
  RecordingSink sink;
  const auto cutter = make_ogg_cutter({}, sink);
  ASSERT_TRUE(feed_in(*cutter, as_bytes(bytes), 3));
  ASSERT_TRUE(cutter->finish());
  EXPECT_EQ(as_text(sink.joined()), bytes);
  ASSERT_EQ(sink.parts.size(), 6u);
  EXPECT_TRUE(sink.parts[0].facts.init);
  EXPECT_EQ(sink.epochs[0].tracks[0].channels, 2u);
  const std::vector<std::int64_t> pts_us = {0, 13'500, 1'000'000, 1'000'000, 2'000'000};
  const std::vector<bool> starts = {true, true, true, false, true};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(sink.parts[i + 1].facts.pts_us, pts_us[i]) << i;
    EXPECT_EQ(sink.parts[i + 1].facts.group_start, starts[i]) << i;
  }
}

TEST(OggCutter, TagsMaySpanPages) {
  const std::string bytes = opus_head() + page(0, 0, "\xff", "OpusTags" + std::string(247, 'x')) +
                            page(kContinued, 0, "\x01", "x") + page(0, 960, "\x01", "a");
  RecordingSink sink;
  const auto cutter = make_ogg_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(bytes)));
  EXPECT_EQ(sink.parts.size(), 2u);
}

TEST(OggCutter, RefusesWhatIsBroken) {
  const std::string head = opus_head();
  const std::string start = head + opus_tags();
  expect_refused(
      {
          {"no page", "Oggs", Errc::malformed_media, 0},
          {"version 1", "OggS\x01", Errc::malformed_media, 4},
          {"no BOS", opus_tags(), Errc::malformed_media, 0},
          {"unknown codec", page(kBos, 0, "\x08", "Speex   "), Errc::unsupported_format, 0},
          {"short OpusHead", page(kBos, 0, "\x08", "OpusHead"), Errc::unsupported_format, 0},
          {"two streams at once", head + opus_head(8), Errc::unsupported_format, head.size()},
          {"another stream's page", start + page(0, 0, "\x01", "x", 9), Errc::malformed_media,
           start.size()},
          {"headers and audio in one page", head + page(0, 0, "\x08\x01", "OpusTagsx"),
           Errc::malformed_media, head.size()},
          {"headers over their limit",
           head + page(0, 0, std::string(20, '\xff'), std::string(5100, 'x')), Errc::limit_exceeded,
           head.size()},
          {"garbage between pages", start + "x", Errc::malformed_media, start.size()},
          {"end inside a page", start + "OggS", Errc::malformed_media, start.size()},
          {"end inside the headers", head, Errc::malformed_media, 0},
      },
      make_ogg_cutter);
}

}  // namespace
}  // namespace framewire::test
