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
json with(json out, const char* member, const json& value) {
  out[member] = value;
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

// What is asked about with a certificate in place of a key, or beside one.
class ByCertificate : public Named {
 protected:
  static json of(const char* certificate, json more = json::object()) {
    json out = row(std::move(more));
    out.erase("key");
    out["certificate"] = certificate;
    return out;
  }
  Answer shown(Authorizer& who, const char* token = nullptr) {
    Credentials credentials;
    if (token) credentials.token = token;
    credentials.stream = "room/1";
    credentials.certificate = &certificate;
    return std::get<Answer>(who.authorize(credentials, [](const Answer&) {}));
  }

  ClientCertificate certificate{{"SHA256:" + std::string(64, '0'), "DNS:enc.example", "CN:Enc"},
                                "CN=Enc",
                                clock + std::chrono::seconds{100}};
};

TEST_F(ByCertificate, TheFirstKeyThatNamesItCounts) {
  config.publish_keys = {"static"};
  for (const std::string& name :
       {std::string{"DNS:Enc.Example"}, std::string{"CN:Enc"}, "SHA256:" + std::string(64, '0')}) {
    const auto who = made(json::array(
        {of("DNS:other", {{"name", "other"}}), of(name.c_str()), row({{"name", "last"}})}));
    const auto anna = shown(*who);
    ASSERT_TRUE(anna && anna->known) << name;
    EXPECT_EQ(anna->principal->name(), "anna");
    EXPECT_TRUE(anna->principal->about().by_certificate && anna->principal->about().personal);
    EXPECT_EQ(who->holder_of(*anna->principal->about().key), anna->principal);
  }
}

TEST_F(ByCertificate, WhoIsNotNamedIsToldSo) {
  config.publish_keys = {"static"};
  for (const char* name : {"DNS:other.example", "CN:enc", "CN:enc.example", "DNS:*.example",
                           "URI:enc.example", "DNS:example"}) {
    const auto unknown = shown(*made(json::array({of(name)})));
    ASSERT_FALSE(unknown) << name;
    EXPECT_EQ(unknown.error().why, Refusal::forbidden);
    EXPECT_EQ(unknown.error().message.find("certificate-unknown: "), 0u);
    EXPECT_FALSE(unknown.error().guessed);
  }
  config.open_watch = true;
  EXPECT_TRUE(shown(*made(json::array({of("DNS:other.example")})))) << "anybody may";
}

TEST_F(ByCertificate, AKeyThatIsShownGoesBeforeIt) {
  config.publish_keys = {"static-key"};
  const auto who = made(json::array({of("CN:Enc"), row({{"name", "bert"}, {"key", "bert-key"}})}));
  EXPECT_EQ(shown(*who, "bert-key")->principal->name(), "bert");
  const auto wrong = shown(*who, "wrong-key");
  EXPECT_FALSE(wrong->known || wrong->principal->may(Action::watch, "room/1"));
  // What the file says of a certificate is no key.
  for (const char* key : {"CN:Enc", "certificate", "SHA256:0000"})
    EXPECT_FALSE(shown(*who, key)->known) << key;
  const std::string digested{"certificate\0CN:Enc", 18};
  EXPECT_FALSE(shown(*who, digested.c_str())->known);
  Credentials credentials;
  credentials.token = digested;
  credentials.stream = "room/1";
  EXPECT_FALSE(std::get<Answer>(who->authorize(credentials, [](const Answer&) {}))->known);
}

TEST_F(ByCertificate, ItEndsWithTheCertificateOrTheKey) {
  const auto who = made(json::array({of("CN:Enc", {{"expires", 1'800'000'200}})}));
  EXPECT_TRUE(shown(*who));
  clock += std::chrono::seconds{100};
  const auto over = shown(*who);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().why, Refusal::token_expired);
  EXPECT_EQ(over.error().message.find("certificate-expired: "), 0u);
  certificate.ends += std::chrono::seconds{1'000};
  EXPECT_TRUE(shown(*who));
  clock += std::chrono::seconds{100};
  EXPECT_EQ(shown(*who).error().why, Refusal::token_expired);
}

TEST_F(ByCertificate, WithoutAFileOfKeysNoneIsAnybodys) {
  config.publish_keys = {"static"};
  NamedKeyAuthorizer open{config, loop, make_static_keys(config, loop), kNow};
  EXPECT_TRUE(shown(open)) << "anybody may watch";
  config.watch_keys = {"eye"};
  NamedKeyAuthorizer closed{config, loop, make_static_keys(config, loop), kNow};
  EXPECT_EQ(shown(closed).error().why, Refusal::forbidden);
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
                                  file_of(json::array({row({{"certificate", "CN:anna"}})})),
                                  file_of(json::array({with(keyless, "certificate", "anna")})),
                                  file_of(json::array({with(keyless, "certificate", 7)})),
                                  file_of(json::array({with(keyless, "certificate", "DNS:a"),
                                                       with(keyless, "certificate", "DNS:A")})),
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
