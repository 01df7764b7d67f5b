// A publisher for the tests of HLS: MP4 fragments in order of time, for a Segmenter.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "relay/hls/segmenter.h"
#include "tests/unit/relay/mp4_builder.h"

namespace framewire::relay::hls {

using namespace framewire::test;

constexpr std::int64_t kFirst = 1000;
constexpr std::int64_t kMs = 1000;

// A publisher: pictures at a rate with keyframes, and sound of 1,024 samples at 48 kHz, in order of
// time; a fragment each.
struct Source {
  double fps = 30;
  std::int64_t group_us = 1'000'000;
  bool sound = true;
  std::size_t picture_bytes = 100;
  std::int64_t start_us = 0;
  std::int64_t now_us = 0;
  std::int64_t pictures = 0;
  std::int64_t next_sound_us = 0;
  std::string fed;

  void begin(Segmenter& to) const {
    ASSERT_TRUE(to.begin_epoch(mp4_info(), as_bytes(mp4_init(true, sound))));
  }
  std::int64_t picture_us(std::int64_t number) const {
    return start_us +
           static_cast<std::int64_t>(std::lround(static_cast<double>(number) * 1e6 / fps));
  }
  void jump(std::int64_t us) {
    start_us += us;
    now_us += us;
    next_sound_us += us;
  }
  void feed(Segmenter& to, std::int64_t us) {
    const auto per_group = std::lround(static_cast<double>(group_us) * 1e-6 * fps);
    for (const std::int64_t end = now_us + us;;) {
      const std::int64_t next_picture_us = picture_us(pictures);
      const bool is_sound = sound && next_sound_us < next_picture_us;
      now_us = std::min(end, is_sound ? next_sound_us : next_picture_us);
      if (now_us == end) break;
      const auto step = static_cast<std::uint32_t>(picture_us(pictures + 1) - next_picture_us);
      const std::string bytes =
          is_sound ? mp4_sample(kSound, now_us, 21'333, true)
                   : mp4_sample(kPicture, now_us, step, pictures % per_group == 0, picture_bytes);
      ASSERT_TRUE(to.feed(as_bytes(bytes), 5'000'000'000 + now_us));
      fed += bytes;
      if (is_sound)
        next_sound_us += 21'333;
      else
        ++pictures;
    }
  }
};

inline std::int64_t sum_of_parts(const Segment& segment) {
  std::int64_t sum = 0;
  for (const PartialSegment& part : segment.parts) sum += part.duration_us;
  return sum;
}

}  // namespace framewire::relay::hls
