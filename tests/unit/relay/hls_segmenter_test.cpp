// Where HLS segments and partial segments begin and end, and what of them is kept.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/relay/hls_source.h"

namespace framewire::relay::hls {
namespace {

std::string bytes_of(const Segment& segment) {
  std::string out;
  for (const PartialSegment& part : segment.parts) out += as_text(*part.bytes);
  return out;
}
// Sound may go behind the picture it came before.
std::multiset<std::string> boxes_of(const std::string& fragments) {
  std::multiset<std::string> out;
  for (std::size_t at = 0; at < fragments.size();) {
    std::size_t end = at;
    for (int boxes = 0; boxes < 2; ++boxes)  // moof and mdat
      end += load_be<std::uint32_t>(as_bytes(fragments), end);
    out.insert(fragments.substr(at, end - at));
    at = end;
  }
  return out;
}
TEST(HlsSegmenter, EverythingFedIsInTheSegmentsOnce) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.begin(segmenter);
  EXPECT_FALSE(segmenter.ready());
  source.feed(segmenter, 9'500 * kMs);
  EXPECT_TRUE(segmenter.ready());
  segmenter.end();
  std::string all;
  for (const Segment& segment : segmenter.segments()) all += bytes_of(segment);
  EXPECT_EQ(boxes_of(all), boxes_of(source.fed));
  // The first segment is one group, for somebody waits for it.
  std::vector<std::int64_t> durations;
  for (const Segment& segment : segmenter.segments())
    durations.push_back((segment.duration_us + 500) / 1000);
  EXPECT_EQ(durations, (std::vector<std::int64_t>{1000, 2000, 2000, 2000, 2000, 500}));
  EXPECT_EQ(segmenter.next_msn(), kFirst + 6);
}

TEST(HlsSegmenter, FragmentsOfAWholeGroupAreCutAlike) {
  Segmenter segmenter{{}, kFirst};
  ASSERT_TRUE(segmenter.begin_epoch(mp4_info(), as_bytes(mp4_init(true, false))));
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(segmenter.feed(as_bytes(mp4_sample(kPicture, i * 1'000'000, 1'000'000, true)), 0));
  std::vector<std::int64_t> durations;
  for (const Segment& segment : segmenter.segments())
    if (segmenter.complete(segment)) durations.push_back(segment.duration_us / 1000);
  EXPECT_EQ(durations, (std::vector<std::int64_t>{1000, 2000, 2000, 2000, 2000}));
  EXPECT_NEAR(static_cast<double>(segmenter.part_target_us()), 1'050'000, 1000);
}

TEST(HlsSegmenter, AGroupTooLongForTheTargetIsCutInTheMiddle) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.group_us = 10'000 * kMs;
  source.begin(segmenter);
  source.feed(segmenter, 21'000 * kMs);
  std::vector<std::pair<std::int64_t, bool>> got;  // tenths of a second, begins with a keyframe
  for (const Segment& s : segmenter.segments()) {
    if (!segmenter.complete(s)) continue;
    EXPECT_LE(s.duration_us, segmenter.target_duration_us());
    got.emplace_back((s.duration_us + 50 * kMs) / (100 * kMs), s.parts.front().independent);
  }
  EXPECT_EQ(got, (std::vector<std::pair<std::int64_t, bool>>{
                     {40, true}, {40, false}, {21, false}, {40, true}, {40, false}, {21, false}}));
}

TEST(HlsSegmenter, TheWindowIsListedAndAsMuchIsKept) {
  Rules rules;
  rules.window_us = 14'000 * kMs;
  Segmenter segmenter{rules, kFirst};
  Source source;
  source.begin(segmenter);
  source.feed(segmenter, 100'000 * kMs);
  std::int64_t listed = 0;
  std::int64_t kept = 0;
  for (const Segment& s : segmenter.segments())
    (s.msn < segmenter.first_listed() ? kept : listed) += s.duration_us;
  EXPECT_EQ(listed / 1'000'000, 14);
  EXPECT_GE(kept, 14'000 * kMs);
  EXPECT_LE(kept, 20'000 * kMs);
  EXPECT_EQ(segmenter.find(kFirst), nullptr);
  EXPECT_NE(segmenter.find(segmenter.first_listed() - 1), nullptr);
  EXPECT_EQ(segmenter.find(segmenter.next_msn()), nullptr);
}

TEST(HlsSegmenter, AShortLastSegmentTakesNoneOffTheList) {
  for (const std::int64_t seconds : {5, 31, 45, 100}) {
    Segmenter segmenter{{}, kFirst};
    Source source;
    source.begin(segmenter);
    source.feed(segmenter, seconds * 1'000 * kMs);
    const std::uint64_t listed = segmenter.first_listed();
    segmenter.end();
    EXPECT_TRUE(segmenter.ready()) << seconds;
    EXPECT_LE(segmenter.first_listed(), listed + 1) << seconds;
  }
}

TEST(HlsSegmenter, MemoryIsBounded) {
  Rules rules;
  rules.bytes = 1u << 20;
  Segmenter segmenter{rules, kFirst};
  Source source;
  source.picture_bytes = 20'000;
  source.begin(segmenter);
  for (int i = 0; i < 200; ++i) {
    source.feed(segmenter, 250 * kMs);
    ASSERT_LE(segmenter.bytes(), rules.bytes + 21'000);
  }
  EXPECT_TRUE(segmenter.ready());
  source.picture_bytes = 300'000;  // a segment alone would be more
  source.feed(segmenter, 4'000 * kMs);
  EXPECT_LE(segmenter.bytes(), rules.bytes + 301'000);
}

TEST(HlsSegmenter, AnEpochIsADiscontinuityWithAnInitOfItsOwn) {
  Segmenter segmenter{{}, kFirst};
  Source first;
  first.begin(segmenter);
  first.feed(segmenter, 3'200 * kMs);
  Source second;
  second.jump(77'000'000);
  second.begin(segmenter);
  second.feed(segmenter, 5'000 * kMs);
  std::vector<std::pair<bool, std::uint64_t>> got;
  for (const Segment& s : segmenter.segments())
    got.emplace_back(s.discontinuity, s.discontinuity_sequence);
  EXPECT_EQ(got, (std::vector<std::pair<bool, std::uint64_t>>{
                     {false, 0}, {false, 0}, {false, 0}, {true, 1}, {false, 1}, {false, 1}}));
  const auto& segments = segmenter.segments();
  EXPECT_NE(segments[2].init, segments[3].init);
  EXPECT_NE(segments[2].init->number, segments[3].init->number);
  EXPECT_EQ(segmenter.find_init(segments[0].init->number), segments[0].init);
  EXPECT_EQ(segmenter.find_init(99), nullptr);
  EXPECT_NEAR(static_cast<double>(segments[2].duration_us), 200'000, 25'000);
  EXPECT_EQ(boxes_of(bytes_of(segments[0]) + bytes_of(segments[1]) + bytes_of(segments[2])),
            boxes_of(first.fed));
}

TEST(HlsSegmenter, AHoleInTheTimesIsADiscontinuity) {
  for (const std::int64_t jump : {20'000 * kMs, -2'500 * kMs}) {
    Segmenter segmenter{{}, kFirst};
    Source source;
    source.begin(segmenter);
    source.feed(segmenter, 3'500 * kMs);
    source.jump(jump);
    source.feed(segmenter, 3'000 * kMs);
    segmenter.end();
    int discontinuities = 0;
    for (const Segment& s : segmenter.segments()) {
      discontinuities += s.discontinuity;
      EXPECT_LE(s.duration_us, segmenter.target_duration_us());
    }
    EXPECT_EQ(discontinuities, 1) << jump;
  }
}

TEST(HlsSegmenter, AfterAGapItGoesOnWithAGroup) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.begin(segmenter);
  source.feed(segmenter, 2'500 * kMs);
  segmenter.gap();
  const std::uint64_t next = segmenter.next_msn();
  source.feed(segmenter, 2'000 * kMs);
  const auto& segments = segmenter.segments();
  const Segment& after = segments[next - segments.front().msn];
  EXPECT_TRUE(after.discontinuity);
  EXPECT_TRUE(after.parts.front().independent);
  segmenter.date_segments();
  EXPECT_EQ(after.wall_us, 5'000'000'000 + 3'000'000);  // the group at 3 s
}

// What a clock that runs with the pictures says at each, later by so much.
struct DateCase {
  std::string name;
  std::vector<std::int64_t> late_ms;  // of each second's fragments, the last one for all after
  std::int64_t least_ms, most_ms;     // how far the dates are from the pictures' own
};
const std::vector<DateCase> kDateCases = {
    {"in time", {0}, 0, 0},
    {"a group that was there before", {8'000, 7'000, 5'000, 0}, 0, 0},
    {"a network that stumbles", {0, 900, 0, 300, 0}, 0, 0},
    {"always as late", {400}, 400, 400},
    {"later and later, as a clock that drifts",
     {0,  4,  8,  12, 16, 20,  24,  28,  32,  36,  40,  44,  48,  52,  56,  60,  64,  68,  72, 76,
      80, 84, 88, 92, 96, 100, 104, 108, 112, 116, 120, 124, 128, 132, 136, 140, 144, 148, 152},
     0,
     152},
};

TEST(HlsSegmenter, DatesAreWhenThePicturesWereReceived) {
  for (const DateCase& c : kDateCases) {
    Segmenter segmenter{{}, kFirst};
    ASSERT_TRUE(segmenter.begin_epoch(mp4_info(), as_bytes(mp4_init(true, false))));
    std::map<std::uint64_t, std::int64_t> told;
    constexpr std::int64_t kWall = 5'000'000'000;
    for (std::int64_t i = 0; i < 25 * 40; ++i) {
      const std::int64_t us = i * 40'000;
      const auto second = std::min(static_cast<std::size_t>(i / 25), c.late_ms.size() - 1);
      ASSERT_TRUE(segmenter.feed(as_bytes(mp4_sample(kPicture, us, 40'000, i % 25 == 0)),
                                 kWall + us + c.late_ms[second] * kMs));
      if (i < 25 * 4) continue;  // the first playlist is told then
      segmenter.date_segments();
      for (const Segment& s : segmenter.segments()) {
        const auto [at, first] = told.emplace(s.msn, s.wall_us);
        EXPECT_EQ(at->second, s.wall_us) << c.name << ": a date stays";
        if (!first) continue;
        EXPECT_GE(s.wall_us - kWall - s.start_us, c.least_ms * kMs) << c.name << " " << s.msn;
        EXPECT_LE(s.wall_us - kWall - s.start_us, c.most_ms * kMs) << c.name << " " << s.msn;
      }
    }
    const Segment& last = segmenter.segments().back();
    // 15 to 30 s behind a clock that loses 4 ms a second.
    EXPECT_GE(last.wall_us - kWall - last.start_us,
              std::max<std::int64_t>(c.late_ms.back() - 120, 0) * kMs)
        << c.name;
  }
}

struct HintCase {
  std::string name;
  double fps;
  std::int64_t group_us;
  bool sound;
};

TEST(HlsSegmenter, WhatIsSaidToComeNextComes) {
  for (const HintCase& c :
       {HintCase{"two seconds", 30, 2'000 * kMs, false},
        HintCase{"two seconds with sound", 30, 2'000 * kMs, true},
        HintCase{"one second", 25, 1'000 * kMs, false},
        HintCase{"one second with sound", 25, 1'000 * kMs, true},
        HintCase{"longer than a segment may be", 30, 10'000 * kMs, false},
        HintCase{"few pictures", 5, 2'000 * kMs, false},
        HintCase{"milliseconds as Matroska has them", 24, 2'000 * kMs, false}}) {
    Segmenter segmenter{{}, kFirst};
    Source source;
    source.fps = c.fps;
    source.group_us = c.group_us;
    source.sound = c.sound;
    source.begin(segmenter);
    source.feed(segmenter, 12'000 * kMs);
    std::vector<Segmenter::Place> said;
    int wrong = 0;
    for (int i = 0; i < 2'000; ++i) {
      const Segmenter::Place next = segmenter.next_place();
      if (said.empty() || !(said.back() == next)) said.push_back(next);
      source.feed(segmenter, 10 * kMs);
    }
    said.pop_back();
    for (const Segmenter::Place& place : said)
      if (!segmenter.find_part(place.msn, place.part)) ++wrong;
    EXPECT_EQ(wrong, 0) << c.name;
    EXPECT_GT(said.size(), 5u) << c.name;
  }
}

TEST(HlsSegmenter, AStreamThatBeginsAgainListsOnlyTheNewOne) {
  Segmenter segmenter{{}, kFirst};
  Source first;
  first.begin(segmenter);
  first.feed(segmenter, 3'000 * kMs);
  segmenter.end();
  EXPECT_TRUE(segmenter.ended());
  EXPECT_TRUE(segmenter.ready());
  const std::uint64_t next = segmenter.next_msn();
  Source second;
  second.begin(segmenter);
  EXPECT_FALSE(segmenter.ended());
  EXPECT_FALSE(segmenter.ready());
  second.feed(segmenter, 3'000 * kMs);
  EXPECT_TRUE(segmenter.ready());
  EXPECT_EQ(segmenter.first_listed(), next);
  EXPECT_NE(segmenter.find(next - 1), nullptr) << "who plays the old one may finish";
}

TEST(HlsSegmenter, SoundThatEndsOrBeginsChangesNothing) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.begin(segmenter);
  source.feed(segmenter, 5'000 * kMs);
  source.next_sound_us = 1'000'000'000;  // the sound ends
  source.feed(segmenter, 10'000 * kMs);
  for (const Segment& s : segmenter.segments()) {
    EXPECT_FALSE(s.discontinuity);
    if (segmenter.complete(s)) {
      EXPECT_LE(s.duration_us, 2'100 * kMs);
    }
  }
}

TEST(HlsSegmenter, WhatIsBrokenIsAnErrorAndEndsTheEpoch) {
  const std::vector<std::string> broken = {mp4_box("moof", "x"), "x",
                                           mp4_sample(kPicture, -5, 1, true),
                                           mp4_sample(kPicture, std::int64_t{1} << 62, 1, true)};
  for (const std::string& bytes : broken) {
    Segmenter segmenter{{}, kFirst};
    Source source;
    source.begin(segmenter);
    source.feed(segmenter, 2'500 * kMs);
    EXPECT_FALSE(segmenter.feed(as_bytes(bytes), 0));
    const std::uint64_t next = segmenter.next_msn();
    source.feed(segmenter, 2'500 * kMs);
    EXPECT_EQ(segmenter.next_msn(), next) << "nothing is taken any more";
    source.begin(segmenter);
    source.feed(segmenter, 3'000 * kMs);
    EXPECT_GT(segmenter.next_msn(), next);
  }
  Segmenter segmenter{{}, kFirst};
  EXPECT_FALSE(segmenter.begin_epoch(mp4_info(), as_bytes("no mp4")));
  EXPECT_TRUE(segmenter.feed(as_bytes(mp4_sample(kPicture, 0, 1, true)), 0));
  EXPECT_TRUE(segmenter.segments().empty());
}

}  // namespace
}  // namespace framewire::relay::hls
