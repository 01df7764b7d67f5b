#include "relay/access/principal.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "relay/access/static_keys.h"
#include "relay/base/config.h"

namespace framewire::relay {
namespace {

struct RightCase {
  const char* streams;
  const char* stream;
  bool covered;
};

TEST(Principal, MayWhatItsRightsCover) {
  constexpr RightCase kCases[] = {
      {"*", "cam", true},
      {"*", "a/b/c", true},
      {"*", "", true},
      {"cam", "cam", true},
      {"cam", "cam2", false},
      {"cam", "Cam", false},
      {"cam", "", false},
      {"cam*", "cam2", true},
      {"cam*", "", false},
      {"room/*", "room/1", true},
      {"room/*", "room/1/left", true},
      {"room/*", "room", false},
      {"*/left", "room/left", true},
      {"a*b*c", "aXbYc", true},
      {"a*b*c", "aXbY", false},
      {"all", "all", true},  // a name like any other
      {"all", "cam", false},
      {"", "cam", false},
      {"", "", true},
      {"ca?", "cam", false},
      {"[c]am", "cam", false},
  };
  for (const RightCase& c : kCases) {
    const Principal who{"who", {{Action::watch, c.streams}}};
    EXPECT_EQ(who.may(Action::watch, c.stream), c.covered) << c.streams << " on " << c.stream;
    EXPECT_FALSE(who.may(Action::publish, c.stream)) << c.streams << " on " << c.stream;
  }
}

TEST(Principal, HasTheRightsOfAllItsLines) {
  const Principal who{"who", {{Action::watch, "a"}, {Action::watch, "b"}, {Action::talk, "a"}}};
  EXPECT_TRUE(who.may(Action::watch, "a") && who.may(Action::watch, "b"));
  EXPECT_TRUE(who.may(Action::talk, "a"));
  EXPECT_FALSE(who.may(Action::talk, "b"));
  EXPECT_FALSE((Principal{"nobody", {}}.may(Action::watch, "a")));
}

TEST(Principal, ExpiresAtItsTime) {
  const Time at{Duration{1'000}};
  EXPECT_FALSE((Principal{"who", {}}.expired(at)));
  const Principal who{"who", {}, at};
  EXPECT_FALSE(who.expired(at - Duration{1}));
  EXPECT_TRUE(who.expired(at));
}

TEST(Principal, WhoManagesAStreamModeratesItAndNotTheOtherWayRound) {
  const Principal manager{"who", {{Action::manage, "room/*"}}};
  const Principal moderator{"who", {{Action::moderate, "room/*"}}};
  for (const Principal* who : {&manager, &moderator}) {
    EXPECT_TRUE(who->may(Action::moderate, "room/1"));
    EXPECT_FALSE(who->may(Action::moderate, "other"));
    EXPECT_FALSE(who->may(Action::moderate, ""));
  }
  EXPECT_FALSE(moderator.may(Action::manage, "room/1"));
  EXPECT_FALSE((Principal{"who", {{Action::talk, "*"}, {Action::publish, "*"}}}.may(
      Action::moderate, "room/1")));
}

TEST(Actions, AreNamedBothWays) {
  for (const std::string_view name : kActionNames) {
    const auto action = action_named(name);
    ASSERT_TRUE(action) << name;
    EXPECT_EQ(to_string(*action), name);
  }
  for (const char* other : {"", "Watch", "watch ", "publishes", "all", "*"})
    EXPECT_FALSE(action_named(other)) << other;
}

struct KeyCase {
  const char* publish_keys;
  const char* watch_keys;
  const char* token;   // "" = none
  const char* rights;  // the actions' first letters; M: metrics
  bool known;
};

std::vector<std::string> key_of(const char* text) {
  return *text == 0 ? std::vector<std::string>{} : std::vector<std::string>{text};
}

TEST(StaticKeys, GiveTheRightsOfTheirKind) {
  constexpr KeyCase kCases[] = {
      {"", "", "", "pwtrmM", false},   {"", "", "x", "pwtrmM", false}, {"p", "", "", "wtM", false},
      {"p", "", "x", "wtM", false},    {"p", "", "p", "pwtrmM", true}, {"", "w", "", "prm", false},
      {"", "w", "x", "prm", false},    {"", "w", "w", "pwtrmM", true}, {"p", "w", "", "", false},
      {"p", "w", "x", "", false},      {"p", "w", "p", "prmM", true},  {"p", "w", "w", "wtM", true},
      {"k", "k", "k", "pwtrmM", true},
  };
  for (const KeyCase& c : kCases) {
    SCOPED_TRACE(std::string{"publish "} + c.publish_keys + ", watch " + c.watch_keys + ", shown " +
                 c.token);
    Config config;
    config.publish_keys = key_of(c.publish_keys);
    config.watch_keys = key_of(c.watch_keys);
    StaticKeys keys{config};
    Credentials credentials;
    if (*c.token != 0) credentials.token = c.token;
    const auto reply = keys.authorize(credentials, {});
    const Answer* answer = std::get_if<Answer>(&reply);
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->known, c.known);
    const Principal& who = *(*answer)->principal;
    const std::string rights = c.rights;
    constexpr std::string_view kLetters = "pwtrmM";  // in the order of Action
    for (std::size_t i = 0; i < kLetters.size(); ++i)
      for (const char* stream : {"", "cam"})
        EXPECT_EQ(who.may(static_cast<Action>(i), stream),
                  rights.find(kLetters[i]) != std::string::npos)
            << kActionNames[i] << " " << stream;
    EXPECT_FALSE(who.expiry());
  }
}

TEST(StaticKeys, EverybodyIsWhoShowsNothing) {
  Config config;
  config.publish_keys = {"p"};
  const StaticKeys keys{config};
  EXPECT_TRUE(keys.everybody()->may(Action::watch, "cam"));
  EXPECT_FALSE(keys.everybody()->may(Action::publish, "cam"));
}

}  // namespace
}  // namespace framewire::relay
