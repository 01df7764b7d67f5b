#include "ingest/webm/webm_clock.h"

#include <algorithm>
#include <cstdlib>

namespace framewire {
namespace {

constexpr std::int64_t kMostSecondsBack = 1;  // blocks of B frames are not in order
constexpr std::int64_t kLongestHoleSeconds = 30 * 60;
constexpr std::int64_t kMostSecondsApart = 20;  // at the beginning of tracks
constexpr std::int64_t kFewTicks = 5;

}  // namespace

bool WebmClock::goes_on(const Track& track, std::int64_t at) const {
  return at >= track.latest - time_.seconds(kMostSecondsBack) &&
         at <= newest_ + time_.seconds(kLongestHoleSeconds);
}

std::optional<std::int64_t> WebmClock::known_shift(const Track& track, std::int64_t ticks) const {
  // How far from where it is due.
  const auto off = [&](std::int64_t shift) {
    return std::abs(ticks + shift - track.latest - track.step);
  };
  if (goes_on(track, ticks + track.shift) && off(track.shift) <= time_.seconds(1))
    return track.shift;
  std::optional<std::int64_t> best;
  const auto consider = [&](std::int64_t shift) {
    if (goes_on(track, ticks + shift) && (!best || off(shift) < off(*best))) best = shift;
  };
  consider(track.shift);
  consider(track.shift_before);
  for (const auto& [number, other] : tracks_) consider(other.shift);
  return best;
}

std::int64_t WebmClock::place(std::uint64_t number, std::int64_t ticks) {
  const bool first = tracks_.empty();
  const auto [found, begins] = tracks_.try_emplace(number);
  Track& track = found->second;
  if (begins) {
    // With another track, if there is one whose time is near.
    if (!first) track.shift = newest_ - ticks;
    std::int64_t best = time_.seconds(kMostSecondsApart);
    for (const auto& [other, of] : tracks_)
      for (const std::int64_t shift : {of.shift, of.shift_before})
        if (other != number && std::abs(ticks + shift - newest_) <= best) {
          best = std::abs(ticks + shift - newest_);
          track.shift = shift;
        }
    track.shift_before = track.shift;
    track.latest = ticks + track.shift;
    track.step = time_.seconds(1) / 30;
  } else if (const auto shift = known_shift(track, ticks); shift != track.shift) {
    track.shift_before = track.shift;
    track.shift = shift.value_or(track.latest + track.step - ticks);
  }
  const bool still = !begins && ticks == track.came && track.step >= kFewTicks;
  const std::int64_t at = still ? track.at + track.step : ticks + track.shift;
  track.came = ticks;
  track.at = at;
  if (at > track.latest && at - track.latest < time_.seconds(1)) track.step = at - track.latest;
  track.latest = std::max(track.latest, at);
  newest_ = std::max(first ? at : newest_, at);
  return at;
}

}  // namespace framewire
