#include "relay/access/auth.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

using namespace std::string_literals;

struct KeyCase {
  std::string authorization;
  std::vector<std::string> arguments;
  std::optional<std::string> key;
};

const KeyCase kKeyCases[] = {
    {"", {}, std::nullopt},
    {"Bearer abc", {}, "abc"},
    {"bearer abc", {}, "abc"},
    {"  BEARER   abc  ", {}, "abc"},
    {"Bearer", {}, std::nullopt},
    {"Bearer ", {}, std::nullopt},
    {"Bearerabc", {}, std::nullopt},
    {"Basic YTpi", {}, std::nullopt},
    {"", {"token=abc"}, "abc"},
    {"", {"wait=5", "token=a=b", "x"}, "a=b"},
    {"", {"token="}, ""},
    {"", {"token"}, ""},
    {"", {"token2=abc", "xtoken=abc", "Token=abc"}, std::nullopt},
    {"Basic YTpi", {"token=abc"}, "abc"},
};

TEST(PresentedKey, IsReadFromHeaderOrParameter) {
  for (const KeyCase& c : kKeyCases) {
    SCOPED_TRACE(c.authorization + (c.arguments.empty() ? "" : " ?" + c.arguments[0]));
    const auto key = presented_key(c.authorization, c.arguments);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(*key, c.key);
  }
}

TEST(PresentedKey, RefusesWhatIsAmbiguousAndNamesNoKey) {
  const std::vector<std::string> once = {"token=secret"};
  const std::vector<std::string> twice = {"token=secret", "token=secret"};
  const std::vector<std::string> nul = {"token=secret\0x"s};
  for (const auto& result :
       {presented_key("Bearer secret", once), presented_key("", twice), presented_key("", nul)}) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::refused);
    EXPECT_EQ(result.error().what.find("secret"), std::string::npos);
  }
}

TEST(Secrets, AreComparedWhole) {
  EXPECT_FALSE(same_secret("", ""));  // no secret at all
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abd", "abcd", "xbc"})
    EXPECT_FALSE(same_secret("abc", other));
  EXPECT_FALSE(same_secret("abc"s, "abc\0"s));
}

struct OriginCase {
  std::string origin, host;
  std::vector<std::string> allowed;
  bool admitted;
};

const OriginCase kOriginCases[] = {
    {"", "a.example", {}, true},
    {"https://a.example", "a.example", {}, true},
    {"https://A.Example", "a.example", {}, true},
    {"https://a.example", "a.example:443", {}, true},
    {"http://a.example", "a.example:80", {}, true},
    {"http://127.0.0.1:8080", "127.0.0.1:8080", {}, true},
    {"http://[::1]:8080", "[::1]:8080", {}, true},
    {"http://a.example", "a.example:443", {}, false},
    {"http://127.0.0.1:3000", "127.0.0.1:8080", {}, false},
    {"https://b.example", "a.example", {}, false},
    {"https://a.example.b.example", "a.example", {}, false},
    {"null", "a.example", {}, false},
    {"null", "", {}, false},
    {"https://", "", {}, false},
    {"https://b.example", "a.example", {"https://c.example", "https://b.example"}, true},
    {"http://b.example", "a.example", {"https://b.example"}, false},
    {"https://b.example", "a.example", {"*"}, true},
    {"null", "a.example", {"*"}, true},
};

TEST(Origin, TheServersOwnOrAllowed) {
  for (const OriginCase& c : kOriginCases) {
    EXPECT_EQ(origin_admitted(c.origin, c.host, c.allowed), c.admitted)
        << c.origin << " at " << c.host;
  }
}

}  // namespace
}  // namespace framewire::relay
