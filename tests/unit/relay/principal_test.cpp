#include "relay/access/principal.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "relay/access/static_keys.h"
#include "relay/base/config.h"
#include "relay/base/secret.h"

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
  bool own_machine = true;
};

std::vector<std::string> key_of(const char* text) {
  return *text == 0 ? std::vector<std::string>{} : std::vector<std::string>{text};
}

TEST(StaticKeys, GiveTheRightsOfTheirKind) {
  constexpr KeyCase kCases[] = {
      {"", "", "", "pwtrmM", false},
      {"", "", "x", "pwtrmM", false},
      {"p", "", "", "wtM", false},
      {"p", "", "x", "wtM", false},
      {"p", "", "p", "pwtrmM", true},
      {"", "w", "", "prm", false},
      {"", "w", "x", "prm", false},
      {"", "w", "w", "pwtrmM", true},
      {"p", "w", "", "", false},
      {"p", "w", "x", "", false},
      {"p", "w", "p", "prmM", true},
      {"p", "w", "w", "wtM", true},
      {"k", "k", "k", "pwtrmM", true},
      // From elsewhere nobody manages without a key for that.
      {"", "", "", "pwtrM", false, false},
      {"", "", "x", "pwtrM", false, false},
      {"", "w", "", "pr", false, false},
      {"", "w", "w", "pwtrM", true, false},
      {"p", "", "p", "pwtrmM", true, false},
      {"p", "", "", "wtM", false, false},
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
    credentials.of_own_machine = c.own_machine;
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

TEST(StaticKeys, OpenByTheWholeOfOne) {
  Config config;
  config.publish_keys = {"first", "second key"};
  StaticKeys keys{config};
  const auto known = [&](std::string_view key) {
    Credentials shown;
    shown.token = key;
    return std::get<Answer>(keys.authorize(shown, {}))->known;
  };
  EXPECT_TRUE(known("first") && known("second key"));
  for (const std::string_view wrong :
       {std::string_view{""}, std::string_view{"firs"}, std::string_view{"first "},
        std::string_view{"First"}, std::string_view{"firstsecond key"},
        std::string_view{"first\0", 6}})
    EXPECT_FALSE(known(wrong)) << wrong;
}

// A reload looks by this who is there no more.
TEST(StaticKeys, TellWhoHasAKeyNow) {
  Config config;
  config.publish_keys = {"p", "both"};
  config.watch_keys = {"w", "both"};
  const StaticKeys keys{config};
  EXPECT_TRUE(keys.holder_of(sha256("p"))->may(Action::publish, "cam"));
  EXPECT_FALSE(keys.holder_of(sha256("p"))->may(Action::watch, "cam"));
  EXPECT_TRUE(keys.holder_of(sha256("w"))->may(Action::watch, "cam"));
  EXPECT_TRUE(keys.holder_of(sha256("both"))->may(Action::watch, "cam") &&
              keys.holder_of(sha256("both"))->may(Action::publish, "cam"));
  EXPECT_EQ(keys.holder_of(sha256("both"))->about().key, sha256("both"));
  EXPECT_FALSE(keys.holder_of(sha256("gone")));
  EXPECT_FALSE(keys.everybody()->about().key);
}

TEST(StaticKeys, EverybodyIsWhoShowsNothing) {
  Config config;
  config.publish_keys = {"p"};
  const StaticKeys keys{config};
  EXPECT_TRUE(keys.everybody()->may(Action::watch, "cam"));
  EXPECT_FALSE(keys.everybody()->may(Action::publish, "cam"));
  const StaticKeys open{Config{}};
  EXPECT_TRUE(open.everybody()->may(Action::publish, "cam"));
  EXPECT_FALSE(open.everybody()->may(Action::manage, ""));
  EXPECT_FALSE(open.everybody()->may(Action::moderate, "cam"));
}

}  // namespace
}  // namespace framewire::relay
