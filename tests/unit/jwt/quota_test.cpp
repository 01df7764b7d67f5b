#include "relay/access/jwt/quota.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace framewire::jwt {
namespace {

using nlohmann::json;

TEST(Quota, IsWhatItSays) {
  EXPECT_EQ(read_quota(json::object(), "the token"), Quota{});
  EXPECT_FALSE(Quota{}.any());
  const auto all = read_quota(json{{"streams", 0}, {"viewers", 3}, {"kbps", 1'000'000'000}}, "x");
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (Quota{0, 3, 1'000'000'000}));
  EXPECT_TRUE(all->any());
}

TEST(Quota, ThatIsNotUnderstoodIsRefused) {
  for (const char* text :
       {"[]", "3", "null", R"({"streams":-1})", R"({"streams":1.5})", R"({"viewers":"3"})",
        R"({"kbps":1000000001})", R"({"kbps":null})", R"({"stream":1})", R"({"minutes":1})"}) {
    const auto quota = read_quota(json::parse(text), "the token");
    ASSERT_FALSE(quota) << text;
    EXPECT_EQ(quota.error().rfind("the token's limits ", 0), 0u) << quota.error();
  }
}

}  // namespace
}  // namespace framewire::jwt
