// Packets that have no time follow the one before them, by what its duration says: nonsense, too.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "ingest/times/timeline.h"

namespace framewire {
namespace {

constexpr std::int64_t kStep = 20'000;
constexpr std::optional<std::int64_t> kNone;

// Behind a picture that is off wait some without a time; one before them told that it lasts
// `duration`. What comes then from a clock that begins again goes on at its own pace, a second on.
TEST(Timeline, ADurationOutOfPlaceCrowdsNothingBehindIt) {
  for (const std::int64_t duration : {kStep, 500'000L, 2'000'000L, 16'724'524L, 59'000'000L})
    for (const std::size_t untimed : {0u, 1u, 2u, 9u}) {
      Timeline timeline{kNoWraps};
      timeline.add_track({true, 1, 0});
      std::vector<Placed> out;
      const Timeline::Take take = [&](const Placed& placed) { out.push_back(placed); };
      std::vector<Stamp> sent = {
          {3 * kStep, 3 * kStep, 0},
          {kNone, kNone, duration},
          {4 * kStep, 4 * kStep, 0},
          {kNone, 5 * kStep, 0},
      };
      sent.insert(sent.end(), untimed, Stamp{});
      sent.push_back({kNone, 0, 0});
      for (std::int64_t n = 0; n < 160; ++n) sent.push_back({n * kStep, n * kStep, kStep});
      for (const Stamp& stamp : sent) timeline.put(0, stamp, take);
      timeline.flush(take);
      ASSERT_EQ(out.size(), sent.size());
      for (std::size_t i = out.size() - 100; i < out.size(); ++i) {
        ASSERT_EQ(out[i].pts_us - out[i - 1].pts_us, kStep) << i << " " << duration;
        ASSERT_EQ(out[i].dts_us - out[i - 1].dts_us, kStep) << i << " " << duration;
      }
    }
}

}  // namespace
}  // namespace framewire
