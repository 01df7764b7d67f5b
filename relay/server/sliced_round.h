// A round over all connections of a loop, in slices of bounded time, one a turn: what many of them
// have to be told at once, such as the end of 2,000 tokens, keeps nobody else waiting.
// Thread: the loop's. Connections may come and go between and within slices.
#pragma once
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace framewire::relay {

class SlicedRound {
 public:
  // What a slice takes at most, and one visit more.
  static constexpr std::uint64_t kSliceNs = 300'000;

  bool over() const { return next_ == numbers_.size(); }
  // numbers: of those to visit; who comes later is visited in the next round.
  void begin(std::vector<std::uint64_t> numbers) {
    numbers_ = std::move(numbers);
    next_ = 0;
  }
  // A slice, of one visit at least; not when it is over. visit(number): that may have gone
  // meanwhile.
  template <class Visit>
  void go_on(Visit&& visit) {
    const std::uint64_t until = uv_hrtime() + kSliceNs;
    do {
      visit(numbers_[next_++]);
    } while (!over() && uv_hrtime() < until);
  }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t next_ = 0;
};

}  // namespace framewire::relay
