// How long pictures are said to last, held against what players make of it.
#include "ingest/times/picture_pace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace framewire {
namespace {

constexpr std::int64_t kMs = 1000;

struct Steps {
  std::string name;
  std::vector<std::int64_t> ms;  // one round of them
  std::int64_t most_ms;          // what a picture may be said to last
};

class PaceOf : public testing::TestWithParam<Steps> {};

// Chromium drops all up to a keyframe behind a step of more than twice what the picture before it
// lasts.
TEST_P(PaceOf, NoStepIsANewBeginning) {
  PicturePace pace;
  std::int64_t lasts_us = 0;
  for (int round = 0; round < 50; ++round)
    for (const std::int64_t ms : GetParam().ms) {
      const std::int64_t step_us = ms * kMs;
      if (lasts_us > 0) {
        EXPECT_LE(step_us, 2 * lasts_us) << "round " << round;
      }
      lasts_us = pace.duration_us(step_us);
      EXPECT_GE(lasts_us, step_us);
      EXPECT_LE(lasts_us, GetParam().most_ms * kMs);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Of, PaceOf,
    testing::Values(Steps{"steady", {33}, 33}, Steps{"a_page_at_60", {33, 17, 50, 33}, 50},
                    Steps{"a_busy_page", {33, 25, 44, 33, 13, 45, 33, 19, 46, 35}, 46},
                    Steps{"every_third", {50, 17, 17}, 50}, Steps{"slides", {1000, 1000}, 1000}),
    [](const auto& of) { return of.param.name; });

TEST(PicturePace, AStepThatWasLongOnceIsForgotten) {
  PicturePace pace;
  pace.duration_us(33 * kMs);
  EXPECT_EQ(pace.duration_us(400 * kMs), 400 * kMs);
  std::int64_t lasts_us = 0;
  for (int n = 0; n < 60; ++n) lasts_us = pace.duration_us(33 * kMs);
  EXPECT_LT(lasts_us, 45 * kMs);
}

TEST(PicturePace, AHoleIsNoPace) {
  PicturePace pace;
  pace.duration_us(33 * kMs);
  EXPECT_EQ(pace.duration_us(5000 * kMs), 5000 * kMs);
  EXPECT_EQ(pace.duration_us(33 * kMs), 33 * kMs);
}

}  // namespace
}  // namespace framewire
