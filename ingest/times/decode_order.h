// Decoding times for pictures that came in the order of decoding with nothing but the times at
// which they are shown: each is decoded at the time of the picture that is shown `depth` pictures
// before.
//
//   decoded   I0  P4  B2  B1  B3          depth 2
//   shown at   0  4   2   1   3
//   dts       -2 -1   0   1   2           never above the time it is shown at
//
// And the places that are left over in such an order, for pictures whose own times say nothing.
//
// Times: microseconds. No clock, no thread. Source: H.264, annex C.4.5.3 ("bumping").
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace framewire {

class DecodeOrder {
 public:
  static constexpr int kMostDepth = 16;  // H.264, annex A.3.1: MaxDpbFrames

  // The decoding time of the picture shown at pts_us. step_us: between two pictures, as far as
  // known.
  std::int64_t next(std::int64_t pts_us, int depth, std::int64_t step_us) {
    depth = std::clamp(depth, 0, kMostDepth);
    if (shown_.empty()) first_us_ = pts_us;
    shown_.insert(std::upper_bound(shown_.begin(), shown_.end(), pts_us), pts_us);
    if (shown_.size() <= static_cast<std::size_t>(depth))
      return first_us_ - (depth + 1 - static_cast<std::int64_t>(shown_.size())) * step_us;
    const std::int64_t dts_us = shown_.front();
    shown_.erase(shown_.begin());
    return dts_us;
  }
  // What comes does not go on where this ended.
  void reset() { shown_.clear(); }

 private:
  std::vector<std::int64_t> shown_;  // at most depth + 1, the earliest first
  std::int64_t first_us_ = 0;
};

// Where pictures are missing in the order of showing, the earliest place first. before: times of
// pictures that were decoded before the missing ones; since: of those decoded behind them. A place
// counts once more than `depth` pictures came that are shown later, for none that is still to be
// decoded can be shown there; all do if `since` is all there is. A hole that was one before the
// missing pictures is not theirs.
inline std::vector<std::int64_t> free_places(const std::vector<std::int64_t>& before,
                                             const std::vector<std::int64_t>& since, int depth,
                                             bool is_all) {
  constexpr std::int64_t kMostInOneHole = 16;
  const auto most_later = static_cast<std::size_t>(std::clamp(depth, 0, DecodeOrder::kMostDepth));
  std::vector<std::int64_t> shown = before;
  shown.insert(shown.end(), since.begin(), since.end());
  std::sort(shown.begin(), shown.end());
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < shown.size(); ++i)
    if (shown[i] > shown[i - 1]) steps.push_back(shown[i] - shown[i - 1]);
  if (steps.empty()) return {};
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2),
                   steps.end());
  const std::int64_t step_us = steps[steps.size() / 2];
  std::vector<std::int64_t> out;
  for (std::size_t i = 1; i < shown.size(); ++i) {
    const std::int64_t from = shown[i - 1], to = shown[i];
    if (!is_all && shown.size() - i <= most_later) break;
    const auto shown_later = [to](std::int64_t at) { return at >= to; };
    const auto later = std::count_if(before.begin(), before.end(), shown_later);
    if (static_cast<std::size_t>(later) > most_later) continue;
    const std::int64_t places = std::min((to - from + step_us / 2) / step_us - 1, kMostInOneHole);
    for (std::int64_t n = 1; n <= places; ++n) out.push_back(from + (to - from) * n / (places + 1));
  }
  return out;
}

}  // namespace framewire
