#include "relay/access/jwt/claims.h"

#include <fmt/format.h>

#include "tests/unit/jwt/attack.h"

namespace framewire::jwt {
namespace {

using nlohmann::json;

// Good claims, one of them another.
json with(const char* name, const json& value) {
  json claims = good_claims();
  claims[name] = value;
  return claims;
}
json without(const char* name) {
  json claims = good_claims();
  claims.erase(name);
  return claims;
}
json right(const json& action, const json& stream) {
  return {{"action", action}, {"stream", stream}};
}
json rights(const json& list) {
  return with("framewire", list);
}

std::string token_of(const json& claims) {
  return signed_by(Issuer::get().ed, claims);
}
std::string token_of_text(std::string_view payload) {
  return Issuer::get().ed.sign_text(R"({"alg":"EdDSA","kid":"ed"})", payload).value_or("");
}

std::vector<Attack> attacks(Fault fault, const std::vector<std::pair<const char*, json>>& rows) {
  std::vector<Attack> out;
  for (const auto& [name, claims] : rows) out.push_back({name, token_of(claims), fault});
  return out;
}

TEST(Claims, AreReadWhole) {
  json said = good_claims();
  said["aud"] = {"other", "framewire"};
  said["nbf"] = seconds_from_now(-5);
  said["iat"] = seconds_from_now(-9);
  said["name"] = "anything";
  said["framewire"] = {right("publish", "room/*"), right("watch", "*"),  right("talk", "a"),
                       right("record", "a"),       right("manage", "*"), {{"action", "metrics"}}};
  const auto claims = checked(token_of(said));
  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(claims->expires, kNow + std::chrono::seconds{600});
  EXPECT_EQ(claims->not_before, kNow - std::chrono::seconds{5});
  EXPECT_EQ(claims->issued, kNow - std::chrono::seconds{9});
  EXPECT_EQ(claims->issuer, "https://login.example");
  EXPECT_EQ(claims->subject, "mallory-s3cret");
  EXPECT_EQ(claims->audiences, (std::vector<std::string>{"other", "framewire"}));
  EXPECT_EQ(claims->rights, (std::vector<Right>{{Action::publish, "room/*"},
                                                {Action::watch, "*"},
                                                {Action::talk, "a"},
                                                {Action::record, "a"},
                                                {Action::manage, "*"},
                                                {Action::metrics, "*"}}));
}

TEST(Claims, LimitsStandBesideTheRights) {
  const auto claims_with = [](const json& limits, const char* subject = "anna") {
    json claims = good_claims();
    claims["sub"] = subject;
    claims["framewire_limits"] = limits;
    return read_claims(claims.dump(), good_rules(), kNow);
  };
  const auto claims = claims_with({{"viewers", 3}});
  ASSERT_TRUE(claims) << claims.error().what;
  EXPECT_EQ(claims->quota, (Quota{{}, 3, {}}));
  EXPECT_TRUE(claims_with(json::object(), ""));
  for (const auto& wrong : {claims_with({{"films", 3}}), claims_with(3), claims_with(nullptr),
                            claims_with({{"viewers", 3}}, "")}) {
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().fault, Fault::rights);
  }
}

TEST(Claims, TimesHaveALeeway) {
  struct Case {
    const char* name;
    json value;
    bool good;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"exp", seconds_from_now(1), true},
           {"exp", seconds_from_now(-59), true},
           {"exp", seconds_from_now(-60), false},
           {"exp", static_cast<double>(seconds_from_now(-59)) - 0.5, false},
           {"exp", static_cast<double>(seconds_from_now(9)) + 0.5, true},
           {"nbf", seconds_from_now(60), true},
           {"nbf", seconds_from_now(61), false},
           {"nbf", static_cast<double>(seconds_from_now(60)) + 0.5, false},
           {"iat", seconds_from_now(60), true},
           {"iat", seconds_from_now(61), false},
           {"iat", 0, true},
       })
    EXPECT_EQ(checked(token_of(with(c.name, c.value))).has_value(), c.good)
        << c.name << " " << c.value;
  Rules strict = good_rules();
  strict.leeway = std::chrono::seconds{0};
  const auto& keys = Issuer::get().keys;
  EXPECT_FALSE(checked(token_of(with("exp", seconds_from_now(0))), keys, strict));
  EXPECT_TRUE(checked(token_of(with("exp", seconds_from_now(1))), keys, strict));
}

TEST(Claims, WhatIsNotExpectedIsNotAsked) {
  Rules open;
  const auto& keys = Issuer::get().keys;
  EXPECT_TRUE(checked(token_of(without("aud")), keys, open));
  json anonymous = without("aud");
  anonymous.erase("iss");
  anonymous.erase("sub");
  EXPECT_TRUE(checked(token_of(anonymous), keys, open));
  // RFC 7519 4.1.3: who does not know itself to be meant is not.
  const auto refused = checked(token_of(good_claims()), keys, open);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::audience);
}

TEST(Claims, OneOfSeveralAudiencesIsEnough) {
  Rules rules = good_rules();
  rules.audiences = {"a", "b"};
  const auto& keys = Issuer::get().keys;
  EXPECT_TRUE(checked(token_of(with("aud", "b")), keys, rules));
  EXPECT_TRUE(checked(token_of(with("aud", json::array({"c", "a"}))), keys, rules));
  EXPECT_FALSE(checked(token_of(with("aud", json::array({"c", "d"}))), keys, rules));
}

TEST(Claims, TheRightsHaveTheirNameFromTheConfiguration) {
  Rules rules = good_rules();
  rules.claim = "https://a.example/rights";
  const auto& keys = Issuer::get().keys;
  EXPECT_FALSE(checked(token_of(good_claims()), keys, rules));
  EXPECT_TRUE(checked(
      token_of(with("https://a.example/rights", json::array({right("watch", "*")}))), keys, rules));
}

TEST(Attacks, OnTheTimes) {
  expect_refused(attacks(Fault::expired, {
                                             {"long ago", with("exp", seconds_from_now(-3600))},
                                             {"just now", with("exp", seconds_from_now(-60))},
                                             {"in 1970", with("exp", 0)},
                                             {"-0", with("exp", -0.0)},
                                         }));
  expect_refused(attacks(Fault::no_expiry, {{"no exp", without("exp")}}));
  expect_refused(attacks(Fault::not_yet, {{"nbf later", with("nbf", seconds_from_now(3600))},
                                          {"iat later", with("iat", seconds_from_now(3600))}}));
  std::vector<std::pair<const char*, json>> rows;
  for (const char* name : {"exp", "nbf", "iat"})
    for (const json& value :
         {json("1900000000"), json(nullptr), json(true), json::array({1900000000}), json::object(),
          json(-1), json(-1e300), json(1e300), json(18446744073709551615u), json(1.9e12)})
      rows.emplace_back(name, with(name, value));
  expect_refused(attacks(Fault::malformed, rows));
  std::vector<Attack> texts;
  for (const char* value : {"NaN", "Infinity", "-Infinity", "1e999", "1e", "0x7fffffff",
                            "01900000000", "+1900000000", "1900000000.", "undefined"})
    texts.push_back(
        {value, token_of_text(fmt::format(R"({{"exp":{}}})", value)), Fault::malformed});
  expect_refused(texts);
}

TEST(Attacks, OnThePartiesOfAToken) {
  expect_refused(attacks(Fault::issuer, {
                                            {"another issuer", with("iss", "https://evil.example")},
                                            {"in capitals", with("iss", "HTTPS://login.example")},
                                            {"with a slash", with("iss", "https://login.example/")},
                                            {"empty", with("iss", "")},
                                            {"none", without("iss")},
                                        }));
  expect_refused(attacks(Fault::audience, {
                                              {"another audience", with("aud", "other")},
                                              {"a beginning of it", with("aud", "frame")},
                                              {"more than it", with("aud", "framewire,x")},
                                              {"a star", with("aud", "*")},
                                              {"others", with("aud", json::array({"a", "b"}))},
                                              {"empty", with("aud", "")},
                                              {"none", without("aud")},
                                          }));
  expect_refused(
      attacks(Fault::malformed,
              {
                  {"iss is a list", with("iss", json::array({"https://login.example"}))},
                  {"iss is null", with("iss", nullptr)},
                  {"aud of nobody", with("aud", json::array())},
                  {"aud is a number", with("aud", 1)},
                  {"aud is an object", with("aud", {{"framewire", true}})},
                  {"aud of lists", with("aud", json::array({json::array({"framewire"})}))},
                  {"aud with a number", with("aud", json::array({"framewire", 1}))},
                  {"aud of 33", with("aud", std::vector<std::string>(33, "framewire"))},
                  {"sub is a number", with("sub", 7)},
                  {"sub is an object", with("sub", json::object())},
                  {"sub with a line end", with("sub", "a\nINFO admin came")},
                  {"sub with an escape", with("sub", "a\x1b[2J")},
                  {"sub with a NUL", with("sub", std::string("a\0b", 3))},
                  {"sub of 513 bytes", with("sub", std::string(513, 'a'))},
              }));
}

TEST(Attacks, OnThePayload) {
  const std::string good = good_claims().dump();
  const std::string head = good.substr(0, good.size() - 1);
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  std::vector<Attack> out;
  for (const auto& [name, text] : std::initializer_list<std::pair<const char*, std::string>>{
           {"nothing", ""},
           {"blanks", "  "},
           {"no JSON", "exp=1900000000"},
           {"a text of JSON", json(good).dump()},
           {"a list", "[" + good + "]"},
           {"null", "null"},
           {"cut off", head},
           {"something behind it", good + "x"},
           {"a NUL behind it", good + '\0'},
           {"another token", token_of(good_claims())},
           {"exp twice", head + R"(,"exp":1900000000})"},
           {"rights twice", head + R"(,"framewire":[{"action":"manage","stream":"*"}]})"},
           {"rights twice, once in escapes", head + R"(,"\u0066ramewire":[]})"},
           {"lists in lists", head + R"(,"x":)" + deep + "}"},
           {"no UTF-8", head + ",\"x\":\"\xc3\x28\"}"},
           {"UTF-16", std::string("{\0}\0", 4)},
       })
    out.push_back({name, token_of_text(text), Fault::malformed});
  expect_refused(out);
}

TEST(Attacks, OnTheRights) {
  const json many(65, right("watch", "*"));
  const json one = right("watch", "*");
  const auto row = [](const json& only) { return rights(json::array({only})); };
  expect_refused(
      attacks(Fault::rights,
              {
                  {"none", without("framewire")},
                  {"null", rights(nullptr)},
                  {"an empty list", rights(json::array())},
                  {"a text", rights("publish")},
                  {"true", rights(true)},
                  {"one that is no list", rights(one)},
                  {"65 of them", rights(many)},
                  {"a list in the list", row(json::array({one}))},
                  {"a list of lists", row(json::array({json::array({one})}))},
                  {"a text in the list", row("watch:*")},
                  {"null in the list", row(nullptr)},
                  {"an empty one", row(json::object())},
                  {"no action", row({{"stream", "*"}})},
                  {"no stream", row({{"action", "watch"}})},
                  {"manage without a stream", row({{"action", "manage"}})},
                  {"an action that is not known", row(right("admin", "*"))},
                  {"a star for the action", row(right("*", "*"))},
                  {"an action in capitals", row(right("Watch", "*"))},
                  {"an action with a blank", row(right("watch ", "*"))},
                  {"a list of actions", row(right(json::array({"watch"}), "*"))},
                  {"an action that is a number", row(right(1, "*"))},
                  {"an action that is null", row(right(nullptr, "*"))},
                  {"a list of streams", row(right("watch", json::array({"a", "b"})))},
                  {"a stream that is null", row(right("watch", nullptr))},
                  {"an empty stream", row(right("watch", ""))},
                  {"a stream as a path", row(right("watch", "../x"))},
                  {"a stream from the root", row(right("watch", "/cam"))},
                  {"a rendition", row(right("watch", "cam.mp4"))},
                  {"a pattern of another kind", row(right("watch", "cam?"))},
                  {"too many stars", row(right("watch", "*********"))},
                  {"a stream of 261 bytes", row(right("watch", std::string(261, 'a')))},
                  {"a condition that is not known",
                   row({{"action", "watch"}, {"stream", "*"}, {"until", 1}})},
                  {"a bad one behind a good one", rights(json::array({one, right("root", "*")}))},
                  {"a list behind good ones", rights(json::array({one, one, json::array()}))},
              }));
  expect_refused(
      {{"a member twice in a right",
        token_of_text(fmt::format(
            R"({{"exp":{},"framewire":[{{"action":"watch","action":"manage","stream":"*"}}]}})",
            seconds_from_now(60))),
        Fault::malformed}});
}

}  // namespace
}  // namespace framewire::jwt
