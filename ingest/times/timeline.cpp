#include "ingest/times/timeline.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace framewire {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
// A time that is farther ahead than this may be a slip: the next one tells.
constexpr std::int64_t kSureUs = kSecond / 2;
// What follows a jump, or comes over a wrap, is no farther away.
constexpr std::int64_t kNearUs = 10 * kSecond;
// Before the first packet of a timeline that could not begin where the publisher's did: another
// track's may be a little earlier.
constexpr std::int64_t kRoomUs = kSecond;
constexpr std::int64_t kCrowdUs = kSecond / 10;
// Tracks may begin so far apart (a fragment's pictures come before its sound).
constexpr std::int64_t kApartUs = 20 * kSecond;
// Who has been silent for longer than this is not waited for.
constexpr std::int64_t kActiveUs = 3 * kSecond;
// A picture is shown within this of its decoding.
constexpr std::int64_t kLongestCompositionUs = 10 * kSecond;
// Muxers that guess decoding times are too late by some pictures, from the first ones on.
constexpr std::int64_t kLongestLagUs = kSecond;
constexpr std::size_t kLagSeenWithin = 64;  // packets
// In order of decoding the times of pictures go back by less than this.
constexpr std::int64_t kReorderUs = kSecond;
constexpr std::int64_t kLongestStepUs = 60 * kSecond;
constexpr std::int64_t kUnknownStepUs = 33'333;
// No publisher lives longer: what says so is no time.
constexpr std::int64_t kMostUs = std::int64_t{1} << 57;
// Times that neither go on nor agree with one another: then the clock stands still.
constexpr std::size_t kMostOdd = 8;
constexpr int kMovesAgain = 3;  // one after the other: it does not
// Among so many the place that is left free is looked for.
constexpr std::size_t kMostShown = 32;
constexpr std::size_t kMostSettling = 24;
constexpr std::int64_t kLongestSettlingUs = kSecond;

}  // namespace

std::size_t Timeline::add_track(const TrackClock& clock) {
  tracks_.emplace_back().clock = clock;
  return tracks_.size() - 1;
}

std::int64_t Timeline::time_of(const Stamp& stamp) {
  return stamp.dts_us ? *stamp.dts_us : stamp.pts_us.value_or(0);
}

std::int64_t Timeline::step_of(const Track& track, const Stamp& stamp) const {
  if (stamp.duration_us > 0 && stamp.duration_us <= kLongestStepUs) return stamp.duration_us;
  if (track.clock.step_us > 0) return track.clock.step_us;
  return track.step_us > 0 ? track.step_us : kUnknownStepUs;
}

std::int64_t Timeline::least_us(const Track& track, const Stamp& stamp) const {
  if (is_reordered(track, stamp)) return track.latest_us - kReorderUs;
  return track.last_us + kLeastStepUs;
}

std::int64_t Timeline::now_us() const {
  std::int64_t now = 0;
  for (const Track& track : tracks_)
    if (track.began) now = std::max(now, track.latest_us);
  return now;
}

// The two times of one packet agree, whatever one of them did alone.
Stamp Timeline::sane(const Track& track, Stamp stamp) const {
  if (!stamp.dts_us || !stamp.pts_us) return stamp;
  const auto agree = [&](std::int64_t by) {
    const std::int64_t composition = *stamp.pts_us + by - *stamp.dts_us;
    return composition >= -kLongestLagUs && composition <= kLongestCompositionUs;
  };
  if (agree(0)) return stamp;
  for (const std::int64_t period : wraps_.periods_us)
    for (const std::int64_t by : {period, -period})
      if (agree(by)) {
        *stamp.pts_us += by;
        return stamp;
      }
  const std::int64_t due = due_us(track);
  if (!track.began)
    stamp.pts_us = stamp.dts_us;
  else if (std::abs(*stamp.dts_us + track.shift_us - due) <=
           std::abs(*stamp.pts_us + track.shift_us - due))
    stamp.pts_us = *stamp.dts_us + track.composition_us;
  else
    stamp.dts_us = *stamp.pts_us - track.composition_us;
  return stamp;
}

bool Timeline::fits(const Track& track, const Stamp& stamp, std::int64_t shift_us,
                    std::int64_t hole) const {
  const std::int64_t at = time_of(stamp) + shift_us;
  return at >= least_us(track, stamp) && at <= std::max(due_us(track), now_us()) + hole;
}

// The shift with which the packet goes on where its track is: its clock has wrapped, or those of
// other tracks have jumped already.
std::optional<std::int64_t> Timeline::known_shift(const Track& track, const Stamp& stamp) const {
  const std::int64_t near = std::max(kNearUs, 4 * track.step_us);
  for (const std::int64_t period : wraps_.periods_us)
    for (const std::int64_t by : {period, -period})
      if (period > 0 && fits(track, stamp, track.shift_us + by, near)) return track.shift_us + by;
  for (const Track& other : tracks_)
    if (other.began && other.shift_us != track.shift_us && fits(track, stamp, other.shift_us, near))
      return other.shift_us;
  return std::nullopt;
}

// ---- packets

void Timeline::put(std::size_t index, const Stamp& stamp, const Take& take) {
  Track& track = tracks_[index];
  Stamp came = stamp;
  for (auto* time : {&came.dts_us, &came.pts_us})
    if (*time && (**time > kMostUs || **time < -kMostUs)) time->reset();
  if (!track.began) return begin(index, sane(track, came), take);
  if (!came.dts_us && !came.pts_us) {
    // Of several packets in one PES packet only the first has a time.
    if (track.waiting.size() >= kMostWaiting) flush(take);
    if (track.waiting.empty()) return place(index, came, due_us(track), take);
    Stamp follows = came;
    follows.dts_us = time_of(track.waiting.back()) + step_of(track, track.waiting.back());
    track.waiting.push_back(follows);
    return;
  }
  came = sane(track, came);
  const std::int64_t time = time_of(came);
  if (!track.waiting.empty()) return wait(index, came, take);
  if (fits(track, came, track.shift_us, std::max(kSureUs, track.step_us)))
    return place(index, came, time + track.shift_us, take);
  if (const auto shift = known_shift(track, came)) {
    const std::int64_t by = std::abs(*shift - track.shift_us);
    const auto& periods = wraps_.periods_us;
    track.jump = std::find(periods.begin(), periods.end(), by) == periods.end();
    track.shift_us = *shift;
    return place(index, came, time + *shift, take);
  }
  const std::int64_t moved = time - track.came_us;
  track.moves = moved > 0 ? track.moves + 1 : 0;
  track.still = track.still && track.moves < kMovesAgain;
  if (track.still && moved >= 0 && moved < kNearUs) {
    // A clock of few ticks is waited for, by half a step at each.
    const std::int64_t step = step_of(track, came);
    return place(index, came, track.last_us + (moved > 0 ? step / 2 : step), take);
  }
  wait(index, came, take);
}

// The first time of a track.
void Timeline::begin(std::size_t index, const Stamp& stamp, const Take& take) {
  Track& track = tracks_[index];
  track.waiting.push_back(stamp);
  const bool timed = stamp.dts_us || stamp.pts_us;
  if (!timed && track.waiting.size() < kMostWaiting) return;
  std::deque<Stamp> ready;
  ready.swap(track.waiting);
  // Those before it had none.
  std::int64_t time = timed ? time_of(stamp) : 0;
  for (auto one = ready.rbegin(); one != ready.rend(); ++one) {
    if (one->dts_us || one->pts_us) continue;
    time -= step_of(track, *one);
    one->dts_us = time;
  }
  const std::int64_t first = time_of(ready.front());
  const Stamp& begins = ready.front();
  if (begins.dts_us && begins.pts_us)
    track.lag_us = std::clamp<std::int64_t>(track.clock.lead_us - (*begins.pts_us - *begins.dts_us),
                                            0, kLongestLagUs);
  const auto begun = [](const Track& other) { return other.began; };
  if (std::none_of(tracks_.begin(), tracks_.end(), begun)) {
    std::int64_t start = std::min(first, begins.pts_us.value_or(first)) - track.lag_us;
    for (const Track& other : tracks_) {
      if (!begins.dts_us || &other != &track)
        start = std::min(start, first - other.clock.reorder * step_of(other, {}));
      if (&other != &track) start = std::min(start, first - other.clock.lead_us);
    }
    track.shift_us = start < 0 || first > kLatestStartUs ? kRoomUs - start : 0;
  } else {
    const std::int64_t now = now_us();
    const auto apart = [&](std::int64_t shift) { return std::abs(first + shift - now); };
    track.shift_us = now - first;
    std::int64_t best = kApartUs + 1;
    for (const Track& other : tracks_)
      for (const std::int64_t period :
           {std::int64_t{0}, wraps_.periods_us[0], wraps_.periods_us[1]})
        for (const std::int64_t by : {other.shift_us + period, other.shift_us - period})
          if (other.began && apart(by) < best) {
            best = apart(by);
            track.shift_us = by;
          }
  }
  // A little before the beginning is a packet or two; more would crowd there.
  if (first + track.shift_us < -kCrowdUs) track.shift_us = -first;
  track.began = true;
  track.step_us = step_of(track, ready.front());
  track.last_us = track.latest_us = first + track.shift_us - track.step_us;
  const std::int64_t shift = track.shift_us;
  for (const Stamp& one : ready) place(index, one, time_of(one) + shift, take);
}

void Timeline::place(std::size_t index, const Stamp& stamp, std::int64_t at_us, const Take& take) {
  Track& track = tracks_[index];
  at_us = std::max(at_us,
                   stamp.dts_us || track.clock.reorder == 0 ? track.last_us + kLeastStepUs : at_us);
  Placed out;
  out.track = index;
  out.pts_us = at_us;
  out.dts_us = at_us;
  if (stamp.dts_us && stamp.pts_us) {
    track.composition_us = *stamp.pts_us - *stamp.dts_us;
    out.pts_us = at_us + track.composition_us;
    if (track.placed < kLagSeenWithin) track.lag_us = std::max(track.lag_us, -track.composition_us);
    out.dts_us = at_us - track.lag_us;
  } else if (stamp.pts_us) {
    out.dts_us = track.order.next(at_us, track.clock.reorder, step_of(track, stamp));
  }
  out.dts_us = std::max({out.dts_us, track.last_dts_us + kLeastStepUs, std::int64_t{0}});
  out.pts_us = std::max(out.pts_us, out.dts_us);
  out.jump = std::exchange(track.jump, false);

  const std::int64_t delta = at_us - track.last_us;
  track.step_us = step_of(track, stamp);
  if (stamp.duration_us <= 0 && track.clock.step_us <= 0 && stamp.dts_us && delta > kLeastStepUs &&
      delta <= kLongestStepUs)
    track.step_us = delta;
  if (stamp.dts_us || stamp.pts_us) track.came_us = time_of(stamp);
  ++track.placed;
  track.last_us = at_us;
  track.latest_us = std::max(track.latest_us, at_us);
  track.last_dts_us = out.dts_us;
  if (is_reordered(track, stamp)) {
    if (track.shown_us.size() >= kMostShown) track.shown_us.erase(track.shown_us.begin());
    track.shown_us.push_back(at_us);
  }
  take(out);
}

// ---- times that do not fit

// One may come after the other.
bool Timeline::agree(const Track& track, const Stamp& before, const Stamp& after) const {
  const std::int64_t since = time_of(after) - time_of(before);
  return since >= (is_reordered(track, after) ? -kReorderUs : kLeastStepUs) &&
         since <= std::max(kNearUs, 4 * track.step_us);
}

void Timeline::wait(std::size_t index, const Stamp& stamp, const Take& take) {
  Track& track = tracks_[index];
  if (track.odd > 0) return settle(index, stamp, take);
  if (slipped(index, stamp, take)) return;
  if (!track.waiting.empty()) track.leaps = agree(track, track.waiting.back(), stamp);
  track.waiting.push_back(stamp);
  if (track.leaps && all_leap()) return leap(take);
  const std::int64_t waited = time_of(stamp) - time_of(track.waiting.front());
  if (!track.leaps && track.waiting.size() >= kMostOdd) {
    track.still = true;
    return step_on(index, take);
  }
  if (track.waiting.size() >= kMostWaiting || (track.leaps && waited >= kLongestWaitUs)) leap(take);
}

// The packet goes on where those before the waiting ones were: those lie between.
bool Timeline::slipped(std::size_t index, const Stamp& stamp, const Take& take) {
  Track& track = tracks_[index];
  const auto count = static_cast<std::int64_t>(track.waiting.size());
  if (count == 0) return false;
  const std::int64_t at = time_of(stamp) + track.shift_us;
  if (!fits(track, stamp, track.shift_us, kSureUs + (count + 1) * track.step_us)) return false;
  if (is_reordered(track, stamp)) {
    track.leaps = false;
    track.odd = track.waiting.size();
    settle(index, stamp, take);
    return true;
  }
  const std::int64_t gap = (at - track.last_us) / (count + 1);
  if (gap < kLeastStepUs) return false;
  std::deque<Stamp> odd;
  odd.swap(track.waiting);
  track.leaps = false;
  const std::int64_t from = track.last_us;
  std::int64_t n = 0;
  for (const Stamp& one : odd) place(index, one, from + ++n * gap, take);
  place(index, stamp, at, take);
  return true;
}

// Behind odd times: pictures that fit, until they show which places those had.
void Timeline::settle(std::size_t index, const Stamp& stamp, const Take& take) {
  Track& track = tracks_[index];
  const auto count = static_cast<std::int64_t>(track.waiting.size());
  if (!fits(track, stamp, track.shift_us, kSureUs + (count + 1) * track.step_us)) {
    fill(index, true, take);
    return put(index, stamp, take);
  }
  track.waiting.push_back(stamp);
  const std::int64_t waited = std::abs(time_of(stamp) - time_of(track.waiting[track.odd]));
  fill(index, waited >= kLongestSettlingUs || track.waiting.size() >= kMostSettling, take);
}

// The odd ones into the places that are left free, and those behind them to theirs; unless `now`,
// only once the places are known.
void Timeline::fill(std::size_t index, bool now, const Take& take) {
  Track& track = tracks_[index];
  std::vector<std::int64_t> since;
  for (std::size_t i = track.odd; i < track.waiting.size(); ++i)
    since.push_back(time_of(track.waiting[i]) + track.shift_us);
  std::vector<std::int64_t> places = free_places(track.shown_us, since, track.clock.reorder, false);
  if (places.size() < track.odd && !now) return;
  if (places.size() < track.odd)
    places = free_places(track.shown_us, since, track.clock.reorder, true);
  const std::int64_t from = track.last_us;
  const std::int64_t to = since.empty() ? due_us(track) + track.step_us : since.front();
  const std::int64_t gap = (to - from) / static_cast<std::int64_t>(track.odd + 1);
  const std::size_t odd = std::exchange(track.odd, 0);
  std::deque<Stamp> ready;
  ready.swap(track.waiting);
  for (std::size_t i = 0; i < odd; ++i)
    place(index, ready[i],
          i < places.size() ? places[i] : from + static_cast<std::int64_t>(i + 1) * gap, take);
  for (std::size_t i = odd; i < ready.size(); ++i) {
    // What follows one whose duration is nonsense is far ahead: the next one's time is a jump.
    if (!track.waiting.empty() || since[i - odd] < least_us(track, ready[i]))
      put(index, ready[i], take);
    else
      place(index, ready[i], since[i - odd], take);
  }
}

bool Timeline::all_leap() const {
  const std::int64_t now = now_us();
  return std::all_of(tracks_.begin(), tracks_.end(), [&](const Track& track) {
    return !track.began || track.leaps || track.latest_us < now - kActiveUs;
  });
}

// All tracks whose times have jumped, by the same distance, so that none of them goes back.
void Timeline::leap(const Take& take) {
  bool hole = true;  // it is none: the clock went on while nothing came
  std::optional<std::int64_t> most;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (!track.leaps) continue;
    // What did not agree with the rest comes before it.
    std::size_t odd = track.waiting.size() - 1;
    while (odd > 0 && agree(track, track.waiting[odd - 1], track.waiting[odd])) --odd;
    for (; odd > 0; --odd) {
      const Stamp stamp = track.waiting.front();
      track.waiting.pop_front();
      place(i, stamp, due_us(track), take);
    }
    const Stamp& first = track.waiting.front();
    hole = hole && fits(track, first, track.shift_us, kLongestHoleUs);
    most = std::max(most.value_or(INT64_MIN), due_us(track) - time_of(first));
  }
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    if (!track.leaps) continue;
    track.leaps = track.still = false;
    std::deque<Stamp> ready;
    ready.swap(track.waiting);
    if (!hole) {
      const std::int64_t own = due_us(track) - time_of(ready.front());
      track.shift_us = *most - own <= kApartUs ? *most : own;
      track.jump = true;
      track.order.reset();
    }
    for (const Stamp& one : ready) place(i, one, time_of(one) + track.shift_us, take);
  }
}

// Those that wait, one after the other, for their times say nothing.
void Timeline::step_on(std::size_t index, const Take& take) {
  Track& track = tracks_[index];
  std::deque<Stamp> ready;
  ready.swap(track.waiting);
  for (const Stamp& one : ready) {
    const std::int64_t at = time_of(one) + track.shift_us;
    place(index, one, fits(track, one, track.shift_us, kLongestHoleUs) ? at : due_us(track), take);
  }
}

void Timeline::flush(const Take& take) {
  if (std::any_of(tracks_.begin(), tracks_.end(), [](const Track& t) { return t.leaps; }))
    leap(take);
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i].waiting.empty()) continue;
    if (tracks_[i].odd > 0) {
      fill(i, true, take);
      continue;
    }
    if (tracks_[i].began) {
      step_on(i, take);
      continue;
    }
    // No time ever came.
    std::deque<Stamp> ready;
    ready.swap(tracks_[i].waiting);
    ready.back().dts_us = static_cast<std::int64_t>(ready.size() - 1) * step_of(tracks_[i], {});
    const Stamp last = ready.back();
    ready.pop_back();
    tracks_[i].waiting.swap(ready);
    begin(i, last, take);
  }
}

}  // namespace framewire
