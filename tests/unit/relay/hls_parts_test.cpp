// Where HLS partial segments begin, and how long they are.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/relay/hls_source.h"

namespace framewire::relay::hls {
namespace {

struct PartCase {
  std::string name;
  double fps;
  bool sound;
  std::int64_t target_ms;
};
const std::vector<PartCase> kPartCases = {
    {"pictures lead", 30, true, 223},
    {"pictures alone", 30, false, 223},
    {"sound makes small steps", 15, true, 200},
    {"60 a second", 60, true, 200},
    {"10 a second", 10, false, 667},
    {"3 a second", 3, false, 1050},
    {"slow pictures with sound", 5, true, 200},
};

TEST(HlsParts, PartsAreWithinTheirTarget) {
  for (const PartCase& c : kPartCases) {
    Segmenter segmenter{{}, kFirst};
    Source source;
    source.fps = c.fps;
    source.sound = c.sound;
    source.begin(segmenter);
    source.feed(segmenter, 20'000 * kMs);
    const std::int64_t target = segmenter.part_target_us();
    EXPECT_NEAR(static_cast<double>(target) / 1000, static_cast<double>(c.target_ms), 2) << c.name;
    for (const Segment& segment : segmenter.segments()) {
      if (!segmenter.complete(segment)) continue;
      EXPECT_NEAR(static_cast<double>(sum_of_parts(segment)),
                  static_cast<double>(segment.duration_us), 25'000)
          << c.name;
      for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        EXPECT_LE(segment.parts[i].duration_us, target) << c.name << " part " << i;
        if (i + 1 < segment.parts.size()) {
          EXPECT_GE(segment.parts[i].duration_us, target * 85 / 100) << c.name << " part " << i;
        }
      }
      EXPECT_TRUE(segment.parts.front().independent) << c.name;
    }
  }
}

// By its decode time as its first box with samples has it, as shaka-player reads it.
std::int64_t first_time_us(const PartialSegment& part) {
  const std::string bytes{as_text(*part.bytes)};
  const std::size_t tfdt = bytes.find("tfdt");
  return load_be<std::int64_t>(as_bytes(bytes), tfdt + 8);
}

struct LeadCase {
  std::string name;
  std::vector<std::int64_t> steps_us;  // from picture to picture, over and over
  std::int64_t late_us;                // sound comes so much later than pictures of its time
};
const std::vector<LeadCase> kLeadCases = {
    {"a steady camera", {40'000}, 0},
    {"milliseconds", {33'000, 33'000, 34'000}, 0},
    {"a camera that trembles", {31'000, 45'000, 38'000, 26'000, 49'000, 33'000, 40'000, 44'000}, 0},
    {"sound that comes late", {40'000}, 70'000},
    {"sound that comes early", {40'000}, -70'000},
};

TEST(HlsParts, PartsBeginWhereTheSumOfDurationsSays) {
  for (const LeadCase& c : kLeadCases) {
    Segmenter segmenter{{}, kFirst};
    ASSERT_TRUE(segmenter.begin_epoch(mp4_info(), as_bytes(mp4_init(true, true))));
    std::int64_t sound_us = 0;
    for (std::int64_t i = 0, us = 0; us < 12'000 * kMs; ++i) {
      const std::int64_t step = c.steps_us[static_cast<std::size_t>(i) % c.steps_us.size()];
      // The last step is what a live muxer knows of how long a picture stays.
      const auto shown =
          c.steps_us[static_cast<std::size_t>(i + c.steps_us.size() - 1) % c.steps_us.size()];
      ASSERT_TRUE(segmenter.feed(
          as_bytes(mp4_sample(kPicture, us, static_cast<std::uint32_t>(shown), i % 48 == 0)), 0));
      us += step;
      for (; sound_us + c.late_us < us; sound_us += 21'333)
        ASSERT_TRUE(segmenter.feed(as_bytes(mp4_sample(kSound, sound_us, 21'333, true)), 0));
    }
    std::size_t seen = 0;
    std::int64_t due_us = segmenter.segments().front().start_us;
    for (const Segment& segment : segmenter.segments()) {
      EXPECT_EQ(due_us, segment.start_us) << c.name;  // each begins a group
      for (std::size_t i = 0; i < segment.parts.size(); ++i) {
        const PartialSegment& part = segment.parts[i];
        const std::int64_t late = due_us - first_time_us(part);
        EXPECT_GE(late, i == 0 ? 0 : 400) << c.name << ", part " << seen;
        EXPECT_LE(late, i == 0 ? 0 : 1'000) << c.name << ", part " << seen;
        EXPECT_LE(part.duration_us, segmenter.part_target_us()) << c.name << ", part " << seen;
        due_us += part.duration_us;
        ++seen;
      }
    }
    EXPECT_GT(seen, 30u) << c.name;
  }
}

TEST(HlsParts, PicturesThatStandStillHoldNoSoundBack) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.begin(segmenter);
  source.feed(segmenter, 3'500 * kMs);
  std::size_t before = 0;
  for (const Segment& segment : segmenter.segments()) before += segment.parts.size();
  for (int i = 0; i < 100; ++i) {
    source.next_sound_us += 21'333;
    ASSERT_TRUE(
        segmenter.feed(as_bytes(mp4_sample(kSound, source.next_sound_us, 21'333, true)), 0));
  }
  std::size_t after = 0;
  for (const Segment& segment : segmenter.segments()) after += segment.parts.size();
  EXPECT_GE(after, before + 8);
}

TEST(HlsParts, APartIsThereBeforeTheNextFragmentIs) {
  Segmenter segmenter{{}, kFirst};
  Source source;
  source.sound = false;
  source.begin(segmenter);
  source.feed(segmenter, 1'000 * kMs);
  EXPECT_EQ(segmenter.next_part(), 0u);
  source.feed(segmenter, 200 * kMs);  // 6 pictures; a seventh would be too much
  EXPECT_EQ(segmenter.next_msn(), kFirst + 1);
  EXPECT_EQ(segmenter.next_part(), 1u);
}

// Sound whose clock stands never gets ahead of the pictures.
TEST(HlsParts, SoundAloneIsBounded) {
  Rules rules;
  rules.bytes = 1u << 20;
  Segmenter segmenter{rules, kFirst};
  Source source;
  source.begin(segmenter);
  source.feed(segmenter, 3'500 * kMs);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(segmenter.feed(
        as_bytes(mp4_sample(kSound, source.next_sound_us, 21'333, true, 20'000)), 0));
    ASSERT_LE(segmenter.bytes(), rules.bytes + 21'000) << i;
  }
}

}  // namespace
}  // namespace framewire::relay::hls
