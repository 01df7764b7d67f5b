// The times of a publisher's packets, made one timeline: in each track the decoding times rise, the
// distances of pictures and sounds stay as they were sent, and nothing jumps, whatever the clock
// did.
//
// clang-format off
//   what came                                    | what is made of it
//   a clock that wraps (2^33 / 90 kHz, 2^31 ms)  | goes on, exact
//   a lone time that is hours off, or back       | placed half-way between its neighbours; without
//                                                | decoding times, in the place that is left free
//   times from 0 again, a step of hours          | a jump: what comes goes on where all tracks ended
//   a hole of up to kLongestHoleUs               | stays as long as it was
//   times that stand still                       | steps of the packets' duration
//   tracks whose clocks differ                   | begin together
//   no decoding times (Matroska)                 | made from the order of the pictures' times
//   decoding times behind the pictures' times    | put before them
//   below 0, or above kLatestStartUs, at first   | begins at 1 s
// clang-format on
//
// A packet whose time fits is placed at once. One that does not waits for the next ones of its
// track, for one alone is a slip and several are a jump; and for those of the other tracks, so that
// sound and pictures keep their distance over it. At most kMostWaiting packets of a track wait, or
// those of kLongestWaitUs; of pictures that show a free place, those of a second.
//
// Times: microseconds. Values in, values out: no clock, no thread. Nothing is an error.
// Sources: ISO/IEC 13818-1, 2.4.3.7 (PTS and DTS, 33 bits); FLV 10.1, annex E.4.1 (32 bits,
// signed); RFC 9559, section 10 (Matroska has no decoding times); H.264, annex C.4 (their order).
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "ingest/times/decode_order.h"

namespace framewire {

struct Stamp {
  std::optional<std::int64_t> dts_us;  // none: see TrackClock::reorder
  std::optional<std::int64_t> pts_us;  // none: as the decoding time
  std::int64_t duration_us = 0;        // 0 = not known
};

struct Placed {
  std::size_t track = 0;  // of its packets that wait, the oldest
  std::int64_t dts_us = 0;
  std::int64_t pts_us = 0;
  bool jump = false;  // the publisher's clock jumped just before it
};

struct TrackClock {
  bool pictures = false;
  // So many pictures may be decoded before one that is shown earlier. It counts where decoding
  // times do not come.
  int reorder = 0;
  std::int64_t step_us = 0;  // of a packet, if something tells; 0 = not known
  // So much before it is shown, at least, the first picture has to be decoded, that later ones be
  // not shown before they are; its own decoding time may say less.
  std::int64_t lead_us = 0;
};

// Periods after which a container's clock begins again; 0 = none.
struct ClockWraps {
  std::array<std::int64_t, 2> periods_us{};
};
inline constexpr ClockWraps kNoWraps{};
inline constexpr ClockWraps kMpegTsWraps{{(std::int64_t{1} << 33) * 100 / 9, 0}};
inline constexpr ClockWraps kFlvWraps{
    {(std::int64_t{1} << 31) * 1000, (std::int64_t{1} << 32) * 1000}};

class Timeline {
 public:
  // At least between two packets of a track.
  static constexpr std::int64_t kLeastStepUs = 600;
  static constexpr std::int64_t kLongestHoleUs = 30 * 60 * std::int64_t{1'000'000};
  static constexpr std::int64_t kLatestStartUs = 12 * 3600 * std::int64_t{1'000'000};
  static constexpr std::size_t kMostWaiting = 64;
  static constexpr std::int64_t kLongestWaitUs = 500'000;

  using Take = std::function<void(const Placed&)>;

  explicit Timeline(const ClockWraps& wraps) : wraps_(wraps) {}

  std::size_t add_track(const TrackClock& clock);
  // Known better than when the track was added.
  void set_clock(std::size_t track, const TrackClock& clock) { tracks_[track].clock = clock; }
  // take: for each packet that has its place now, in the order of its track.
  void put(std::size_t track, const Stamp& stamp, const Take& take);
  // Those that wait have waited long enough.
  void flush(const Take& take);

  std::size_t waiting(std::size_t track) const { return tracks_[track].waiting.size(); }

 private:
  struct Track {
    TrackClock clock;
    DecodeOrder order;
    bool began = false;
    std::int64_t shift_us = 0;  // the timeline's time less the publisher's
    std::int64_t last_us = 0;   // newest placed, in order of decoding
    std::int64_t latest_us =
        0;                     // of those placed: without decoding times pictures are not in order
    std::int64_t step_us = 0;  // of the newest packet
    std::int64_t last_dts_us = INT64_MIN / 2;
    std::int64_t came_us = 0;  // what the newest one came with
    std::size_t placed = 0;
    std::int64_t lag_us = 0;  // how much later than its picture a decoding time came
    std::int64_t composition_us = 0;
    bool still = false;  // the clock does not move
    int moves = 0;       // all the same, one after the other
    std::deque<Stamp> waiting;
    std::size_t odd = 0;  // so many in front have no time; those behind show what is left free
    std::vector<std::int64_t> shown_us;  // without decoding times: of the newest ones placed
    bool leaps = false;                  // those that wait agree with one another
    bool jump = false;                   // the next one is the first after a jump
  };

  static std::int64_t time_of(const Stamp& stamp);
  std::int64_t step_of(const Track& track, const Stamp& stamp) const;
  std::int64_t due_us(const Track& track) const { return track.latest_us + track.step_us; }
  static bool is_reordered(const Track& track, const Stamp& stamp) {
    return !stamp.dts_us && track.clock.reorder > 0;
  }
  std::int64_t least_us(const Track& track, const Stamp& stamp) const;
  std::int64_t now_us() const;
  Stamp sane(const Track& track, Stamp stamp) const;
  bool fits(const Track& track, const Stamp& stamp, std::int64_t shift_us, std::int64_t hole) const;
  std::optional<std::int64_t> known_shift(const Track& track, const Stamp& stamp) const;
  void begin(std::size_t index, const Stamp& stamp, const Take& take);
  void wait(std::size_t index, const Stamp& stamp, const Take& take);
  bool agree(const Track& track, const Stamp& before, const Stamp& after) const;
  bool slipped(std::size_t index, const Stamp& stamp, const Take& take);
  void settle(std::size_t index, const Stamp& stamp, const Take& take);
  void fill(std::size_t index, bool now, const Take& take);
  bool all_leap() const;
  void leap(const Take& take);
  void step_on(std::size_t index, const Take& take);
  void place(std::size_t index, const Stamp& stamp, std::int64_t at_us, const Take& take);

  const ClockWraps wraps_;
  std::vector<Track> tracks_;
};

}  // namespace framewire
