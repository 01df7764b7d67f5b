#include "relay/access/jwt/rights.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire::jwt {
namespace {

TEST(Rights, APatternIsWhatANameCanFit) {
  for (const char* good : {"cam", "*", "cam*", "a/b/c/d", "room/*", "*/cam", "a-b_C9", "**"})
    EXPECT_TRUE(is_right_pattern(good)) << good;
  for (const std::string& bad :
       {std::string{}, std::string{"/cam"}, std::string{"cam/"}, std::string{"a//b"},
        std::string{"cam.mp4"}, std::string{"c m"}, std::string{"c\0m", 3}, std::string{"../x"},
        std::string{"ca?"}, std::string{"\xc3\xa4"}, std::string(261, 'a'), std::string(9, '*')})
    EXPECT_FALSE(is_right_pattern(bad)) << bad;
}

TEST(Rights, ActionsHaveTheirNames) {
  for (const std::string_view name : kActionNames) EXPECT_EQ(to_string(*action_named(name)), name);
  for (const char* other : {"", "Watch", "watch ", "*", "admin"})
    EXPECT_FALSE(action_named(other)) << other;
}

}  // namespace
}  // namespace framewire::jwt
