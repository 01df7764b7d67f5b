#include "relay/access/key_pause.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

constexpr Time kStart{Duration{1'000'000}};

TEST(KeyPause, HoldsUpWhoTriedTooMany) {
  KeyPause pause;
  for (std::size_t n = 0; n < kWrongKeys; ++n) {
    EXPECT_TRUE(pause.lets("192.0.2.1", kStart)) << n;
    pause.wrong("192.0.2.1", kStart + Duration{n});
  }
  const Time last = kStart + Duration{kWrongKeys - 1};
  EXPECT_FALSE(pause.lets("192.0.2.1", last));
  EXPECT_TRUE(pause.lets("192.0.2.2", last));
  EXPECT_FALSE(pause.lets("192.0.2.1", last + kKeyWindow - Duration{1}));
  EXPECT_TRUE(pause.lets("192.0.2.1", last + kKeyWindow));
}

TEST(KeyPause, AFewNowAndThenAreForgiven) {
  KeyPause pause;
  for (std::size_t n = 0; n < 10 * kWrongKeys; ++n) {
    const Time now = kStart + (kKeyWindow / 10) * static_cast<int>(n);
    ASSERT_TRUE(pause.lets("192.0.2.1", now)) << n;
    pause.wrong("192.0.2.1", now);
  }
}

TEST(KeyPause, ForgetsRatherThanGrow) {
  KeyPause pause;
  for (std::size_t n = 0; n < kPausedAddresses + 100; ++n)
    pause.wrong("name-" + std::to_string(n), kStart);
  for (std::size_t n = 0; n < kWrongKeys; ++n) pause.wrong("192.0.2.1", kStart + kKeyWindow);
  EXPECT_FALSE(pause.lets("192.0.2.1", kStart + kKeyWindow));
}

}  // namespace
}  // namespace framewire::relay
