#include "relay/access/named_keys.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "relay/access/static_keys.h"
#include "relay/base/config.h"
#include "relay/base/secret.h"
#include "tests/unit/relay/fakes.h"

namespace framewire::relay {
namespace {

using nlohmann::json;
constexpr jwt::Instant kNow{std::chrono::seconds{1'800'000'000}};

json row(json more = json::object()) {
  json out = {{"name", "anna"},
              {"key", "anna-s3cret"},
              {"rights", json::array({{{"action", "watch"}, {"stream", "room/*"}}})}};
  out.update(more);
  return out;
}
std::string file_of(const json& rows) {
  json out = json::object();
  out["keys"] = rows;
  return out.dump();
}

class Named : public testing::Test {
 protected:
  std::shared_ptr<Authorizer> made(const json& rows) {
    auto keys = NamedKeys::read(file_of(rows));
    EXPECT_TRUE(keys) << keys.error();
    config.named_keys = std::make_shared<const NamedKeys>(*std::move(keys));
    return std::make_shared<NamedKeyAuthorizer>(config, loop, make_static_keys(config, loop), kNow);
  }
  Answer asked(Authorizer& who, const char* token, Action action = Action::watch,
               std::string_view stream = "room/1") {
    Credentials shown;
    if (token) shown.token = token;
    shown.action = action;
    shown.stream = stream;
    return std::get<Answer>(who.authorize(shown, [](const Answer&) {}));
  }

  Time clock{Duration{1'000'000}};
  FakeLoop loop{clock};
  Config config;
};

TEST_F(Named, GiveWhatTheyName) {
  // sha256sum of "bert-s3cret"
  const auto who = made(
      json::array({row({{"limits", {{"viewers", 3}}}}),
                   {{"name", "bert"},
                    {"sha256", "51876362e56fe1241dc442bb535d2f5a92c367e73aa6a66c354795dfa4b289ba"},
                    {"rights", json::array({{{"action", "publish"}, {"stream", "cam"}}})}}}));
  const auto anna = asked(*who, "anna-s3cret");
  ASSERT_TRUE(anna && anna->known);
  EXPECT_EQ(anna->principal->name(), "anna");
  EXPECT_EQ(anna->principal->about().quota.viewers, 3u);
  EXPECT_TRUE(anna->principal->may(Action::watch, "room/1"));
  EXPECT_FALSE(anna->principal->may(Action::watch, "cam") ||
               anna->principal->may(Action::talk, "room/1") ||
               anna->principal->may(Action::publish, "room/1") || anna->principal->expiry());
  const auto bert = asked(*who, "bert-s3cret");
  ASSERT_TRUE(bert && bert->known);
  EXPECT_TRUE(bert->principal->may(Action::publish, "cam"));
  for (const char* wrong : {"anna", "anna-s3cret ", "ANNA-S3CRET", "",
                            "51876362e56fe1241dc442bb535d2f5a92c367e73aa6a66c354795dfa4b289ba"}) {
    const auto nobody = asked(*who, wrong);
    ASSERT_TRUE(nobody);
    EXPECT_FALSE(nobody->known || nobody->principal->may(Action::watch, "room/1")) << wrong;
  }
}

TEST_F(Named, EndWhenTheySay) {
  const auto who = made(json::array({row({{"expires", 1'800'000'060}})}));
  const auto anna = asked(*who, "anna-s3cret");
  ASSERT_TRUE(anna);
  EXPECT_EQ(anna->principal->expiry(), clock + std::chrono::seconds{60});
  clock += std::chrono::seconds{60};
  const auto late = asked(*who, "anna-s3cret");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().why, Refusal::token_expired);
  EXPECT_FALSE(late.error().guessed);
  EXPECT_FALSE(asked(*made(json::array({row({{"expires", 0}})})), "anna-s3cret"));
}

TEST_F(Named, TellWhoHasAKeyNow) {
  config.publish_keys = {"static-key"};
  const auto before = made(json::array({row()}));
  const auto anna = asked(*before, "anna-s3cret");
  ASSERT_TRUE(anna && anna->principal->about().key);
  const Digest key = *anna->principal->about().key;
  EXPECT_EQ(before->holder_of(key), anna->principal);
  EXPECT_TRUE(before->holder_of(sha256("static-key")));
  json only_metrics = json::object();
  only_metrics["action"] = "metrics";
  const auto after = made(json::array({row({{"key", "another-key"}})}));
  EXPECT_FALSE(after->holder_of(key)) << "taken out";
  const auto less = made(json::array({row({{"rights", json::array({only_metrics})}})}));
  ASSERT_TRUE(less->holder_of(key));
  EXPECT_FALSE(less->holder_of(key)->may(Action::watch, "room/1"));
}

TEST_F(Named, StandBesideStaticKeys) {
  config.publish_keys = {"static"};
  const auto who = made(json::array({row()}));
  EXPECT_TRUE(
      asked(*who, "static", Action::publish, "cam")->principal->may(Action::publish, "cam"));
  EXPECT_FALSE(asked(*who, nullptr)->principal->may(Action::watch, "room/1"))
      << "who shows nothing may nothing";
}

TEST(NamedKeysFile, ThatIsNotUnderstoodIsRefused) {
  json many = json::array();
  for (std::size_t n = 0; n <= kNamedKeys; ++n)
    many.push_back(row({{"key", "number-" + std::to_string(n)}}));
  json nameless = row(), rightless = row(), keyless = row(), both = row();
  nameless.erase("name");
  rightless.erase("rights");
  keyless.erase("key");
  both["sha256"] = std::string(64, '0');
  json short_hash = keyless, upper_hash = keyless;
  short_hash["sha256"] = "00";
  upper_hash["sha256"] = std::string(64, 'A');
  for (const std::string& text : {std::string{},
                                  std::string{"[]"},
                                  std::string{"{}"},
                                  file_of(json::array()),
                                  file_of(json::object()),
                                  R"({"keys":[],"keys":[]})" + std::string{},
                                  file_of(many),
                                  file_of(json::array({7})),
                                  file_of(json::array({nameless})),
                                  file_of(json::array({rightless})),
                                  file_of(json::array({keyless})),
                                  file_of(json::array({both})),
                                  file_of(json::array({short_hash})),
                                  file_of(json::array({upper_hash})),
                                  file_of(json::array({row(), row()})),
                                  file_of(json::array({row({{"key", "s3cret"}})})),
                                  file_of(json::array({row({{"key", "anna s3cret"}})})),
                                  file_of(json::array({row({{"key", 7}})})),
                                  file_of(json::array({row({{"name", ""}})})),
                                  file_of(json::array({row({{"name", "a\nb"}})})),
                                  file_of(json::array({row({{"rights", json::array()}})})),
                                  file_of(json::array({row({{"rights", "all"}})})),
                                  file_of(json::array({row({{"expires", "2030"}})})),
                                  file_of(json::array({row({{"limits", 3}})})),
                                  file_of(json::array({row({{"only", "monday"}})}))}) {
    const auto keys = NamedKeys::read(text);
    ASSERT_FALSE(keys) << text.substr(0, 200);
    EXPECT_FALSE(keys.error().empty());
    EXPECT_EQ(keys.error().find("s3cret"), std::string::npos) << keys.error();
  }
}

}  // namespace
}  // namespace framewire::relay
