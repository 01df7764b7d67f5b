#include "relay/access/key_pause.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

constexpr Time kStart{Duration{1'000'000}};
constexpr std::size_t kWrongKeys = 20;
constexpr Duration kKeyWindow{10'000};
constexpr std::size_t kPausedAddresses = 1'000;
constexpr KeyPause::Limits kLimits{kWrongKeys, kKeyWindow, kPausedAddresses};

TEST(KeyPause, HoldsUpWhoTriedTooMany) {
  KeyPause pause{kLimits};
  for (std::size_t n = 0; n < kWrongKeys; ++n) {
    EXPECT_TRUE(pause.lets("192.0.2.1", kStart)) << n;
    pause.wrong("192.0.2.1", kStart + Duration{n});
  }
  const Time last = kStart + Duration{kWrongKeys - 1};
  EXPECT_FALSE(pause.lets("192.0.2.1", last));
  EXPECT_EQ(pause.left("192.0.2.1", last + Duration{1}), kKeyWindow - Duration{1});
  EXPECT_TRUE(pause.lets("192.0.2.2", last));
  EXPECT_FALSE(pause.lets("192.0.2.1", last + kKeyWindow - Duration{1}));
  EXPECT_TRUE(pause.lets("192.0.2.1", last + kKeyWindow));
}

TEST(KeyPause, AFewNowAndThenAreForgiven) {
  KeyPause pause{kLimits};
  for (std::size_t n = 0; n < 10 * kWrongKeys; ++n) {
    const Time now = kStart + (kKeyWindow / 10) * static_cast<int>(n);
    ASSERT_TRUE(pause.lets("192.0.2.1", now)) << n;
    pause.wrong("192.0.2.1", now);
  }
}

// A player that shows an old key with each request, where anybody may watch.
TEST(KeyPause, CountsAHarmlessKeyOnce) {
  KeyPause pause{kLimits};
  for (std::size_t n = 0; n < 10 * kWrongKeys; ++n) pause.wrong("192.0.2.1", kStart, n % 4);
  EXPECT_TRUE(pause.lets("192.0.2.1", kStart));
  for (std::size_t n = 0; n < kWrongKeys; ++n) pause.wrong("192.0.2.2", kStart, n);
  EXPECT_FALSE(pause.lets("192.0.2.2", kStart)) << "each another one: guesses";
}

TEST(KeyPause, ForgetsRatherThanGrow) {
  KeyPause pause{kLimits};
  for (std::size_t n = 0; n < kPausedAddresses + 100; ++n)
    pause.wrong("name-" + std::to_string(n), kStart);
  for (std::size_t n = 0; n < kWrongKeys; ++n) pause.wrong("192.0.2.1", kStart + kKeyWindow);
  EXPECT_FALSE(pause.lets("192.0.2.1", kStart + kKeyWindow));
}

TEST(KeyPause, HoldsByTheNewestLimits) {
  KeyPause pause{kLimits};
  for (std::size_t n = 0; n < 3; ++n) pause.wrong("192.0.2.1", kStart);
  EXPECT_TRUE(pause.lets("192.0.2.1", kStart));
  pause.set_limits({3, Duration{60'000}, 10});
  EXPECT_EQ(pause.left("192.0.2.1", kStart), Duration{60'000});
}

}  // namespace
}  // namespace framewire::relay
