// Any times at all: each packet gets one place, decoding times rise, nothing is shown before it is
// decoded, nothing jumps; and once the clock is good again distances are kept to the microsecond.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ingest/times/timeline.h"

namespace {

using framewire::Placed;
using framewire::Stamp;
using framewire::Timeline;

[[gnu::noinline]] void demand(bool good) {
  if (!good) std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  std::uint64_t take(int bytes) {
    std::uint64_t value = 0;
    for (; bytes > 0 && left_ > 0; --bytes, --left_) value = (value << 8) | *data_++;
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

struct Track {
  std::size_t put = 0;
  std::vector<Placed> out;
  std::int64_t clock_us = 0;
};

constexpr std::int64_t kStep = 20'000;
constexpr std::int64_t kMostAhead = Timeline::kLongestHoleUs + 3600 * std::int64_t{1'000'000};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input in{data, size};
  const framewire::ClockWraps wraps[] = {framewire::kNoWraps, framewire::kMpegTsWraps,
                                         framewire::kFlvWraps};
  Timeline timeline{wraps[in.take(1) % 3]};
  std::vector<Track> tracks(1 + in.take(1) % 3);
  for (std::size_t i = 0; i < tracks.size(); ++i)
    timeline.add_track({i == 0, static_cast<int>(in.take(1) % 4), 0});
  std::int64_t now = 0;
  bool began = false;
  const Timeline::Take take = [&](const Placed& placed) {
    Track& track = tracks[placed.track];
    demand(placed.pts_us >= placed.dts_us && placed.dts_us >= 0);
    if (!track.out.empty())
      demand(placed.dts_us >= track.out.back().dts_us + Timeline::kLeastStepUs);
    demand(placed.dts_us <= (began ? now + kMostAhead : Timeline::kLatestStartUs + kMostAhead));
    began = true;
    now = std::max(now, placed.dts_us);
    track.out.push_back(placed);
  };
  const auto put = [&](std::size_t which, const Stamp& stamp) {
    Track& track = tracks[which];
    timeline.put(which, stamp, take);
    ++track.put;
    demand(timeline.waiting(which) <= Timeline::kMostWaiting);
    demand(track.put == track.out.size() + timeline.waiting(which));
  };

  while (!in.empty()) {
    const std::uint64_t what = in.take(1);
    const std::size_t which = what % tracks.size();
    Track& track = tracks[which];
    switch ((what >> 2) % 8) {
      case 0:  // anything
        track.clock_us = static_cast<std::int64_t>(in.take(8));
        break;
      case 1:  // some hours
        track.clock_us = static_cast<std::int64_t>(in.take(5));
        break;
      case 2:  // a little back
        track.clock_us =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(track.clock_us) - in.take(3));
        break;
      case 3:
        timeline.flush(take);
        break;
      default:
        track.clock_us = static_cast<std::int64_t>(static_cast<std::uint64_t>(track.clock_us) +
                                                   static_cast<std::uint64_t>(kStep));
    }
    Stamp stamp{track.clock_us, track.clock_us, 0};
    if ((what & 0x20) != 0) stamp.dts_us.reset();
    if ((what & 0x40) != 0) stamp.pts_us = static_cast<std::int64_t>(in.take(8));
    if ((what & 0x80) != 0) stamp.duration_us = static_cast<std::int64_t>(in.take(4));
    put(which, stamp);
  }

  // A good clock, long enough for every hold to end.
  constexpr int kGood = 200, kSteady = 50;
  for (int n = 0; n < kGood; ++n)
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      const std::int64_t time = n * kStep;
      put(i, {time, time, kStep});
    }
  timeline.flush(take);
  for (const Track& track : tracks) {
    demand(track.put == track.out.size());
    for (std::size_t i = track.out.size() - kSteady; i < track.out.size(); ++i)
      demand(track.out[i].dts_us - track.out[i - 1].dts_us == kStep);
  }
  return 0;
}
