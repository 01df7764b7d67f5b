#include "relay/access/judge.h"

#include <gtest/gtest.h>

#include <memory>

#include "relay/access/static_keys.h"
#include "relay/server/routes.h"

namespace framewire::relay {
namespace {

Request handshake() {
  Request r;
  r.method = Method::get;
  r.path = "/live/cam";
  r.host = "127.0.0.1:8080";
  r.upgrade = "websocket";
  r.connection = "keep-alive, Upgrade";
  r.ws_version = "13";
  r.ws_key = "dGhlIHNhbXBsZSBub25jZQ==";
  r.http_1_1 = true;
  return r;
}

Config keyed() {
  Config config;
  config.publish_keys = {"publish-key"};
  config.watch_keys = {"watch-key"};
  config.allowed_origins = {"https://friend.example"};
  return config;
}

AccessRules rules_of(const Config& config) {
  return {config, std::make_shared<StaticKeys>(config)};
}

constexpr Time kNow{Duration{1'000'000}};

Verdict judged(const Request& request, const AccessRules& rules, bool own_machine = true) {
  Examined entry = examine(request, rules, routes());
  if (!entry) return tl::make_unexpected(entry.error());
  Answer answer = of_everybody(rules);
  if (entry->needs) {
    Credentials shown;
    if (entry->key) shown.token = *entry->key;
    shown.of_own_machine = own_machine;
    answer = std::get<Answer>(rules.authorizer->authorize(shown, {}));
  }
  return judge(request, *std::move(entry), answer, rules, routes(), kNow);
}

struct Case {
  const char* name;
  void (*change)(Request&);
  std::optional<Refusal> refusal;
};

class Upgrade : public testing::TestWithParam<Case> {};

TEST_P(Upgrade, IsJudged) {
  Request request = handshake();
  GetParam().change(request);
  const Verdict verdict = judged(request, rules_of(Config{}));
  if (GetParam().refusal) {
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().why, *GetParam().refusal);
    EXPECT_FALSE(verdict.error().message.empty());
  } else {
    EXPECT_TRUE(verdict) << verdict.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Handshakes, Upgrade,
    testing::Values(
        Case{"plain", [](Request&) {}, {}},
        Case{"v1", [](Request& r) { r.ws_protocols = "framewire.v1"; }, {}},
        Case{"v1_among_others", [](Request& r) { r.ws_protocols = "chat, framewire.v1"; }, {}},
        Case{"case_of_upgrade", [](Request& r) { r.upgrade = "WebSocket"; }, {}},
        Case{"same_origin", [](Request& r) { r.origin = "http://127.0.0.1:8080"; }, {}},
        Case{"foreign_origin", [](Request& r) { r.origin = "https://evil.example"; },
             Refusal::foreign_origin},
        Case{"null_origin", [](Request& r) { r.origin = "null"; }, Refusal::foreign_origin},
        Case{"h2c", [](Request& r) { r.upgrade = "h2c"; }, Refusal::upgrade},
        Case{"two_upgrades", [](Request& r) { r.upgrade = "websocket, h2c"; }, Refusal::upgrade},
        Case{"post", [](Request& r) { r.method = Method::post; }, Refusal::method_not_allowed},
        Case{"http_1_0", [](Request& r) { r.http_1_1 = false; }, Refusal::upgrade},
        Case{"no_host", [](Request& r) { r.host = ""; }, Refusal::upgrade},
        Case{"foreign_host", [](Request& r) { r.host = "evil.example"; }, Refusal::foreign_host},
        Case{"rebound",
             [](Request& r) {
               r.host = "evil.example:8080";
               r.origin = "http://evil.example:8080";
             },
             Refusal::foreign_host},
        Case{"no_connection", [](Request& r) { r.connection = "keep-alive"; }, Refusal::upgrade},
        Case{"version_8", [](Request& r) { r.ws_version = "8"; }, Refusal::version},
        Case{"no_version", [](Request& r) { r.ws_version = ""; }, Refusal::version},
        Case{"version_13x", [](Request& r) { r.ws_version = "13x"; }, Refusal::version},
        Case{"short_key", [](Request& r) { r.ws_key = "c2hvcnQ="; }, Refusal::upgrade},
        Case{"no_key", [](Request& r) { r.ws_key = ""; }, Refusal::upgrade},
        Case{"odd_key", [](Request& r) { r.ws_key[3] = '*'; }, Refusal::upgrade},
        Case{"unknown_subprotocol", [](Request& r) { r.ws_protocols = "framewire.v2"; },
             Refusal::subprotocol},
        Case{"bad_name", [](Request& r) { r.path = "/live/a b"; }, Refusal::bad_name},
        Case{"nul_in_name",
             [](Request& r) {
               r.path = std::string{"/live/a\0b", 9};
             },
             Refusal::bad_name},
        Case{"page", [](Request& r) { r.path = "/"; }, Refusal::not_found},
        Case{"echo", [](Request& r) { r.path = "/echo"; }, {}},
        Case{"token_twice",
             [](Request& r) {
               r.arguments = {"token=a", "token=b"};
             },
             Refusal::bad_request}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Keys, OpenOnlyTheirSide) {
  const AccessRules rules = rules_of(keyed());
  Request watch = handshake();
  ASSERT_FALSE(judged(watch, rules));
  EXPECT_EQ(judged(watch, rules).error().why, Refusal::unauthorized);
  watch.arguments = {"token=publish-key"};
  EXPECT_FALSE(judged(watch, rules));
  watch.arguments = {"token2=watch-key"};
  EXPECT_FALSE(judged(watch, rules));
  watch.arguments = {"token=watch-key"};
  EXPECT_TRUE(judged(watch, rules));
  Request publish = handshake();
  publish.path = "/publish/cam";
  publish.authorization = "Bearer publish-key";
  EXPECT_TRUE(judged(publish, rules));
}

TEST(Keys, WrongOneIsToldToAPageAfterTheUpgrade) {
  Request watch = handshake();
  watch.ws_protocols = "framewire.v1";
  const Verdict verdict = judged(watch, rules_of(keyed()));
  ASSERT_TRUE(verdict);
  ASSERT_TRUE(verdict->denied);
  EXPECT_EQ(verdict->denied->why, Refusal::unauthorized);
}

// Each with its method, whether a watch key, a publish key, none opens it, where both are needed.
struct RouteCase {
  const char* path;
  bool watch, publish, nobody;
};

TEST(Keys, OverviewsOpenWithEitherKey) {
  constexpr RouteCase kRoutes[] = {
      {"/api/v1/streams", true, true, false},
      {"/api/v1/streams/cam", true, true, false},
      {"/metrics", true, true, false},
      {"/api/v1/recordings", true, false, false},
      {"/live/cam.mp4", true, false, false},
      {"/live/cam/index.m3u8", true, false, false},
      {"/recordings/a.webm", true, false, false},
      {"/healthz", true, true, true},
      {"/", true, true, true},
      {"/framewire.js", true, true, true},
  };
  const AccessRules rules = rules_of(keyed());
  const auto opens = [&](const char* path, const char* argument) {
    Request request = handshake();
    request.upgrade = "";
    request.path = path;
    if (*argument != 0) request.arguments = {argument};
    return judged(request, rules).has_value();
  };
  for (const RouteCase& row : kRoutes) {
    EXPECT_EQ(opens(row.path, "token=watch-key"), row.watch) << row.path;
    EXPECT_EQ(opens(row.path, "token=publish-key"), row.publish) << row.path;
    EXPECT_EQ(opens(row.path, "token=neither"), row.nobody) << row.path;
    EXPECT_EQ(opens(row.path, ""), row.nobody) << row.path;
  }
  Request echo = handshake();
  echo.path = "/echo";
  EXPECT_FALSE(judged(echo, rules));
  echo.arguments = {"token=watch-key"};
  EXPECT_TRUE(judged(echo, rules));
}

TEST(Keys, OnlyAPublishKeyLeavesTheOverviewOpen) {
  Config config;
  config.publish_keys = {"publish-key"};
  Request request = handshake();
  request.upgrade = "";
  request.path = "/api/v1/streams";
  const Verdict verdict = judged(request, rules_of(config));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->principal->may(Action::manage, ""));
}

TEST(Keys, WrongOnesAreToldFromNone) {
  const AccessRules rules = rules_of(keyed());
  Request request = handshake();
  request.upgrade = "";
  EXPECT_FALSE(judged(request, rules).error().wrong_key);
  request.arguments = {"token=neither"};
  EXPECT_TRUE(judged(request, rules).error().wrong_key);
  request.path = "/watch/cam";  // a page asks nobody
  EXPECT_FALSE(examine(request, rules, routes())->needs);
  EXPECT_FALSE(judged(request, rules)->wrong_key);
  request.path = "/api/v1/streams";
  request.arguments = {"token=watch-key"};
  EXPECT_FALSE(judged(request, rules)->wrong_key);
  EXPECT_TRUE(judged(request, rules)->keyed);
  // Where anybody may watch, what stands in ?token= tells nobody from another.
  request.path = "/live/cam/index.m3u8";
  request.arguments = {"token=anything"};
  EXPECT_FALSE(judged(request, rules_of(Config{}))->keyed);
}

// Of an authorizer that knows the token and lets in as everybody: expired, or good for another
// thing.
TEST(Keys, ThatAreNoGuessesAreNotWrong) {
  Config config = keyed();
  const AccessRules rules = rules_of(config);
  Request request = handshake();
  request.upgrade = "";
  request.arguments = {"token=over"};
  for (const bool guessed : {false, true}) {
    Examined entry = examine(request, rules, routes());
    ASSERT_TRUE(entry);
    const auto anybody = std::make_shared<const Principal>(
        "everybody", std::vector<Right>{{Action::watch, "*"}, {Action::metrics, "*"}});
    const Verdict verdict =
        judge(request, *std::move(entry), Grant{anybody, false, guessed}, rules, routes(), kNow);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->wrong_key, guessed);
  }
}

TEST(Hosts, OfForeignPagesAreRefusedAndToldInThePage) {
  Request request = handshake();
  request.upgrade = "";
  request.host = "evil.example";
  for (const char* path : {"/", "/watch/cam", "/api/v1/recordings", "/metrics", "/live/cam"}) {
    request.path = path;
    const Verdict verdict = judged(request, rules_of(Config{}));
    ASSERT_FALSE(verdict) << path;
    EXPECT_EQ(verdict.error().why, Refusal::foreign_host) << path;
    EXPECT_NE(verdict.error().message.find("evil.example"), std::string::npos);
    EXPECT_NE(verdict.error().message.find("--host evil.example"), std::string::npos);
    EXPECT_EQ(verdict.error().page, std::string{path} == "/" || std::string{path} == "/watch/cam");
  }
  request.path = "/healthz";
  EXPECT_TRUE(judged(request, rules_of(Config{})));
}

TEST(Hosts, AreNeededInHttp11) {
  Request request = handshake();
  request.upgrade = "";
  request.host = "";
  for (const char* path : {"/", "/watch/cam", "/healthz", "/live/cam", "/nowhere", "/live/a b"}) {
    request.path = path;
    const Verdict verdict = judged(request, rules_of(keyed()));
    ASSERT_FALSE(verdict) << path;
    EXPECT_EQ(verdict.error().why, Refusal::bad_request) << path;
    EXPECT_NE(verdict.error().message.find("proxy_set_header Host"), std::string::npos) << path;
    EXPECT_EQ(verdict.error().page, std::string{path} == "/" || std::string{path} == "/watch/cam");
  }
  request.http_1_1 = false;
  request.path = "/healthz";
  EXPECT_TRUE(judged(request, rules_of(Config{})));
}

struct MethodCase {
  const char* name;
  const char* path;
  Method method;
  const char* allow;
};

// RFC 9110, section 15.5.6.
TEST(Methods, ThatArePossibleAreToldWithThoseThatAreNot) {
  constexpr MethodCase kCases[] = {
      {"live", "/live/cam", Method::del, "GET, HEAD"},
      {"live_post", "/live/cam", Method::post, "GET, HEAD"},
      {"publish", "/publish/cam", Method::del, "GET, HEAD, POST, PUT"},
      {"page", "/", Method::put, "GET, HEAD"},
      {"asset", "/framewire.js", Method::post, "GET, HEAD"},
      {"streams", "/api/v1/streams", Method::del, "GET, HEAD"},
      {"record", "/api/v1/streams/cam/record", Method::put, "GET, HEAD, POST, PATCH, DELETE"},
      {"recording", "/api/v1/recordings/a.webm", Method::put, "GET, HEAD, DELETE"},
      {"recordings", "/api/v1/recordings", Method::post, "GET, HEAD"},
      {"upload", "/api/v1/recordings/a.webm/upload", Method::get, "POST"},
      {"sessions", "/api/v1/sessions", Method::patch, "GET, HEAD"},
      {"session", "/api/v1/sessions/0-1", Method::patch, "GET, HEAD, DELETE"},
      {"config", "/api/v1/config", Method::put, "GET, HEAD, PATCH"},
      {"restream", "/api/v1/restreams/1", Method::get, "DELETE"},
      {"metrics", "/metrics", Method::other, "GET, HEAD"},
      {"options", "/live/cam", Method::options, "GET, HEAD"},
      {"echo", "/echo", Method::post, "GET"},
  };
  for (const MethodCase& c : kCases) {
    Request request = handshake();
    request.upgrade = "";
    request.path = c.path;
    request.method = c.method;
    request.content_length = 1;
    const Verdict verdict = judged(request, rules_of(Config{}));
    ASSERT_FALSE(verdict) << c.name;
    EXPECT_EQ(verdict.error().why, Refusal::method_not_allowed) << c.name;
    EXPECT_EQ(verdict.error().allow, c.allow) << c.name;
  }
  Request upgrade = handshake();
  upgrade.method = Method::post;
  EXPECT_EQ(judged(upgrade, rules_of(Config{})).error().allow, "GET");
}

TEST(Keys, AreNotAskedForPages) {
  Request page = handshake();
  page.upgrade = "";
  for (const char* path : {"/", "/watch/cam", "/publish/cam", "/framewire.js", "/healthz"}) {
    page.path = path;
    EXPECT_TRUE(judged(page, rules_of(keyed()))) << path;
  }
}

TEST(Keys, AreNeededToManageFromElsewhere) {
  Config config;
  config.open = true;
  Request request = handshake();
  request.upgrade = "";
  for (const char* path : {"/api/v1/sessions", "/api/v1/config", "/api/v1/chat/cam"}) {
    request.path = path;
    for (const char* argument : {"x=y", "token=made-up"}) {
      request.arguments = {argument};
      const Verdict verdict = judged(request, rules_of(config), /*own_machine=*/false);
      ASSERT_FALSE(verdict) << path;
      EXPECT_EQ(verdict.error().why, Refusal::unauthorized);
      EXPECT_EQ(verdict.error().message, kManagedFromHere);
      EXPECT_FALSE(verdict.error().wrong_key);
    }
  }
}

TEST(Preflight, IsForAdmittedOriginsAndBringsNoKey) {
  Config config = keyed();
  config.allowed_origins = {"https://good.example"};
  Request ask = handshake();
  ask.upgrade = "";
  ask.method = Method::options;
  for (const char* path : {"/api/v1/recordings/a.webm", "/api/v1/streams/cam/record",
                           "/publish/cam", "/live/cam", "/healthz"}) {
    ask.path = path;
    ask.origin = "https://good.example";
    EXPECT_TRUE(judged(ask, rules_of(config))) << path;
    ask.origin = "https://evil.example";
    EXPECT_EQ(judged(ask, rules_of(config)).error().why, Refusal::foreign_origin) << path;
    ask.origin = "";
    EXPECT_FALSE(judged(ask, rules_of(config))) << path;
  }
}

struct BodyCase {
  const char* name;
  Method method;
  const char* path;
  const char* encoding;
  std::optional<std::uint64_t> length;
  std::optional<Refusal> refusal;
};

class Push_ : public testing::TestWithParam<BodyCase> {};

TEST_P(Push_, IsJudged) {
  Request request = handshake();
  request.upgrade = "";
  request.method = GetParam().method;
  request.path = GetParam().path;
  request.transfer_encoding = GetParam().encoding;
  request.content_length = GetParam().length;
  const Verdict verdict = judged(request, rules_of(Config{}));
  ASSERT_EQ(verdict.has_value(), !GetParam().refusal);
  if (GetParam().refusal) {
    EXPECT_EQ(verdict.error().why, *GetParam().refusal);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, Push_,
    testing::Values(
        BodyCase{"length", Method::put, "/publish/x", "", 5, {}},
        BodyCase{"chunked", Method::post, "/publish/x", "chunked", {}, {}},
        BodyCase{"both", Method::post, "/publish/x", "chunked", 5, Refusal::bad_request},
        BodyCase{"neither", Method::post, "/publish/x", "", {}, Refusal::bad_request},
        BodyCase{"gzip", Method::post, "/publish/x", "gzip, chunked", {}, Refusal::bad_request},
        BodyCase{"empty", Method::put, "/publish/x", "", 0, Refusal::bad_request},
        BodyCase{"to_live", Method::post, "/live/x", "", 5, Refusal::method_not_allowed},
        BodyCase{"delete", Method::other, "/live/x", "", {}, Refusal::method_not_allowed}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(PublishFraming, BodiesThatAreNoStreamAreRefusedWithWhatToDo) {
  struct Odd {
    const char* range;
    const char* encoding;
    std::optional<Refusal> refusal;
  };
  for (const Odd& odd : std::initializer_list<Odd>{
           {"", "", {}},
           {"", "gzip", {}},
           {"", "identity", {}},
           {"bytes 0-1023/*", "", Refusal::bad_request},
           {"", "br", Refusal::unsupported_format},
           {"", "deflate", Refusal::unsupported_format},
       }) {
    Request request = handshake();
    request.upgrade = "";
    request.method = Method::put;
    request.path = "/publish/x";
    request.content_length = 5;
    request.content_range = odd.range;
    request.content_encoding = odd.encoding;
    const Verdict verdict = judged(request, rules_of(Config{}));
    ASSERT_EQ(verdict.has_value(), !odd.refusal) << odd.range << odd.encoding;
    if (odd.refusal) {
      EXPECT_EQ(verdict.error().why, *odd.refusal);
    }
  }
}

}  // namespace
}  // namespace framewire::relay
