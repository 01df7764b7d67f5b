// Any parameter sets, slices, orders and times: nothing is read past the bytes; each picture gets
// one time, in the order in which they came, and those that wait are few.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "ingest/codecs/picture_order.h"
#include "ingest/times/shown_times.h"

namespace {

using framewire::Bytes;
using framewire::PictureOrder;
using framewire::ShownTimes;

[[gnu::noinline]] void demand(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes left = std::as_bytes(std::span{data, size});
  const auto take = [&left](std::size_t most) {
    const Bytes out = left.first(std::min(most, left.size()));
    left = left.subspan(out.size());
    return out;
  };
  const auto byte = [&] {
    const Bytes one = take(1);
    return one.empty() ? 0u : std::to_integer<unsigned>(one[0]);
  };
  const unsigned how = byte();
  PictureOrder order{how & 1 ? PictureOrder::Codec::h264 : PictureOrder::Codec::hevc, take(byte())};
  ShownTimes shown{static_cast<int>(how >> 1 & 7), 1000};
  std::size_t put = 0, taken = 0;
  std::int64_t clock = 0;
  const auto count = [&](std::int64_t) { ++taken; };
  while (!left.empty()) {
    const unsigned what = byte();
    const auto told = order.next(take(what & 0x3f));
    demand(order.reorder() >= 0 && order.reorder() <= 16);
    std::int64_t time = clock += what >> 6 & 1 ? 40 : 0;
    if (what & 0x80) time += static_cast<std::int8_t>(byte()) * std::int64_t{1'000'000'007};
    shown.put(told ? told : std::optional<std::int64_t>{static_cast<std::int8_t>(byte())}, time,
              count);
    ++put;
    demand(put == taken + shown.waiting());
    demand(shown.waiting() <= ShownTimes::kMostWaiting);
  }
  shown.flush(count);
  demand(put == taken && shown.waiting() == 0);
  return 0;
}
