#include "ingest/webm/webm_clock.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace framewire {
namespace {

using Blocks = std::vector<std::pair<std::uint64_t, std::int64_t>>;  // track, milliseconds

TEST(WebmClock, GoesOnWhateverThePublishersClockDoes) {
  struct Row {
    std::string what;
    Blocks came;
    std::vector<std::int64_t> placed;
  };
  const std::vector<Row> rows = {
      {"in order", {{1, 0}, {2, 5}, {1, 40}, {2, 26}}, {0, 5, 40, 26}},
      {"B frames", {{1, 0}, {1, 120}, {1, 40}, {1, 80}}, {0, 120, 40, 80}},
      {"a hole of a minute", {{1, 0}, {1, 40}, {1, 60'040}, {2, 60'050}}, {0, 40, 60'040, 60'050}},
      {"begins late",
       {{1, 1'700'000'000'000}, {1, 1'700'000'000'040}},
       {1'700'000'000'000, 1'700'000'000'040}},
      {"a lone time 3 h ahead",
       {{1, 0}, {1, 40}, {1, 10'800'080}, {2, 90}, {1, 120}},
       {0, 40, 80, 90, 120}},
      {"a lone time 5 s back",
       {{1, 6'000}, {1, 6'040}, {1, 1'000}, {1, 6'120}},
       {6'000, 6'040, 6'080, 6'120}},
      {"stands still",
       {{1, 960}, {1, 1'000}, {1, 1'000}, {2, 1'010}, {1, 1'000}, {1, 1'000}, {1, 1'160}},
       {960, 1'000, 1'040, 1'010, 1'080, 1'120, 1'160}},
      {"stands still and goes on from there",
       {{1, 0}, {1, 500}, {1, 500}, {1, 500}, {1, 500}, {1, 500}, {1, 540}},
       {0, 500, 1'000, 1'500, 2'000, 2'500, 2'540}},
      {"a clock of few ticks",
       {{1, 0}, {1, 1}, {1, 1}, {1, 2}, {1, 2}, {1, 3}},
       {0, 1, 1, 2, 2, 3}},
      {"from 0 again, sound with the pictures",
       {{1, 9'000}, {2, 9'010}, {1, 9'040}, {1, 0}, {2, 10}, {1, 40}},
       {9'000, 9'010, 9'040, 9'080, 9'090, 9'120}},
      {"5 h on", {{1, 0}, {2, 10}, {1, 40}, {1, 18'000'080}, {2, 18'000'090}}, {0, 10, 40, 80, 90}},
      {"the sound's clock is another",
       {{1, 0}, {2, 3'600'000}, {1, 40}, {2, 3'600'020}},
       {0, 0, 40, 20}},
  };
  for (const Row& row : rows) {
    WebmClock clock{WebmTime{1'000'000}};
    std::vector<std::int64_t> placed;
    for (const auto& [track, ms] : row.came) placed.push_back(clock.place(track, ms));
    EXPECT_EQ(placed, row.placed) << row.what;
  }
}

}  // namespace
}  // namespace framewire
