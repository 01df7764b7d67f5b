#include "relay/streams/side_channel_limiter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace framewire::relay {
namespace {

using namespace std::chrono_literals;

std::string code_of(const std::optional<std::string>& refused) {
  return refused ? nlohmann::json::parse(*refused).at("code").get<std::string>() : "";
}

TEST(TokenBucket, LetsTwiceASecondsWorthThroughAtOnceAndThenTheRate) {
  TokenBucket rate{3};
  Time now{1h};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(rate.pass(now)) << i;
  EXPECT_FALSE(rate.pass(now));
  now += 300ms;
  EXPECT_FALSE(rate.pass(now)) << "nine tenths of one";
  now += 100ms;
  EXPECT_TRUE(rate.pass(now));
  now += 1h;
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(rate.pass(now)) << "a long silence saves no more";
  EXPECT_FALSE(rate.pass(now));
}

TEST(SideChannelLimiter, RefusesWithItsReason) {
  Config config;
  config.side_text_bytes = 10;
  config.side_texts_per_second = 1;
  SideChannelLimiter speech{config};
  const Time now{1h};
  EXPECT_EQ(code_of(speech.refuse({"12345678901", ""}, now)), "limit-exceeded");
  EXPECT_EQ(code_of(speech.refuse({"1234567890", ""}, now)), "");
  EXPECT_EQ(code_of(speech.refuse({"1", ""}, now)), "");
  EXPECT_EQ(code_of(speech.refuse({"1", ""}, now)), "rate-limited");
  EXPECT_EQ(code_of(speech.refuse({"1", ""}, now + 1s)), "");
}

TEST(SideChannelLimiter, ARateOfNoneIsSilence) {
  Config config;
  config.side_texts_per_second = 0;
  SideChannelLimiter speech{config};
  EXPECT_EQ(code_of(speech.refuse({"1", ""}, Time{1h})), "rate-limited");
}

}  // namespace
}  // namespace framewire::relay
