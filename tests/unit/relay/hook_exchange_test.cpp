#include "relay/access/hook_exchange.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace framewire::relay {
namespace {

using nlohmann::json;
using std::chrono::seconds;

Credentials shown(const std::vector<std::string>& arguments) {
  Credentials out;
  out.token = "k";
  out.action = Action::publish;
  out.stream = "room/1";
  out.protocol = "websocket";
  out.address = "192.0.2.1";
  out.user_agent = "curl \"8\"\xff";
  out.arguments = arguments;
  out.connection = "0-17";
  return out;
}

TEST(HookQuestion, SaysAllThatIsKnown) {
  const std::vector<std::string> arguments{"token=k", "room=a=b", "_HLS_msn=4", "flag", "room=c"};
  const auto said = json::parse(hook_question(shown(arguments)));
  EXPECT_EQ(said,
            (json{{"action", "publish"},
                  {"stream", "room/1"},
                  {"protocol", "websocket"},
                  {"token", "k"},
                  {"address", "192.0.2.1"},
                  {"user_agent", "curl \"8\"\xef\xbf\xbd"},
                  {"query", json::array({json::array({"room", "a=b"}), json::array({"flag", ""}),
                                         json::array({"room", "c"})})},
                  {"connection", "0-17"}}));
  Credentials nobody;
  EXPECT_TRUE(json::parse(hook_question(nobody)).at("token").is_null());
}

TEST(HookSubject, IsTheSameForTheSameQuestionOnly) {
  const std::vector<std::string> none, msn{"_HLS_msn=4"}, one{"a=b"}, other{"a=", "b"};
  const std::string before = hook_subject(shown(none));
  Credentials again = shown(msn);
  again.connection = "1-2";
  EXPECT_EQ(hook_subject(again), before);
  const auto differs = [&](auto change) {
    Credentials changed = shown(none);
    change(changed);
    EXPECT_NE(hook_subject(changed), before);
  };
  differs([](Credentials& c) { c.token = "k2"; });
  differs([](Credentials& c) { c.token.reset(); });
  differs([](Credentials& c) { c.token = ""; });
  differs([](Credentials& c) { c.action = Action::watch; });
  differs([](Credentials& c) { c.stream = "room"; });
  differs([](Credentials& c) { c.protocol = "http"; });
  differs([](Credentials& c) { c.address = "192.0.2.12"; });
  differs([](Credentials& c) { c.user_agent = ""; });
  differs([&](Credentials& c) { c.arguments = one; });
  EXPECT_NE(hook_subject(shown(one)), hook_subject(shown(other)));
}

TEST(HookAnswer, OfNothingGivesWhatWasAsked) {
  for (const char* body : {"", " \r\n", "{}"}) {
    const auto said = read_hook_answer(body);
    ASSERT_TRUE(said) << body;
    EXPECT_FALSE(said->rights || said->expires);
    EXPECT_EQ(said->name + said->metadata, "");
  }
}

TEST(HookAnswer, SaysRightsEndNameAndMetadata) {
  const auto said = read_hook_answer(
      R"({"rights":[{"action":"watch","stream":"cam*"},{"action":"metrics"}],"expires":1900000000.9,
          "name":"Anna Ä","metadata":{"team":"red"}})");
  ASSERT_TRUE(said) << said.error();
  EXPECT_EQ(*said->rights,
            (std::vector<jwt::Right>{{Action::watch, "cam*"}, {Action::metrics, "*"}}));
  EXPECT_EQ(said->expires, jwt::Instant{seconds{1'900'000'000}});
  EXPECT_EQ(said->name, "Anna Ä");
  EXPECT_EQ(said->metadata, R"({"team":"red"})");
}

TEST(HookAnswer, BoundsWhomItNames) {
  const auto said = read_hook_answer(R"({"name":"anna","limits":{"streams":1,"kbps":400}})");
  ASSERT_TRUE(said) << said.error();
  EXPECT_EQ(said->quota, (jwt::Quota{1, {}, 400}));
  for (const char* body : {R"({"limits":{"streams":1}})", R"({"name":"","limits":{"kbps":1}})",
                           R"({"name":"a","limits":{"films":1}})", R"({"name":"a","limits":7})"})
    EXPECT_FALSE(read_hook_answer(body)) << body;
}

TEST(HookAnswer, IsRefusedWhereItIsNotUnderstood) {
  const std::string long_metadata = R"({"metadata":{"a":")" + std::string(1024, 'x') + "\"}}";
  const std::string long_name = R"({"name":")" + std::string(65, 's') + "\"}";
  for (const char* body : {"OK",
                           "true",
                           "[]",
                           "<!doctype html>",
                           R"({"name":"a","name":"b"})",
                           R"({"right":[]})",
                           R"({"rights":[]})",
                           R"({"rights":{}})",
                           R"({"rights":[{"action":"fly","stream":"a"}]})",
                           R"({"rights":[{"action":"watch"}]})",
                           R"({"rights":[{"action":"watch","stream":"../a"}]})",
                           R"({"rights":[{"action":"watch","stream":"a","only":"monday"}]})",
                           R"({"rights":null})",
                           R"({"expires":"tomorrow"})",
                           R"({"expires":-1})",
                           R"({"expires":1e300})",
                           R"({"name":7})",
                           R"({"name":"a\nb"})",
                           R"({"metadata":[]})",
                           R"({"s3cret":1})",
                           "{",
                           long_metadata.c_str(),
                           long_name.c_str()}) {
    const auto said = read_hook_answer(body);
    ASSERT_FALSE(said) << body;
    EXPECT_FALSE(said.error().empty());
    EXPECT_EQ(said.error().find("s3cret"), std::string::npos);
  }
}

TEST(HookSentence, IsShownWhereItIsPlain) {
  EXPECT_EQ(hook_sentence(R"({"message":"not paid","more":1})"), "not paid");
  for (const char* body : {"", "not paid", R"({"message":7})", R"({"message":"a\nb"})", "[1]"})
    EXPECT_EQ(hook_sentence(body), "") << body;
}

TEST(MaxAge, IsWhatTheHeaderSays) {
  struct Row {
    const char* header;
    std::int64_t seconds;
  };
  for (const Row& row :
       {Row{"", 0}, Row{"max-age=60", 60}, Row{"Max-Age=60", 60},
        Row{"private, max-age=60 , must-revalidate", 60}, Row{"max-age=\"60\"", 60},
        Row{"max-age=60, no-store", 0}, Row{"no-cache, max-age=60", 0},
        Row{"no-cache=\"x\", max-age=60", 0}, Row{"max-age=60, max-age=60", 0}, Row{"max-age=", 0},
        Row{"max-age=-1", 0}, Row{"max-age=6 0", 0}, Row{"max-age=60s", 0}, Row{"s-maxage=60", 0},
        Row{"x-max-age=60", 0}, Row{"max-age=999999999", 86'400},
        Row{"max-age=99999999999999999999999", 86'400}, Row{",,,", 0}})
    EXPECT_EQ(max_age_of(row.header).count(), row.seconds) << row.header;
}

}  // namespace
}  // namespace framewire::relay
