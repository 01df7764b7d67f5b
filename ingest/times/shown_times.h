// The times at which reordered pictures are shown, where they come without decoding times and the
// bitstream tells their order (picture_order.h): what a clock that stands still or slips does to
// them contradicts it.
//   a time that lies on the line of those before it   | is placed at once, as it is
//   one that does not                                 | waits for those after it
//     they agree with the order                       | all as they are: a hole, a jump, any rate
//     they contradict it: the clock stands still      | those that are off get what the line says
//     the clock goes on from a time that was          | all later by as much; a second and more is
//                                                     | a jump, which others see to
//   a picture without an order, or of another one     | as it is; what was known is forgotten
// At most kMostWaiting pictures wait, twice as many as can lie between a picture and its place.
// Times in ticks of whoever asks. Values in, values out: no clock, no thread. Nothing is an error.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "ingest/times/decode_order.h"

namespace framewire {

class ShownTimes {
 public:
  static constexpr std::size_t kMostWaiting = 2 * (DecodeOrder::kMostDepth + 2);
  using Take = std::function<void(std::int64_t time)>;

  // reorder: so many pictures may be decoded before one that is shown earlier; second: in ticks.
  ShownTimes(int reorder, std::int64_t second);
  // In order of decoding; take is called in that order, too, once for each.
  void put(std::optional<std::int64_t> order, std::int64_t time, const Take& take);
  // Those that wait have waited long enough.
  void flush(const Take& take);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Picture {
    std::int64_t order = 0;
    std::int64_t time = 0;
  };
  // Through those that were placed: time by order.
  struct Line {
    Picture newest;  // the one that is shown last
    std::int64_t times = 0, orders = 0;
    std::int64_t step = 0;  // between two pictures
    std::int64_t at(std::int64_t order) const {
      return newest.time + (order - newest.order) * times / orders;
    }
  };
  std::optional<Line> line() const;
  bool is_of_another(std::int64_t order) const;
  bool agree_with_order() const;
  void judge(bool now, const Take& take);
  void release(const Take& take);
  void mend(const Line& line, const Take& take);
  void place(const Picture& picture, const Take& take);
  void forget() { placed_.clear(); }

  std::size_t reorder_;
  std::int64_t second_;
  std::int64_t shift_ = 0;
  std::deque<Picture> placed_;  // the newest ones
  std::vector<Picture> waiting_;
};

}  // namespace framewire
