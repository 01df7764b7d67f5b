// What a publisher's clock did, and the timeline that is made of it: tables of cases, and streams
// of hours and days, a few packets of each.
#include "ingest/times/timeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace framewire {
namespace {

constexpr std::int64_t kMs = 1000;
constexpr std::int64_t kSecond = 1000 * kMs;
constexpr std::int64_t kHour = 3600 * kSecond;

struct Packet {
  std::size_t track = 0;
  Stamp stamp;
  std::int64_t ideal_us = 0;  // where it belongs, from any beginning
};

struct Out {
  Placed placed;
  std::int64_t ideal_us = 0;
};

class Sent {
 public:
  Sent(const ClockWraps& wraps, const std::vector<TrackClock>& clocks) : timeline_(wraps) {
    for (const TrackClock& clock : clocks) timeline_.add_track(clock);
    ideal_.resize(clocks.size());
    out_.resize(clocks.size());
  }
  void put(const Packet& packet) {
    ideal_[packet.track].push_back(packet.ideal_us);
    timeline_.put(packet.track, packet.stamp, take_);
  }
  void flush() { timeline_.flush(take_); }
  Timeline& timeline() { return timeline_; }
  const std::vector<Out>& of(std::size_t track) const { return out_[track]; }
  std::size_t tracks() const { return out_.size(); }

  // How far the shown time of any packet is from its place, measured from the first packet of all.
  std::int64_t worst_us() const {
    const std::int64_t base = out_[0].front().placed.pts_us - out_[0].front().ideal_us;
    std::int64_t worst = 0;
    for (const auto& track : out_)
      for (const Out& one : track)
        worst = std::max(worst, std::abs(one.placed.pts_us - one.ideal_us - base));
    return worst;
  }
  int jumps() const {
    int count = 0;
    for (const auto& track : out_)
      for (const Out& one : track) count += one.placed.jump;
    return count;
  }
  // Decoding times rise; nothing is shown before it is decoded; nothing jumps.
  void check() const {
    for (const auto& track : out_)
      for (std::size_t i = 0; i < track.size(); ++i) {
        const Placed& now = track[i].placed;
        ASSERT_GE(now.pts_us, now.dts_us) << i;
        ASSERT_GE(now.dts_us, 0) << i;
        if (i == 0) continue;
        ASSERT_GE(now.dts_us - track[i - 1].placed.dts_us, Timeline::kLeastStepUs) << i;
        ASSERT_LE(now.dts_us - track[i - 1].placed.dts_us, Timeline::kLongestHoleUs + kHour) << i;
      }
  }

 private:
  Timeline timeline_;
  std::vector<std::vector<std::int64_t>> ideal_;
  std::vector<std::vector<Out>> out_;
  Timeline::Take take_ = [this](const Placed& placed) {
    auto& track = out_[placed.track];
    track.push_back({placed, ideal_[placed.track][track.size()]});
  };
};

constexpr std::int64_t kPicture = 40 * kMs;
constexpr std::int64_t kSound = 21'333;

// Pictures (track 0) and sound (track 1), ordered by their places.
using Clock = std::function<std::int64_t(std::int64_t ideal_us)>;
std::vector<Packet> pictures_and_sound(std::int64_t length_us, const Clock& pictures,
                                       const Clock& sound) {
  std::vector<Packet> out;
  std::int64_t p = 0, s = 0;
  while (p < length_us || s < length_us) {
    const bool picture = p <= s;
    const std::int64_t at = picture ? p : s;
    const std::int64_t time = picture ? pictures(at) : sound(at);
    out.push_back({picture ? 0u : 1u, {time, time, picture ? kPicture : kSound}, at});
    (picture ? p : s) += picture ? kPicture : kSound;
  }
  return out;
}

struct Case {
  const char* name;
  ClockWraps wraps;
  Clock pictures;
  Clock sound;
  std::int64_t error_us;  // at most
  int jumps;
};

std::int64_t wrapped(std::int64_t time, std::int64_t period) {
  return ((time % period) + period) % period;
}
constexpr std::int64_t kTs = kMpegTsWraps.periods_us[0];
constexpr std::int64_t k31 = kFlvWraps.periods_us[0];
constexpr std::int64_t k32 = kFlvWraps.periods_us[1];

const Case kCases[] = {
    {"as it should be", kNoWraps, [](auto t) { return t + 1421 * kMs; },
     [](auto t) { return t + 1421 * kMs; }, 0, 0},
    {"wall clock", kNoWraps, [](auto t) { return t + 1'700'000'000 * kSecond; },
     [](auto t) { return t + 1'700'000'000 * kSecond; }, 0, 0},
    {"negative", kNoWraps, [](auto t) { return t - 900 * kMs; },
     [](auto t) { return t - 900 * kMs; }, 0, 0},
    {"TS wraps after 2 s", kMpegTsWraps, [](auto t) { return wrapped(t - 2 * kSecond, kTs); },
     [](auto t) { return wrapped(t - 2 * kSecond, kTs); }, 1, 0},
    {"TS wraps between the first sound and the first picture", kMpegTsWraps,
     [](auto t) { return wrapped(t - 10 * kMs, kTs); },
     [](auto t) { return wrapped(t + 1 * kMs, kTs); }, 11'001, 0},
    {"FLV wraps at 2^31 ms", kFlvWraps, [](auto t) { return wrapped(t - 2 * kSecond, k31); },
     [](auto t) { return wrapped(t - 2 * kSecond, k31); }, 0, 0},
    {"FLV wraps at 2^32 ms", kFlvWraps, [](auto t) { return wrapped(t - 2 * kSecond, k32); },
     [](auto t) { return wrapped(t - 2 * kSecond, k32); }, 0, 0},
    {"FLV becomes negative at 2^31 ms", kFlvWraps,
     [](auto t) { return wrapped(t - 2 * kSecond + k31, k32) - k31; },
     [](auto t) { return wrapped(t - 2 * kSecond + k31, k32) - k31; }, 0, 0},
    {"from 0 again", kMpegTsWraps, [](auto t) { return t < 5 * kSecond ? t : t - 5 * kSecond; },
     [](auto t) { return t < 5 * kSecond ? t : t - 5 * kSecond; }, 50 * kMs, 2},
    {"from 0 again after 300 ms", kNoWraps,
     [](auto t) { return t < 300 * kMs ? t : t - 300 * kMs; },
     [](auto t) { return t < 300 * kMs ? t : t - 300 * kMs; }, 50 * kMs, 2},
    {"three hours ahead", kNoWraps, [](auto t) { return t < 5 * kSecond ? t : t + 3 * kHour; },
     [](auto t) { return t < 5 * kSecond ? t : t + 3 * kHour; }, 50 * kMs, 2},
    {"three hours back", kNoWraps,
     [](auto t) { return t + (t < 5 * kSecond ? 4 * kHour : 1 * kHour); },
     [](auto t) { return t + (t < 5 * kSecond ? 4 * kHour : 1 * kHour); }, 50 * kMs, 2},
    {"to wall clock", kNoWraps,
     [](auto t) { return t < 5 * kSecond ? t : t + 1'700'000'000 * kSecond; },
     [](auto t) { return t < 5 * kSecond ? t : t + 1'700'000'000 * kSecond; }, 50 * kMs, 2},
    {"one picture three hours ahead", kMpegTsWraps,
     [](auto t) { return t == 2 * kSecond ? t + 3 * kHour : t; }, [](auto t) { return t; }, 1, 0},
    {"one picture three hours back", kNoWraps,
     [](auto t) { return 5 * kHour + (t == 2 * kSecond ? t - 3 * kHour : t); },
     [](auto t) { return 5 * kHour + t; }, 1, 0},
    {"one picture a minute ahead", kNoWraps,
     [](auto t) { return t == 2 * kSecond ? t + 60 * kSecond : t; }, [](auto t) { return t; }, 1,
     0},
    {"one picture at the time of the one before", kNoWraps,
     [](auto t) { return t == 2 * kSecond ? t - kPicture : t; }, [](auto t) { return t; }, 1, 0},
    {"two pictures a day ahead", kNoWraps,
     [](auto t) { return t == 2 * kSecond || t == 3 * kSecond ? t + 24 * kHour : t; },
     [](auto t) { return t; }, 1, 0},
    {"one sound an hour back", kNoWraps, [](auto t) { return 2 * kHour + t; },
     [](auto t) { return 2 * kHour + (t == 100 * kSound ? t - kHour : t); }, 1, 0},
    {"sound has a clock of its own", kNoWraps, [](auto t) { return t; },
     [](auto t) { return t + 1'700'000'000 * kSecond; }, 40 * kMs, 0},
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Times : public testing::TestWithParam<Case> {};

TEST_P(Times, KeepTheirDistances) {
  const Case& row = GetParam();
  Sent run{row.wraps, {{true, 0, kPicture}, {}}};
  const auto packets = pictures_and_sound(10 * kSecond, row.pictures, row.sound);
  std::size_t count[2] = {0, 0};
  for (const Packet& packet : packets) {
    run.put(packet);
    ++count[packet.track];
  }
  run.flush();
  run.check();
  EXPECT_EQ(run.of(0).size(), count[0]);
  EXPECT_EQ(run.of(1).size(), count[1]);
  EXPECT_LE(run.worst_us(), row.error_us);
  EXPECT_EQ(run.jumps(), row.jumps);
}

INSTANTIATE_TEST_SUITE_P(All, Times, testing::ValuesIn(kCases), [](const auto& row) {
  std::string name = row.param.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

TEST(Timeline, KeepsATimeThatItCanKeep) {
  Sent run{kNoWraps, {{true, 0, kPicture}}};
  run.put({0, {1421 * kMs, 1501 * kMs, kPicture}, 0});
  ASSERT_EQ(run.of(0).size(), 1u);
  EXPECT_EQ(run.of(0)[0].placed.dts_us, 1421 * kMs);
  EXPECT_EQ(run.of(0)[0].placed.pts_us, 1501 * kMs);
}

TEST(Timeline, AHoleOfMinutesStays) {
  Sent run{kNoWraps, {{true, 0, kPicture}, {}}};
  const auto clock = [](std::int64_t t) { return t < 5 * kSecond ? t : t + 7 * 60 * kSecond; };
  for (Packet packet : pictures_and_sound(10 * kSecond, clock, clock)) {
    packet.ideal_us = clock(packet.ideal_us);
    run.put(packet);
  }
  run.flush();
  run.check();
  EXPECT_EQ(run.worst_us(), 0);
  EXPECT_EQ(run.jumps(), 0);
}

TEST(Timeline, WhatFitsNeverWaits) {
  Sent run{kMpegTsWraps, {{true, 0, kPicture}, {}}};
  std::size_t count = 0;
  const auto clock = [](std::int64_t t) { return wrapped(t - 2 * kSecond, kTs); };
  for (const Packet& packet : pictures_and_sound(10 * kSecond, clock, clock)) {
    run.put(packet);
    ASSERT_EQ(run.of(0).size() + run.of(1).size(), ++count);
  }
}

// A picture with B-frames around it is shown later than it is decoded.
const int kPyramid[] = {0, 4, 2, 1, 3, 8, 6, 5, 7, 12, 10, 9, 11, 16, 14, 13, 15};

TEST(Timeline, DecodingTimesAreMadeFromTheOrder) {
  for (const std::int64_t start : {0 * kMs, 21 * kMs, 500 * kMs, 1'700'000'000 * kSecond}) {
    Sent run{kNoWraps, {{true, 2, kPicture}}};
    for (const int n : kPyramid)
      run.put({0, {std::nullopt, start + n * kPicture, kPicture}, n * kPicture});
    run.check();
    ASSERT_EQ(run.of(0).size(), std::size(kPyramid));
    EXPECT_EQ(run.worst_us(), 0) << start;
    for (std::size_t i = 1; i < run.of(0).size(); ++i)
      EXPECT_EQ(run.of(0)[i].placed.dts_us - run.of(0)[i - 1].placed.dts_us, kPicture) << i;
  }
}

TEST(Timeline, BFramesWithoutDecodingTimesGoOnAfterAJump) {
  Sent run{kNoWraps, {{true, 2, kPicture}}};
  for (int round = 0; round < 3; ++round)
    for (const int n : kPyramid)
      run.put({0,
               {std::nullopt, (n + (round == 1 ? 1'000'000 : 0)) * kPicture, kPicture},
               (round * 17 + n) * kPicture});
  run.flush();
  run.check();
  EXPECT_EQ(run.worst_us(), 0);
  EXPECT_EQ(run.jumps(), 2);
}

// Without decoding times, among B-frames, whichever picture of the group it is: the place that the
// others leave free.
TEST(Timeline, ALonePictureThatIsOffTakesTheFreePlace) {
  for (const std::int64_t off : {3 * kHour, -1500 * kMs, 60 * kSecond})
    for (const std::int64_t told : {kPicture, std::int64_t{0}})
      for (std::size_t odd = 17; odd < 34; ++odd) {
        Sent run{kNoWraps, {{true, 2, told}}};
        std::size_t n = 0;
        for (int round = 0; round < 4; ++round)
          for (const int shown : kPyramid) {
            const std::int64_t ideal = (round * 17 + shown) * kPicture;
            const std::int64_t time = 5 * kSecond + ideal + (n++ == odd ? off : 0);
            run.put({0, {std::nullopt, time, told}, ideal});
          }
        run.flush();
        run.check();
        EXPECT_EQ(run.of(0).size(), 4 * std::size(kPyramid));
        EXPECT_LE(run.worst_us(), 1) << "picture " << odd << " off by " << off;
        EXPECT_EQ(run.jumps(), 0) << odd;
      }
}

TEST(Timeline, TwoPicturesThatAreOffTakeTheFreePlaces) {
  Sent run{kNoWraps, {{true, 2, kPicture}}};
  std::size_t n = 0;
  for (int round = 0; round < 4; ++round)
    for (const int shown : kPyramid) {
      const std::int64_t ideal = (round * 17 + shown) * kPicture;
      const bool odd = n == 19 || n == 36;
      run.put({0, {std::nullopt, ideal + (odd ? kHour : 0), kPicture}, ideal});
      ++n;
    }
  run.flush();
  run.check();
  EXPECT_LE(run.worst_us(), 1);
}

TEST(Timeline, DecodingTimesBehindThePicturesArePutBeforeThem) {
  Sent run{kNoWraps, {{true, 0, kPicture}}};
  std::int64_t dts = 2 * kPicture;  // by two pictures too late
  for (const int n : kPyramid) {
    run.put({0, {dts, (n + 1) * kPicture, kPicture}, n * kPicture});
    dts += kPicture;
  }
  run.check();
  const auto& out = run.of(0);
  const std::int64_t base = out.back().placed.pts_us - out.back().ideal_us;
  for (std::size_t i = 5; i < out.size(); ++i)
    EXPECT_EQ(out[i].placed.pts_us - out[i].ideal_us, base) << i;
}

// MP4 with negative offsets: they tell only in the middle how much earlier decoding has to be.
TEST(Timeline, PicturesThatAreShownEarlyAreDecodedEarlier) {
  for (const bool sound_first : {false, true}) {
    Sent run{kNoWraps, {{true, 0, kPicture, 2 * kPicture}, {}}};
    if (sound_first) run.put({1, {0, 0, kSound}, 0});
    // As coded: a keyframe, then groups of one that is shown last, one in the middle, two beside.
    std::vector<std::int64_t> shown{0};
    for (std::int64_t group = 0; group < 20; ++group)
      for (const std::int64_t one : {4, 2, 1, 3}) shown.push_back(4 * group + one);
    std::int64_t dts = 0;
    for (const std::int64_t one : shown) {
      run.put({0, {dts, one * kPicture, kPicture}, one * kPicture});
      dts += kPicture;
    }
    run.flush();
    run.check();
    EXPECT_EQ(run.worst_us(), 0) << sound_first;
  }
}

TEST(Timeline, OnlyTheShownTimeIsOff) {
  Sent run{kMpegTsWraps, {{true, 0, kPicture}}};
  for (int i = 0; i < 50; ++i) {
    const std::int64_t dts = i * kPicture;
    const std::int64_t pts = dts + 2 * kPicture;
    run.put({0, {dts, i == 20 ? pts + 3 * kHour : pts, kPicture}, dts});
  }
  run.check();
  EXPECT_EQ(run.worst_us(), 0);
}

TEST(Timeline, PacketsWithoutATimeFollow) {
  Sent run{kMpegTsWraps, {{false, 0, 0}}};
  for (int i = 0; i < 60; ++i) {
    Stamp stamp{std::nullopt, std::nullopt, kSound};
    if (i % 6 == 2) stamp.pts_us = 5 * kSecond + i * kSound;  // the first two came before any
    run.put({0, stamp, i * kSound});
  }
  run.check();
  ASSERT_EQ(run.of(0).size(), 60u);
  EXPECT_LE(run.worst_us(), 1);
}

TEST(Timeline, NoTimeEverComes) {
  Sent run{kNoWraps, {{true, 0, kPicture}}};
  for (int i = 0; i < 200; ++i) run.put({0, {}, i * kPicture});
  run.flush();
  run.check();
  ASSERT_EQ(run.of(0).size(), 200u);
  EXPECT_EQ(run.worst_us(), 0);
}

TEST(Timeline, TimesThatStandStillBecomeSteps) {
  Sent run{kNoWraps, {{true, 0, kPicture}}};
  for (int i = 0; i < 200; ++i) run.put({0, {kSecond, kSecond, kPicture}, i * kPicture});
  run.flush();
  run.check();
  EXPECT_EQ(run.of(0).size(), 200u);
  EXPECT_EQ(run.worst_us(), 0);
}

// A clock of whole seconds.
TEST(Timeline, ACoarseClockBecomesSteps) {
  Sent run{kNoWraps, {{true, 0, kPicture}}};
  for (int i = 0; i < 500; ++i) {
    const std::int64_t time = i * kPicture / kSecond * kSecond;
    run.put({0, {time, time, kPicture}, i * kPicture});
  }
  run.flush();
  run.check();
  EXPECT_EQ(run.of(0).size(), 500u);
  EXPECT_LE(run.worst_us(), 2 * kPicture);
}

// A packet every few seconds.
TEST(Timeline, MpegTsFor53Hours) {
  Sent run{kMpegTsWraps, {{true, 0, 0}, {}}};
  for (std::int64_t at = 0; at < 53 * kHour; at += 4 * kSecond)
    for (const std::size_t track : {0u, 1u}) {
      const std::int64_t ticks = (at / 100 * 9 + 12'345) % (std::int64_t{1} << 33);
      const std::int64_t time = ticks * 100 / 9;
      run.put({track, {time, time, 0}, at});
    }
  run.flush();
  run.check();
  EXPECT_EQ(run.of(0).size(), 53u * 900);
  EXPECT_LE(run.worst_us(), 12);  // a tick
  EXPECT_EQ(run.jumps(), 0);
}

TEST(Timeline, FlvFor60Days) {
  for (const int bits : {31, 32}) {
    Sent run{kFlvWraps, {{true, 0, 0}, {}}};
    for (std::int64_t at = 0; at < 60 * 24 * kHour; at += 50 * kSecond)
      for (const std::size_t track : {0u, 1u}) {
        const std::int64_t time = wrapped(at, (std::int64_t{1} << bits) * kMs);
        run.put({track, {time, time, 0}, at});
      }
    run.flush();
    run.check();
    EXPECT_EQ(run.worst_us(), 0) << bits;
    EXPECT_EQ(run.jumps(), 0) << bits;
  }
}

// Ten hours with a wrap, a restart and a slip each hour.
TEST(Timeline, TenHoursOfTrouble) {
  Sent run{kMpegTsWraps, {{true, 0, 0}, {}}};
  std::int64_t clock = kTs - kHour / 2;
  for (std::int64_t at = 0; at < 10 * kHour; at += kSecond) {
    if (at > 0 && at % kHour == 0) clock = kTs - kHour / 2;  // starts again, to wrap again
    const bool slips = at % kHour == kHour / 4;
    for (const std::size_t track : {0u, 1u}) {
      const std::int64_t time = wrapped(clock + (slips && track == 0 ? 3 * kHour : 0), kTs);
      run.put({track, {time, time, 0}, at});
    }
    clock += kSecond;
    ASSERT_LE(run.timeline().waiting(0), Timeline::kMostWaiting);
  }
  run.flush();
  run.check();
  EXPECT_EQ(run.of(0).size(), 36'000u);
  EXPECT_LE(run.worst_us(), 100 * kMs);
  EXPECT_EQ(run.jumps(), 18);
}

}  // namespace
}  // namespace framewire
