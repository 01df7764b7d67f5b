// What a clock does to reordered pictures, held against their order.
#include "ingest/times/shown_times.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace framewire {
namespace {

constexpr std::int64_t kStep = 40;

// I, and groups of P and three B of which one is referred to: decoded as 0, 4 2 1 3, 8 6 5 7 ...
std::vector<std::int64_t> decoded(int count) {
  std::vector<std::int64_t> out{0};
  for (std::int64_t group = 0; static_cast<int>(out.size()) < count; group += 4)
    for (const int place : {4, 2, 1, 3}) out.push_back(group + place);
  return out;
}

// shown: of a picture, by its place in the order of decoding and that of showing.
using Clock = std::function<std::int64_t(std::int64_t index, std::int64_t place)>;

std::vector<std::int64_t> times(const Clock& came) {
  ShownTimes shown{2, 1000};
  std::vector<std::int64_t> out;
  const auto take = [&](std::int64_t time) { out.push_back(time); };
  std::int64_t index = 0;
  for (const std::int64_t place : decoded(60)) {
    shown.put(2 * place, came(index++, place), take);
    EXPECT_LE(shown.waiting(), ShownTimes::kMostWaiting);
  }
  shown.flush(take);
  return out;
}

TEST(ShownTimes, AreThoseOfTheOrder) {
  struct Row {
    std::string what;
    Clock came, right;
  };
  const Clock regular = [](auto, auto place) { return kStep * place; };
  const std::vector<Row> rows = {
      {"in order", regular, regular},
      {"stands still for half a second",
       [](auto index, auto place) {
         return index > 20 && index < 33 ? kStep * (20 + place - index) : kStep * place;
       },
       regular},
      {"one 1.5 s back",
       [](auto index, auto place) { return kStep * place - (index == 41 ? 1500 : 0); }, regular},
      {"one 300 ms ahead, from P on",
       [](auto index, auto place) { return kStep * place + (index == 41 ? 300 : 0); }, regular},
      {"one 3 h ahead",
       [](auto index, auto place) { return kStep * place + (index == 42 ? 10'800'000 : 0); },
       regular},
      {"set back by 300 ms",
       [](auto index, auto place) { return kStep * place - (index > 24 ? 300 : 0); }, regular},
  };
  for (const Row& row : rows) {
    std::vector<std::int64_t> right;
    std::int64_t index = 0;
    for (const std::int64_t place : decoded(60)) right.push_back(row.right(index++, place));
    EXPECT_EQ(times(row.came), right) << row.what;
  }
}

TEST(ShownTimes, AreAsTheyCameWhereTheyAgreeWithTheOrder) {
  const std::vector<std::pair<std::string, Clock>> rows = {
      {"trembles", [](auto, auto place) { return kStep * place + 5 * (place % 3); }},
      {"any rate", [](auto, auto place) { return place * place; }},
      {"a hole", [](auto, auto place) { return kStep * place + (place > 24 ? 60'000 : 0); }},
      {"a hole before a B picture",
       [](auto, auto place) { return kStep * place + (place > 21 ? 60'000 : 0); }},
      {"pictures are missing",
       [](auto, auto place) { return kStep * place + (place > 17 ? 2 * kStep : 0); }},
      {"a jump back", [](auto, auto place) { return kStep * place - (place > 24 ? 900'000 : 0); }},
      {"a jump on", [](auto, auto place) { return kStep * place + (place > 24 ? 900'000 : 0); }},
  };
  for (const auto& [what, came] : rows) {
    std::vector<std::int64_t> right;
    std::int64_t index = 0;
    for (const std::int64_t place : decoded(60)) right.push_back(came(index++, place));
    EXPECT_EQ(times(came), right) << what;
  }
}

TEST(ShownTimes, AreAsTheyCameOnceTheOrderBeginsAnew) {
  ShownTimes shown{2, 1000};
  std::vector<std::int64_t> out, right;
  const auto take = [&](std::int64_t time) { out.push_back(time); };
  for (std::int64_t sequence = 0; sequence < 3; ++sequence)
    for (const std::int64_t place : decoded(20)) {
      right.push_back(kStep * (21 * sequence + place));
      shown.put(2 * place, right.back(), take);
    }
  for (std::int64_t i = 0; i < 5; ++i) {
    right.push_back(kStep * (63 + i));
    shown.put(std::nullopt, right.back(), take);
  }
  shown.flush(take);
  EXPECT_EQ(out, right);
}

TEST(ShownTimes, DoNotWaitWhileTheyAreRight) {
  ShownTimes shown{2, 1000};
  std::size_t taken = 0, put = 0;
  for (const std::int64_t place : decoded(60)) {
    shown.put(2 * place, kStep * place, [&](std::int64_t) { ++taken; });
    EXPECT_EQ(taken, ++put);
  }
}

}  // namespace
}  // namespace framewire
