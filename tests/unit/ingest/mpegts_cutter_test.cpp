#include "ingest/mpegts/mpegts_cutter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

using namespace std::string_literals;

constexpr int kPmtPid = 0x1000, kVideoPid = 0x100, kAudioPid = 0x101;
constexpr char kH264 = 0x1b, kHevc = 0x24, kAac = 0x0f;

std::string be(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = bytes; i-- > 0; value >>= 8) text[i] = static_cast<char>(value & 0xff);
  return text;
}

// One packet; what payload leaves free is adaptation field stuffing.
std::string packet(int pid, bool start, const std::string& payload, bool random_access = false) {
  std::string adaptation;
  const std::size_t free = 184 - payload.size();
  if (free > 0) {
    adaptation = be(free - 1, 1);
    if (free > 1) adaptation += (random_access ? "\x40"s : "\0"s) + std::string(free - 2, '\xff');
  }
  return "G" + be(static_cast<std::uint64_t>(pid | (start ? 0x4000 : 0)), 2) +
         (free > 0 ? "\x30" : "\x10") + adaptation + payload;
}
std::string section(char table_id, const std::string& body) {
  return table_id + be(0xb000 | (5 + body.size() + 4), 2) + be(1, 2) + "\xc1\0\0"s + body +
         be(0, 4);
}
std::string pat(int pmt_pid = kPmtPid) {
  return packet(0, true,
                "\0"s + section(0, be(0, 2) + be(0xe010, 2) + be(1, 2) +
                                       be(static_cast<std::uint64_t>(0xe000 | pmt_pid), 2)));
}
using Streams = std::vector<std::pair<char, int>>;
std::string pmt_section(const Streams& streams) {
  std::string body = be(0xe100, 2) + be(0xf000, 2);
  for (const auto& [type, pid] : streams)
    body += type + be(static_cast<std::uint64_t>(0xe000 | pid), 2) + be(0xf000, 2);
  return section(2, body);
}
std::string pmt(const Streams& streams) {
  return packet(kPmtPid, true, "\0"s + pmt_section(streams));
}
std::string sdt() {
  return packet(0x11, true, "\0\x42\xf0\x04xxxx"s);
}

std::string pes(std::uint64_t pts, const std::string& data) {
  const std::string time = be(0x21 | ((pts >> 29) & 0xe), 1) + be(((pts >> 14) & 0xfffe) | 1, 2) +
                           be(((pts << 1) & 0xfffe) | 1, 2);
  return be(1, 3) + "\xe0\0\0\x80\x80\x05"s + time + data;
}
const std::string kSps = "\0\0\0\x01\x67\x42\xc0\x1f\xda"s;
const std::string kIdr = "\0\0\x01\x65slice"s, kSlice = "\0\0\x01\x41slice"s;

std::string video(std::uint64_t pts, const std::string& data, bool random_access = false) {
  return packet(kVideoPid, true, pes(pts, data), random_access);
}
std::string more_video() {
  return packet(kVideoPid, false, std::string(184, 'v'));
}
std::string audio(std::uint64_t pts) {
  return packet(kAudioPid, true,
                pes(pts, "\xff\xf1\x4c\x80\x01\x1f\xfcxx"s));  // LC, 48 kHz, stereo
}
std::string tables(const Streams& streams) {
  return pat() + pmt(streams);
}
const Streams kAv = {{kH264, kVideoPid}, {kAac, kAudioPid}};

RecordingSink cut(const std::string& bytes, std::size_t size = 0) {
  RecordingSink sink;
  const auto cutter = make_mpegts_cutter({}, sink);
  auto fed = feed_in(*cutter, as_bytes(bytes), size);
  if (fed) fed = cutter->finish();
  EXPECT_TRUE(fed) << fed.error().what << " at " << fed.error().offset;
  EXPECT_EQ(as_text(sink.joined()), bytes);
  return sink;
}
std::vector<std::size_t> group_packets(const RecordingSink& sink) {
  std::vector<std::size_t> at;
  for (const GroupStart& start : sink.group_starts()) at.push_back(start.at / 188);
  return at;
}

TEST(MpegTsCutter, InitIsTheTablesTheStreamBeginsWith) {
  const std::string init = sdt() + tables(kAv);
  const RecordingSink sink = cut(init + video(90'000, kSps + kIdr) + audio(90'000));
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.epochs[0].mime, "video/mp2t; codecs=\"avc1.42C01F,mp4a.40.2\"");
  EXPECT_EQ(sink.epochs[0].tracks[1].sample_rate, 48000u);
  EXPECT_EQ(sink.epochs[0].tracks[1].channels, 2u);
  EXPECT_EQ(as_text(sink.parts[0].payload), init);
  EXPECT_FALSE(sink.parts[0].facts.joiners_only);
  EXPECT_TRUE(sink.parts[1].facts.group_start);
  EXPECT_EQ(sink.parts[1].facts.pts_us, 1'000'000);
}

TEST(MpegTsCutter, AStreamJoinedInTheMiddleHasAnInitForJoinersOnly) {
  const RecordingSink sink = cut(more_video() + tables(kAv) + audio(0) + video(0, kSps + kIdr));
  EXPECT_TRUE(sink.parts[0].facts.init);
  EXPECT_TRUE(sink.parts[0].facts.joiners_only);
  EXPECT_EQ(as_text(sink.parts[0].payload), tables(kAv));
  EXPECT_EQ(group_packets(sink), (std::vector<std::size_t>{4}));
}

TEST(MpegTsCutter, AGroupBeginsWithTheTablesBeforeItsKeyframe) {
  const std::string head = tables(kAv);                                // packets 0, 1
  const std::string bytes = head + video(0, kSps + kIdr) + audio(0)    // 2, 3
                            + video(3000, kSlice) + more_video()       // 4, 5
                            + head + video(6000, "\0\0\x01\x09\xf0"s)  // 6, 7, 8: AUD only
                            + audio(6000)                              // 9
                            + packet(kVideoPid, false, kSps + kIdr)    // 10: the IDR
                            + head + audio(9000)                       // 11, 12, 13
                            + video(9000, "no start code", true);      // 14: flagged
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{188}, std::size_t{300}}) {
    const RecordingSink sink = cut(bytes, size);
    EXPECT_EQ(group_packets(sink), (std::vector<std::size_t>{2, 6, 14})) << size;
    EXPECT_EQ(sink.epochs.size(), 1u);
  }
}

TEST(MpegTsCutter, HevcGroupsBeginAtIrapPictures) {
  const std::string sps =
      "\0\0\x01\x42\x01\x01\x01\x60\0\0\x03\0\x90\0\0\x03\0\0\x03\0\x3f\xa0\0\0\0\0\0\0\0\0"s;
  const RecordingSink sink =
      cut(tables({{kHevc, kVideoPid}}) + video(0, sps + "\0\0\x01\x26\x01x"s) +
          video(3000, "\0\0\x01\x02\x01x"s) + video(6000, "\0\0\x01\x2a\x01x"s));
  EXPECT_EQ(sink.epochs[0].mime, "video/mp2t; codecs=\"hvc1.1.6.L63.90\"");
  EXPECT_EQ(group_packets(sink), (std::vector<std::size_t>{2, 4}));
}

TEST(MpegTsCutter, AChangedPmtStartsAnEpochForJoiners) {
  const Streams only_video = {{kH264, kVideoPid}};
  const std::string bytes = tables(only_video) + video(0, kSps + kIdr) + tables(only_video) +
                            video(3000, kSlice) + tables(kAv) + video(6000, kSps + kIdr) +
                            audio(6000);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{188}}) {
    const RecordingSink sink = cut(bytes, size);
    ASSERT_EQ(sink.epochs.size(), 2u);
    EXPECT_EQ(sink.epochs[1].mime, "video/mp2t; codecs=\"avc1.42C01F,mp4a.40.2\"");
    const auto joiners = std::ranges::find_if(
        sink.parts, [](const RecordedPart& part) { return part.facts.joiners_only; });
    ASSERT_NE(joiners, sink.parts.end());
    EXPECT_EQ(as_text(joiners->payload), tables(kAv));
    EXPECT_EQ(sink.group_starts().size(), 2u);
  }
}

TEST(MpegTsCutter, SectionsMaySpanPackets) {
  Streams many;
  for (int i = 0; i < 50; ++i) many.emplace_back('\x05', 0x200 + i);
  const std::string whole = "\0"s + pmt_section(many);
  const std::string bytes = pat() + packet(kPmtPid, true, whole.substr(0, 184)) +
                            packet(kPmtPid, false, whole.substr(184)) + more_video();
  CutterOptions options;
  options.limits.tracks = 64;
  RecordingSink sink;
  const auto cutter = make_mpegts_cutter(options, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(bytes)));
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.epochs[0].tracks.size(), 50u);
  EXPECT_EQ(sink.parts[0].payload.size(), 3u * 188);
}

TEST(MpegTsCutter, OfManyStreamsPicturesAndSoundAreNamed) {
  Streams many;
  for (int i = 0; i < 20; ++i) many.emplace_back('\x06', 0x200 + i);  // subtitles, say
  many.emplace_back(kH264, kVideoPid);
  many.emplace_back(kAac, kAudioPid);
  RecordingSink sink;
  const auto cutter = make_mpegts_cutter({}, sink);
  std::string bytes = tables(many);
  for (std::uint64_t pts = 0; pts < 180'000; pts += 9000) bytes += video(pts, kSps + kIdr);
  ASSERT_TRUE(cutter->feed(as_bytes(bytes)));
  ASSERT_EQ(sink.epochs.size(), 1u);
  ASSERT_EQ(sink.epochs[0].tracks.size(), Limits{}.tracks);
  EXPECT_EQ(sink.epochs[0].tracks[0].kind, TrackKind::video);
  EXPECT_EQ(sink.epochs[0].tracks[1].kind, TrackKind::audio);
  EXPECT_GT(sink.group_starts().size(), 0u);
}

TEST(MpegTsCutter, TimesGoOnOverTheWrap) {
  const std::uint64_t wrap = std::uint64_t{1} << 33;
  const RecordingSink sink = cut(tables({{kH264, kVideoPid}}) + video(wrap - 90'000, kSps + kIdr) +
                                 video(90'000, kSps + kIdr));
  const auto starts = sink.group_starts();
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(sink.parts[starts[1].part].facts.pts_us - sink.parts[starts[0].part].facts.pts_us,
            2'000'000);
}

TEST(MpegTsCutter, DoesNotWaitForEverForACodec) {
  std::string bytes = tables(kAv);
  for (std::uint64_t pts = 0; pts < 180'000; pts += 9000) bytes += video(pts, kSps + kIdr);
  RecordingSink sink;  // audio never comes
  const auto cutter = make_mpegts_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(as_bytes(bytes)));
  ASSERT_EQ(sink.epochs.size(), 1u);
  EXPECT_EQ(sink.epochs[0].mime, "video/mp2t; codecs=\"avc1.42C01F,mp4a.40.2\"");
}

struct Odd {
  std::string name;
  std::string bytes;
  std::vector<std::string> notes;
  std::size_t groups;
};

// Each packet of `bytes` with some before and behind it.
std::string in_units(const std::string& bytes, const std::string& before,
                     const std::string& behind) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 188)
    out += before + bytes.substr(at, 188) + behind;
  return out;
}

struct NotingSink : RecordingSink {
  void on_note(const CutNote& note) override { notes.push_back(note.code); }
  std::vector<std::string> notes;
};

TEST(MpegTsCutter, FindsItsPacketsAgain) {
  const std::string head = tables(kAv);
  const std::string gop = video(3000, kSps + kIdr) + audio(3000) + more_video() + more_video();
  const std::string whole = head + gop + gop + gop;
  std::string flipped = head + gop + gop + gop;
  flipped[7 * 188] = 'x';
  std::string damaged = more_video();
  damaged[3] = '\x30';
  damaged[4] = '\xb8';
  const std::vector<Odd> cases = {
      {"begins inside a packet", more_video().substr(100) + whole, {"ts-sync-lost"}, 3},
      {"begins a byte late", whole.substr(1), {"ts-sync-lost"}, 0},
      {"begins a byte late, tables again", whole.substr(1) + whole, {"ts-sync-lost"}, 6},
      {"bytes missing", head + gop + gop.substr(0, 500) + gop + gop, {"ts-sync-lost"}, 3},
      {"bytes too many", head + gop + std::string(300, 'x') + gop + gop, {"ts-sync-lost"}, 3},
      {"a sync byte flipped", flipped, {"ts-sync-lost"}, 3},
      {"adaptation field", head + gop + damaged + gop, {"ts-packet-damaged"}, 2},
      {"m2ts", in_units(whole, "\x01\x02\x03\x04", ""), {}, 3},
      {"204 bytes", in_units(whole, "", std::string(16, '\x05')), {}, 3},
      {"m2ts, begun inside",
       in_units(whole + whole, "\x01\x02\x03\x04", "").substr(77),
       {"ts-sync-lost"},
       6},
  };
  for (const Odd& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{700}, std::size_t{1}}) {
      NotingSink sink;
      const auto cutter = make_mpegts_cutter({}, sink);
      auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      if (fed) fed = cutter->finish();
      if (c.groups == 0) {
        EXPECT_FALSE(fed) << c.name << ": no tables are left";
        continue;
      }
      EXPECT_TRUE(fed) << c.name << ": " << fed.error().what << " at " << fed.error().offset;
      EXPECT_EQ(as_text(sink.joined()), c.bytes) << c.name << ": not byte-exact";
      const bool told_by_cut = c.name == "204 bytes" && size == 1;  // its first packet stands alone
      if (!told_by_cut) {
        EXPECT_EQ(sink.notes, c.notes) << c.name << " in pieces of " << size;
      }
      EXPECT_EQ(sink.group_starts().size(), c.groups) << c.name << " in pieces of " << size;
    }
  }
}

struct BadCase {
  std::string name;
  std::string bytes;
  Errc code;
  std::uint64_t offset;
};

TEST(MpegTsCutter, RefusesWhatIsBroken) {
  const std::string start = tables(kAv) + video(0, kSps + kIdr) + audio(0);
  std::string far;
  for (int i = 0; i < 400; ++i) far += more_video();
  const std::vector<BadCase> cases = {
      {"no sync byte", "x", Errc::malformed_media, 0},
      {"sync byte lost", start + "x", Errc::malformed_media, start.size()},
      {"never in sync again", start + std::string(70'000, 'x'), Errc::malformed_media,
       start.size()},
      {"never in sync", std::string(70'000, 'x'), Errc::malformed_media, 0},
      {"no tables", far, Errc::limit_exceeded, 0},
      {"end inside a packet", start + "G", Errc::malformed_media, start.size()},
      {"end before the PMT", pat(), Errc::malformed_media, 0},
  };
  for (const BadCase& c : cases) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
      CutterOptions options;
      options.limits.init_bytes = 64u << 10;
      RecordingSink sink;
      const auto cutter = make_mpegts_cutter(options, sink);
      auto fed = feed_in(*cutter, as_bytes(c.bytes), size);
      if (fed) fed = cutter->finish();
      ASSERT_FALSE(fed) << c.name;
      EXPECT_EQ(fed.error().code, c.code) << c.name << ": " << fed.error().what;
      EXPECT_EQ(fed.error().offset, c.offset) << c.name << ": " << fed.error().what;
    }
  }
}

}  // namespace
}  // namespace framewire::test
