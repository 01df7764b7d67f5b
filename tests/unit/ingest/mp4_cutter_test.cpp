#include "ingest/mp4/mp4_cutter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/mp4/mp4_boxes.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

std::string be32(std::uint32_t value) {
  std::string text(4, '\0');
  for (int i = 3; i >= 0; --i, value >>= 8)
    text[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xff);
  return text;
}
std::string box(const std::string& type, const std::string& body) {
  return be32(static_cast<std::uint32_t>(8 + body.size())) + type + body;
}
std::string ftyp() {
  return box("ftyp", "isom" + be32(512));
}

std::string trak(std::uint32_t id, const std::string& handler, const std::string& entry) {
  const std::string body = handler == "vide" ? std::string(78, '\0') : std::string(28, '\0');
  return box(
      "trak",
      box("tkhd", std::string(12, '\0') + be32(id) + std::string(64, '\0')) +
          box("mdia",
              box("mdhd", std::string(12, '\0') + be32(1000) + be32(0) + be32(0)) +
                  box("hdlr", std::string(8, '\0') + handler + std::string(13, '\0')) +
                  box("minf", box("stbl", box("stsd", be32(0) + be32(1) + box(entry, body))))));
}
std::string trex(std::uint32_t id, std::uint32_t sample_flags) {
  return box("trex", be32(0) + be32(id) + be32(1) + be32(0) + be32(0) + be32(sample_flags));
}
std::string moov(const std::string& traks, const std::string& trexes) {
  return box("moov", box("mvhd", std::string(100, '\0')) + traks + box("mvex", trexes));
}
std::string video_init(std::uint32_t trex_flags = 0) {
  return ftyp() + moov(trak(1, "vide", "avc1"), trex(1, trex_flags));
}
std::string traf(const std::string& boxes) {
  return box("traf", boxes);
}
std::string tfhd(std::uint32_t id) {
  return box("tfhd", be32(0x020000) + be32(id));
}
std::string tfdt(std::uint32_t ticks) {
  return box("tfdt", be32(0) + be32(ticks));
}
std::string trun() {
  return box("trun", be32(0) + be32(1));
}
std::string fragment(const std::string& trafs) {
  return box("moof", box("mfhd", be32(0) + be32(1)) + trafs) + box("mdat", "data");
}

constexpr std::uint32_t kNonSync = 0x00010000;
constexpr std::uint32_t kDependsOnOthers = 0x01000000;
constexpr std::uint32_t kDependsOnNone = 0x02000000;

struct SyncCase {
  std::string name;
  std::uint32_t trex_flags;
  std::string trafs;
  bool group_start;
  std::int64_t pts_us;
};

const std::vector<SyncCase> kSync = {
    {"trex says sync", 0, traf(tfhd(1) + tfdt(1500) + trun()), true, 1500000},
    {"trex says not", kNonSync, traf(tfhd(1) + tfdt(0) + trun()), false, 0},
    {"trex says it depends on others", kDependsOnOthers, traf(tfhd(1) + tfdt(0) + trun()), false,
     0},
    {"tfhd over trex", kNonSync,
     traf(box("tfhd", be32(0x20) + be32(1) + be32(kDependsOnNone)) + tfdt(0) + trun()), true, 0},
    {"tfhd with all its fields", 0,
     traf(box("tfhd", be32(0x3b) + be32(1) + be32(0) + be32(0) + be32(1) + be32(1) + be32(1) +
                          be32(kNonSync)) +
          tfdt(0) + trun()),
     false, 0},
    {"own flags over tfhd", 0,
     traf(box("tfhd", be32(0x20) + be32(1) + be32(0)) + tfdt(0) +
          box("trun", be32(0x700) + be32(1) + be32(40) + be32(4) + be32(kNonSync))),
     false, 0},
    {"first sample's flags over own flags", 0,
     traf(tfhd(1) + tfdt(0) +
          box("trun", be32(0x405) + be32(1) + be32(0) + be32(kDependsOnNone) + be32(kNonSync))),
     true, 0},
    {"composition offset", 0,
     traf(tfhd(1) + tfdt(1000) + box("trun", be32(0x800) + be32(1) + be32(80))), true, 1080000},
    {"negative composition offset", 0,
     traf(tfhd(1) + tfdt(1000) + box("trun", be32(0x01000800) + be32(1) + be32(0xffffffb0))), true,
     920000},
    {"64-bit decode time", 0,
     traf(tfhd(1) + box("tfdt", be32(0x01000000) + be32(1) + be32(0)) + trun()), true,
     4294967296000},
    {"decode time past all clocks", 0,
     traf(tfhd(1) + box("tfdt", be32(0x01000000) + be32(~0u) + be32(0)) + trun()), true,
     9'000'000'000'000'000'000},
    {"an empty trun first", kNonSync,
     traf(tfhd(1) + tfdt(0) + box("trun", be32(4) + be32(0) + be32(0)) +
          box("trun", be32(4) + be32(1) + be32(0))),
     true, 0},
    {"no samples", 0, traf(tfhd(1) + tfdt(7000)), false, 0},
    {"a track the moov does not have", 0, traf(tfhd(9) + tfdt(7000) + trun()), false, 0},
};

TEST(Mp4Sync, FlagsAreResolvedInOrder) {
  for (const SyncCase& c : kSync) {
    RecordingSink sink;
    const auto cutter = make_mp4_cutter({}, sink);
    const auto fed = cutter->feed(as_bytes(video_init(c.trex_flags) + fragment(c.trafs)));
    ASSERT_TRUE(fed) << c.name << ": " << fed.error().what;
    ASSERT_EQ(sink.parts.size(), 2u) << c.name;
    EXPECT_EQ(sink.parts[1].facts.group_start, c.group_start) << c.name;
    EXPECT_EQ(sink.parts[1].facts.pts_us, c.pts_us) << c.name;
  }
}

TEST(Mp4Sync, TheVideoTrackDecidesWhereverItStands) {
  const std::string init = ftyp() + moov(trak(1, "soun", "Opus") + trak(2, "vide", "avc1"),
                                         trex(1, 0) + trex(2, kNonSync));
  RecordingSink sink;
  const auto cutter = make_mp4_cutter({}, sink);
  const std::string audio = traf(tfhd(1) + tfdt(500) + trun());
  ASSERT_TRUE(cutter->feed(
      as_bytes(init + fragment(audio + traf(tfhd(2) + tfdt(900) + trun())) + fragment(audio))));
  ASSERT_EQ(sink.parts.size(), 3u);
  EXPECT_EQ(sink.epochs[0].mime, "video/mp4; codecs=\"opus,avc1\"");
  EXPECT_FALSE(sink.parts[1].facts.group_start);
  EXPECT_EQ(sink.parts[1].facts.pts_us, 900000);
  EXPECT_FALSE(sink.parts[2].facts.group_start) << "audio alone, of a stream with video";
}

TEST(Mp4Cutter, AFragmentBeginsWithWhatStandsBeforeItsMoof) {
  const std::string before =
      box("styp", "msdh") + box("prft", "x") + box("emsg", "y") + box("free", "");
  const std::string whole = fragment(traf(tfhd(1) + tfdt(0) + trun()));
  const std::string wide_mdat = be32(1) + "mdat" + be32(0) + be32(20) + "data";
  RecordingSink sink;
  const auto cutter = make_mp4_cutter({}, sink);
  const std::string bytes =
      video_init() + before + whole + box("mfra", "z") + wide_mdat + box("free", "");
  ASSERT_TRUE(feed_in(*cutter, as_bytes(bytes), 5));
  ASSERT_TRUE(cutter->finish());
  EXPECT_EQ(as_text(sink.joined()), bytes);
  ASSERT_EQ(sink.parts.size(), 5u);
  EXPECT_EQ(as_text(sink.parts[1].payload), before + whole);
  EXPECT_TRUE(sink.parts[1].facts.group_start);
  EXPECT_EQ(as_text(sink.parts[2].payload), box("mfra", "z"));
  EXPECT_FALSE(sink.parts[2].facts.group_start);
  EXPECT_EQ(as_text(sink.parts[3].payload), wide_mdat);
}

TEST(Mp4Cutter, TheInitGoesOutWithItsMoov) {
  RecordingSink sink;
  const auto cutter = make_mp4_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(ftyp())));
  EXPECT_TRUE(sink.parts.empty());
  ASSERT_TRUE(cutter->feed(as_bytes(video_init().substr(ftyp().size()))));
  ASSERT_EQ(sink.parts.size(), 1u);
  EXPECT_TRUE(sink.parts[0].facts.init);
}

struct BadCase {
  std::string name;
  std::string bytes;
  Errc code;
  std::uint64_t offset;
};

const std::string kInit = video_init();

const std::vector<BadCase> kBad = {
    {"no box at all", "hello, this is text", Errc::malformed_media, 0},
    {"no box type", be32(16) + "\x01\x02\x03\x04" + be32(0), Errc::malformed_media, 4},
    {"box of 7 bytes", be32(7) + "ftyp", Errc::malformed_media, 0},
    {"64-bit size of 15", be32(1) + "ftyp" + be32(0) + be32(15), Errc::malformed_media, 0},
    {"64-bit size past all", be32(1) + "ftyp" + be32(~0u) + be32(~0u), Errc::limit_exceeded, 0},
    {"mdat before moov", ftyp() + box("mdat", "x"), Errc::unsupported_format, 16},
    {"moof before moov", ftyp() + box("moof", ""), Errc::malformed_media, 16},
    {"a segment without init", box("styp", "msdh"), Errc::malformed_media, 0},
    {"no mvex", ftyp() + box("moov", trak(1, "vide", "avc1")), Errc::unsupported_format, 16},
    {"no tracks", ftyp() + box("moov", box("mvex", "")), Errc::malformed_media, 16},
    {"size 0", kInit + be32(0) + "mdat", Errc::unsupported_format, kInit.size()},
    {"moof without mdat", kInit + box("moof", "") + box("moof", ""), Errc::malformed_media,
     kInit.size() + 8},
    {"moov between moof and mdat", kInit + box("moof", "") + be32(100) + "moov",
     Errc::malformed_media, kInit.size() + 8},
    {"traf over the end of moof", kInit + box("moof", be32(9) + "traf"), Errc::malformed_media,
     kInit.size() + 8},
    {"scraps behind the last box", kInit + box("moof", box("mfhd", "") + "abc"),
     Errc::malformed_media, kInit.size() + 16},
    {"short tfhd", kInit + box("moof", traf(box("tfhd", be32(0)))), Errc::malformed_media,
     kInit.size() + 16},
    {"short trun", kInit + box("moof", traf(tfhd(1) + box("trun", be32(4) + be32(1)))),
     Errc::malformed_media, kInit.size() + 32},
    {"fragment over its limit", kInit + be32(0x7fffffff) + "mdat", Errc::limit_exceeded,
     kInit.size()},
    {"init over its limit", ftyp() + be32(2u << 20) + "moov", Errc::limit_exceeded, 16},
    {"timescale 0",
     ftyp() + box("moov",
                  box("trak", box("mdia", box("mdhd", std::string(24, '\0')))) + box("mvex", "")),
     Errc::malformed_media, 16 + 8 + 8 + 8 + 8 + 12},
    {"nine tracks",
     ftyp() + moov(
                  [] {
                    std::string traks;
                    for (std::uint32_t id = 1; id <= 9; ++id) traks += trak(id, "vide", "avc1");
                    return traks;
                  }(),
                  ""),
     Errc::limit_exceeded, 16 + 8 + 108 + 8 * trak(1, "vide", "avc1").size()},
};

TEST(Mp4Cutter, RefusesWhatIsBroken) {
  for (const BadCase& c : kBad) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
      RecordingSink sink;
      const auto cutter = make_mp4_cutter({}, sink);
      const auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      ASSERT_FALSE(fed) << c.name;
      EXPECT_EQ(fed.error().code, c.code) << c.name << ": " << fed.error().what;
      EXPECT_EQ(fed.error().offset, c.offset) << c.name << ": " << fed.error().what;
      const auto again = cutter->feed(as_bytes(kInit));
      ASSERT_FALSE(again) << c.name;
      EXPECT_EQ(again.error().what, fed.error().what) << c.name;
    }
  }
}

struct TimesCase {
  std::string name;
  std::string trafs;
  std::int64_t dts_us;
  std::int64_t duration_us;
  std::uint64_t samples;
};

const std::vector<TimesCase> kTimes = {
    {"trex's duration", traf(tfhd(1) + tfdt(1500) + box("trun", be32(0) + be32(3))), 1500000,
     120000, 3},
    {"tfhd's over trex's",
     traf(box("tfhd", be32(0x08) + be32(1) + be32(25)) + tfdt(0) + box("trun", be32(0) + be32(2))),
     0, 50000, 2},
    {"the samples' own",
     traf(tfhd(1) + tfdt(0) +
          box("trun", be32(0x301) + be32(2) + be32(0) + be32(10) + be32(99) + be32(7) + be32(99))),
     0, 17000, 2},
    {"two truns", traf(tfhd(1) + tfdt(0) + trun() + trun()), 0, 80000, 2},
    {"decode times without composition offsets",
     traf(tfhd(1) + tfdt(1000) + box("trun", be32(0x900) + be32(1) + be32(33) + be32(80))), 1000000,
     33000, 1},
    {"a duration past all clocks",
     traf(tfhd(1) + tfdt(0) + box("trun", be32(0) + be32(~0u)) +
          box("trun", be32(0x100) + be32(1) + be32(~0u))),
     0, (40ll * 0xffffffff + 0xffffffff) * 1000, 1ull << 32},
};

TEST(Mp4Times, DurationsAreResolvedInOrder) {
  const std::string trex40 =
      box("trex", be32(0) + be32(1) + be32(1) + be32(40) + be32(0) + be32(0));
  const std::string init = ftyp() + moov(trak(1, "vide", "avc1"), trex40);
  const auto movie = mp4::read_init(as_bytes(init), 8);
  ASSERT_TRUE(movie);
  for (const TimesCase& c : kTimes) {
    const std::string part = box("styp", "msdh") + fragment(c.trafs);
    const auto times = mp4::read_times(as_bytes(part), *movie);
    ASSERT_TRUE(times) << c.name << ": " << times.error().what;
    ASSERT_EQ(times->size(), 1u) << c.name;
    EXPECT_EQ(times->front().dts_us, c.dts_us) << c.name;
    EXPECT_EQ(times->front().duration_us, c.duration_us) << c.name;
    EXPECT_EQ(times->front().samples, c.samples) << c.name;
    EXPECT_EQ(times->front().track, &movie->tracks[0]) << c.name;
  }
}

TEST(Mp4Times, WhatHasNoTimesHasNone) {
  const auto movie = mp4::read_init(as_bytes(kInit), 8);
  ASSERT_TRUE(movie);
  for (const std::string& part :
       {fragment(traf(tfhd(1) + trun())), fragment(traf(tfhd(9) + tfdt(0) + trun())),
        fragment(traf(tfhd(1) + tfdt(0))), box("mdat", "data"), ""s}) {
    const auto times = mp4::read_times(as_bytes(part), *movie);
    ASSERT_TRUE(times);
    EXPECT_TRUE(times->empty());
  }
  EXPECT_FALSE(mp4::read_times(as_bytes(box("moof", "x")), *movie));
  EXPECT_FALSE(mp4::read_times(as_bytes("x"), *movie));
  EXPECT_FALSE(mp4::read_init(as_bytes(ftyp()), 8));
}

TEST(Mp4Cutter, DeepNestingIsHarmless) {
  std::string nested;
  for (int i = 0; i < 100'000; ++i)
    nested += be32(static_cast<std::uint32_t>(8 * (100'000 - i))) + "mdia";
  RecordingSink sink;
  const auto cutter = make_mp4_cutter({}, sink);
  EXPECT_FALSE(cutter->feed(as_bytes(ftyp() + box("moov", box("trak", nested)))));
}

TEST(Mp4Cutter, TheEndInsideAnElementIsAnError) {
  const std::string moof = box("moof", traf(tfhd(1) + tfdt(0) + trun()));
  const std::vector<std::pair<std::string, std::uint64_t>> cases = {
      {ftyp(), 0},
      {kInit.substr(0, kInit.size() - 1), ftyp().size()},
      {kInit + moof, kInit.size()},
      {kInit + moof + "\0\0"s, kInit.size() + moof.size()},
  };
  for (const auto& [bytes, offset] : cases) {
    RecordingSink sink;
    const auto cutter = make_mp4_cutter({}, sink);
    ASSERT_TRUE(cutter->feed(as_bytes(bytes)));
    const auto finished = cutter->finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, Errc::malformed_media);
    EXPECT_EQ(finished.error().offset, offset);
    EXPECT_EQ(finished.error().what.substr(0, 22), "the stream ends inside");
  }
}

TEST(Mp4Cutter, SaysHowToMakeAFragmentedFile) {
  for (const char* name : {"../made/not-fragmented.mp4", "../made/not-fragmented-faststart.mp4"}) {
    RecordingSink sink;
    const auto cutter = make_mp4_cutter({}, sink);
    const auto fed = cutter->feed(load_fixture(name));
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, Errc::unsupported_format);
    EXPECT_NE(fed.error().what.find("frag_keyframe"), std::string::npos);
    EXPECT_TRUE(sink.parts.empty());
  }
}

}  // namespace
}  // namespace framewire::test
