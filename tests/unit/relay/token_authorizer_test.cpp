#include "relay/access/token_authorizer.h"

#include <gtest/gtest.h>

#include <string>

#include "relay/base/config.h"
#include "tests/unit/jwt/issuer.h"
#include "tests/unit/relay/fakes.h"

namespace framewire::relay {
namespace {

using jwt::Issuer;
using jwt::signed_by;
using nlohmann::json;

json claims_of(json rights, std::int64_t seconds = 600) {
  json out = jwt::good_claims();
  out["exp"] = jwt::seconds_from_now(seconds);
  out["framewire"] = std::move(rights);
  return out;
}
json right(const char* action, const char* stream) {
  return {{"action", action}, {"stream", stream}};
}

// One loop's, at an hour that the test says.
class Tokens : public testing::Test {
 protected:
  Tokens() {
    keys->replace(Issuer::get().keys);
    config.token_keys = keys;
    config.jwt_issuer = jwt::good_rules().issuer;
    config.jwt_audiences = jwt::good_rules().audiences;
  }
  std::shared_ptr<TokenAuthorizer> made() {
    return std::make_shared<TokenAuthorizer>(config, loop, [this] { return wall; });
  }
  static Credentials shown(const std::string& token, Action action, std::string_view stream) {
    Credentials out;
    if (!token.empty()) out.token = token;
    out.action = action;
    out.stream = stream;
    return out;
  }
  // Of an authorizer that answers at once.
  static Answer asked(Authorizer& who, const std::string& token, Action action = Action::watch,
                      std::string_view stream = "cam") {
    auto reply = who.authorize(shown(token, action, stream), [](const Answer&) {});
    EXPECT_TRUE(std::holds_alternative<Answer>(reply));
    return std::get<Answer>(std::move(reply));
  }

  Time clock{Duration{1'000'000}};
  jwt::Instant wall = jwt::kNow;
  FakeLoop loop{clock};
  std::shared_ptr<TokenKeys> keys = std::make_shared<TokenKeys>();
  Config config;
};

TEST_F(Tokens, GiveTheRightsTheyName) {
  const auto who = made();
  const auto answer = asked(
      *who,
      signed_by(Issuer::get().es,
                claims_of(json::array({right("watch", "cam*"), right("publish", "room/*")}))));
  ASSERT_TRUE(answer && answer->known);
  struct Row {
    Action action;
    const char* stream;
    bool may;
  };
  for (const Row& row : {Row{Action::watch, "cam", true}, Row{Action::watch, "cam2", true},
                         Row{Action::watch, "room/a", false}, Row{Action::publish, "room/a", true},
                         Row{Action::publish, "cam", false}, Row{Action::talk, "cam", false},
                         Row{Action::watch, "", false}, Row{Action::metrics, "", false},
                         Row{Action::manage, "cam", false}, Row{Action::record, "cam", false}})
    EXPECT_EQ(answer->principal->may(row.action, row.stream), row.may)
        << to_string(row.action) << " " << row.stream;
}

TEST_F(Tokens, EndWhenTheySayAndTheLeewayIsOver) {
  const auto who = made();
  const std::string token =
      signed_by(Issuer::get().hs, claims_of(json::array({right("watch", "cam")}), 600));
  const auto answer = asked(*who, token);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->principal->expiry(), clock + std::chrono::seconds{660});
  clock += std::chrono::seconds{660};
  wall += std::chrono::seconds{660};
  const auto later = asked(*who, token);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().why, Refusal::token_expired);
  EXPECT_FALSE(later.error().guessed) << "it was a good one";
}

TEST_F(Tokens, OfTheYear9999FitASteadyClock) {
  const auto who = made();
  json claims = jwt::good_claims();
  claims["exp"] = 253402300799;
  const auto answer = asked(*who, signed_by(Issuer::get().hs, claims));
  ASSERT_TRUE(answer);
  EXPECT_GT(*answer->principal->expiry(), clock);
}

TEST_F(Tokens, AreRefusedByNameAndWithoutTheirText) {
  const auto who = made();
  const std::string good = signed_by(Issuer::get().es, jwt::good_claims());
  json elsewhere = jwt::good_claims(), early = elsewhere, nobody = elsewhere;
  elsewhere["aud"] = "somebody-s3cret";
  early["nbf"] = jwt::seconds_from_now(600);
  nobody.erase("framewire");
  struct Row {
    std::string token;
    const char* name;
    Refusal why;
    bool guessed;
  };
  const std::string other_payload =
      good.substr(0, good.find('.') + 1) + "e30" + good.substr(good.rfind('.'));
  for (const Row& row : {
           Row{other_payload, "token-signature", Refusal::unauthorized, true},
           Row{"a.b.c", "token-malformed", Refusal::unauthorized, true},
           Row{good + ".more", "token-malformed", Refusal::unauthorized, true},
           Row{good + std::string(9000, 'x'), "token-too-long", Refusal::unauthorized, true},
           Row{" " + good, "token-malformed", Refusal::unauthorized, true},
           Row{signed_by(jwt::SigningKey::generate(jwt::Algorithm::es256, "s3cret-kid"),
                         jwt::good_claims()),
               "token-key-unknown", Refusal::unauthorized, true},
           Row{signed_by(Issuer::get().es, claims_of(json::array({right("watch", "cam")}), -61)),
               "token-expired", Refusal::token_expired, false},
           Row{signed_by(Issuer::get().es, early), "token-not-yet", Refusal::unauthorized, false},
           Row{signed_by(Issuer::get().es, elsewhere), "token-audience", Refusal::unauthorized,
               false},
           Row{signed_by(Issuer::get().es, nobody), "token-rights", Refusal::unauthorized, false},
       }) {
    SCOPED_TRACE(row.name);
    const auto answer = asked(*who, row.token);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message.rfind(std::string{row.name} + ": ", 0), 0u)
        << answer.error().message;
    EXPECT_EQ(answer.error().why, row.why);
    EXPECT_EQ(answer.error().guessed, row.guessed);
    EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(Tokens, StandBesideStaticKeys) {
  config.publish_keys = {"p"};
  const auto who = made();
  EXPECT_TRUE(asked(*who, "p")->principal->may(Action::publish, "cam"));
  const auto nothing = asked(*who, "");
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->principal->may(Action::watch, "cam")) << "tokens close watching, too";
  EXPECT_FALSE(nothing->principal->may(Action::publish, "cam"));
  EXPECT_FALSE(asked(*who, "x")->known);
  EXPECT_TRUE(asked(*who, signed_by(Issuer::get().rs, jwt::good_claims()))->known);
}

TEST_F(Tokens, AloneCloseWhatTheyAreFor) {
  for (const bool open : {false, true}) {
    config.open_watch = open;
    const auto everybody = made()->everybody();
    for (const Action action : {Action::publish, Action::record, Action::manage})
      EXPECT_FALSE(everybody->may(action, "cam"));
    for (const Action action : {Action::watch, Action::talk, Action::metrics})
      EXPECT_EQ(everybody->may(action, "cam"), open);
  }
}

TEST_F(Tokens, ThatAreWrongTakeNothingFromAnybody) {
  config.open_watch = true;
  const auto who = made();
  const auto watched = asked(*who, "a.b.c");
  ASSERT_TRUE(watched);
  EXPECT_FALSE(watched->known);
  EXPECT_TRUE(watched->guessed);
  EXPECT_TRUE(watched->principal->may(Action::watch, "cam"));
  EXPECT_FALSE(asked(*who, "a.b.c", Action::publish));
}

TEST_F(Tokens, AreVerifiedOnceUntilTheKeysChange) {
  const auto who = made();
  const std::string token = signed_by(Issuer::get().es, jwt::good_claims());
  const auto first = asked(*who, token);
  EXPECT_EQ(asked(*who, token)->principal, first->principal) << "the same, not another like it";
  keys->replace(Issuer::get().keys);
  const auto again = asked(*who, token);
  ASSERT_TRUE(again);
  EXPECT_NE(again->principal, first->principal);
  auto other =
      jwt::KeySet::read(jwt::SigningKey::generate(jwt::Algorithm::es256, "es").public_set());
  keys->replace(*std::move(other));
  const auto taken_out = asked(*who, token);
  ASSERT_FALSE(taken_out);
  EXPECT_EQ(taken_out.error().message.rfind("token-signature", 0), 0u);
}

TEST_F(Tokens, OfAnUnknownKeyWaitForALook) {
  auto fresh = std::make_shared<TokenKeys>();
  config.token_keys = fresh;
  int woken = 0;
  fresh->serve(std::chrono::seconds{10}, [&] { ++woken; });
  const auto who = made();
  const std::string token = signed_by(Issuer::get().es, jwt::good_claims());
  std::vector<Answer> answers;
  const auto ask = [&] {
    return who->authorize(shown(token, Action::watch, "cam"),
                          [&](const Answer& answer) { answers.push_back(answer); });
  };
  auto one = ask(), two = ask();
  { const auto withdrawn = ask(); }
  EXPECT_EQ(woken, 1) << "one look for all";
  fresh->replace(Issuer::get().keys);
  fresh->look_ended(clock);
  EXPECT_TRUE(answers.empty()) << "not within the fetcher's thread";
  EXPECT_TRUE(loop.run());
  ASSERT_EQ(answers.size(), 2u);
  for (const Answer& answer : answers) EXPECT_TRUE(answer && answer->known);

  // A stranger's key: no look before its time, then one, and no.
  const std::string strange =
      signed_by(jwt::SigningKey::generate(jwt::Algorithm::es256, "strange"), jwt::good_claims());
  EXPECT_FALSE(asked(*who, strange));
  EXPECT_EQ(woken, 1);
  clock += std::chrono::seconds{10};
  auto three = who->authorize(shown(strange, Action::watch, "cam"),
                              [&](const Answer& answer) { answers.push_back(answer); });
  EXPECT_FALSE(std::holds_alternative<Answer>(three));
  EXPECT_EQ(woken, 2);
  fresh->look_ended(clock);
  loop.run();
  ASSERT_EQ(answers.size(), 3u);
  ASSERT_FALSE(answers.back());
  EXPECT_EQ(answers.back().error().message.rfind("token-key-unknown", 0), 0u);
}

TEST_F(Tokens, WithoutAnyKeysYetAreToTryAgain) {
  config.token_keys = std::make_shared<TokenKeys>();
  const auto who = made();
  const auto answer = asked(*who, signed_by(Issuer::get().es, jwt::good_claims()));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().why, Refusal::timed_out);
  EXPECT_FALSE(answer.error().guessed);
}

TEST_F(Tokens, NobodyWaitsForASourceThatEnds) {
  auto fresh = std::make_shared<TokenKeys>();
  config.token_keys = fresh;
  fresh->serve(std::chrono::seconds{10}, [] {});
  const auto who = made();
  int told = 0;
  const auto question =
      who->authorize(shown(signed_by(Issuer::get().es, jwt::good_claims()), Action::watch, "cam"),
                     [&](const Answer&) { ++told; });
  fresh->close();
  loop.run();
  EXPECT_EQ(told, 1);
}

TEST(TokenCache, ForgetsTheOneAskedForLongestAgo) {
  TokenCache cache{2};
  const auto digest = [](unsigned char byte) { return TokenCache::Digest{byte}; };
  const auto who = std::make_shared<const Principal>("who", std::vector<Right>{});
  cache.put(digest(1), who);
  cache.put(digest(2), who);
  EXPECT_TRUE(cache.find(digest(1), {}));
  cache.put(digest(3), who);
  EXPECT_TRUE(cache.find(digest(1), {}));
  EXPECT_FALSE(cache.find(digest(2), {}));
  EXPECT_TRUE(cache.find(digest(3), {}));
  EXPECT_EQ(cache.size(), 2u);
  TokenCache none{0};
  none.put(digest(1), who);
  EXPECT_EQ(none.size(), 0u);
}

TEST(LooksLikeToken, WhatHasTwoDots) {
  for (const char* token : {"a.b.c", "..", "a.b.", "a.b.c.d"}) EXPECT_TRUE(looks_like_token(token));
  for (const char* key : {"", "a", "a.b", "secret-key"}) EXPECT_FALSE(looks_like_token(key));
}

}  // namespace
}  // namespace framewire::relay
