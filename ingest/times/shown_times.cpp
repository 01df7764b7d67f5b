#include "ingest/times/shown_times.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace framewire {
namespace {

constexpr std::size_t kKnown = 24;
constexpr std::int64_t kFar = std::int64_t{1} << 19;  // orders that lie farther apart are of others
// A line through more is none, and its product with a distance of orders would not be a number.
constexpr std::int64_t kMostTimes = std::int64_t{1} << 40;

bool is_off(std::int64_t time, std::int64_t line, std::int64_t step) {
  return std::abs(time - line) > step / 3 + 1;
}

}  // namespace

ShownTimes::ShownTimes(int reorder, std::int64_t second)
    : reorder_(static_cast<std::size_t>(std::clamp(reorder, 0, DecodeOrder::kMostDepth))),
      second_(second) {}

std::optional<ShownTimes::Line> ShownTimes::line() const {
  if (placed_.size() < 2) return std::nullopt;
  std::vector<std::int64_t> orders;
  Picture first = placed_.front();
  Line out;
  out.newest = first;
  for (const Picture& one : placed_) {
    if (one.order < first.order) first = one;
    if (one.order > out.newest.order) out.newest = one;
    orders.push_back(one.order);
  }
  out.times = out.newest.time - first.time;
  out.orders = out.newest.order - first.order;
  if (out.orders <= 0 || out.times <= 0 || out.times > kMostTimes) return std::nullopt;
  std::sort(orders.begin(), orders.end());
  std::int64_t least = out.orders;
  for (std::size_t i = 1; i < orders.size(); ++i)
    if (orders[i] > orders[i - 1]) least = std::min(least, orders[i] - orders[i - 1]);
  out.step = out.times * least / out.orders;
  return out;
}

// The numbers began anew: more pictures are shown after it than can be.
bool ShownTimes::is_of_another(std::int64_t order) const {
  std::size_t later = 0;
  for (const Picture& one : placed_) {
    if (std::abs(order - one.order) > kFar) return true;
    later += one.order > order ? 1 : 0;
  }
  for (const Picture& one : waiting_) later += one.order > order ? 1 : 0;
  return later > reorder_;
}

void ShownTimes::put(std::optional<std::int64_t> order, std::int64_t time, const Take& take) {
  if (!order || is_of_another(*order)) {
    release(take);
    forget();
    if (!order) return take(time + shift_);
  }
  const Picture picture{*order, time + shift_};
  const auto known = line();
  const bool off = known && is_off(picture.time, known->at(picture.order), known->step);
  if (waiting_.empty() && !off) return place(picture, take);
  waiting_.push_back(picture);
  judge(false, take);
}

// Whoever is shown later has a later time, among those that wait, and with those before them.
bool ShownTimes::agree_with_order() const {
  std::vector<Picture> all = waiting_;
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.order < b.order; });
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].order == all[i - 1].order || all[i].time <= all[i - 1].time) return false;
  return true;
}

void ShownTimes::judge(bool now, const Take& take) {
  const auto known = line();
  if (!known) return release(take);
  std::int64_t latest_off = INT64_MIN;
  std::size_t on = 0;
  for (const Picture& one : waiting_)
    if (is_off(one.time, known->at(one.order), known->step))
      latest_off = std::max(latest_off, one.order);
    else
      ++on;
  const Picture& newest = waiting_.back();
  const bool back_on = newest.order > latest_off;  // the clock is right again
  const std::size_t enough = (on > 0 ? 2 : 1) * (reorder_ + 2);
  if (!back_on && waiting_.size() < enough && !now) return;
  if (!agree_with_order()) return mend(*known, take);
  const bool agree_with_placed =
      std::all_of(waiting_.begin(), waiting_.end(), [&](const Picture& one) {
        return std::all_of(placed_.begin(), placed_.end(), [&](const Picture& before) {
          return one.order > before.order ? one.time > before.time : one.time < before.time;
        });
      });
  if (agree_with_placed) {
    if (!back_on) forget();
    return release(take);
  }
  if (on > 0) return mend(*known, take);
  const Picture& first = *std::min_element(waiting_.begin(), waiting_.end(),
                                           [](auto& a, auto& b) { return a.order < b.order; });
  const std::int64_t by = known->at(first.order) - first.time;
  if (std::abs(by) >= second_) {
    forget();
    return release(take);
  }
  if (waiting_.size() < 2 * (reorder_ + 2) && !now) return;
  shift_ += by;
  for (Picture& one : waiting_) one.time += by;
  release(take);
}

void ShownTimes::mend(const Line& line, const Take& take) {
  for (const Picture& one : std::exchange(waiting_, {})) {
    const std::int64_t at = line.at(one.order);
    place({one.order, is_off(one.time, at, line.step) ? at : one.time}, take);
  }
}

void ShownTimes::release(const Take& take) {
  for (const Picture& one : std::exchange(waiting_, {})) place(one, take);
}

void ShownTimes::place(const Picture& picture, const Take& take) {
  if (placed_.size() >= kKnown) placed_.pop_front();
  placed_.push_back(picture);
  take(picture.time);
}

void ShownTimes::flush(const Take& take) {
  if (!waiting_.empty()) judge(true, take);
}

}  // namespace framewire
