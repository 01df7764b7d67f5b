#include "relay/access/hook_authorizer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/access/static_keys.h"
#include "relay/base/config.h"
#include "tests/unit/relay/fakes.h"

namespace framewire::relay {
namespace {

constexpr jwt::Instant kNow{std::chrono::seconds{1'800'000'000}};

// One loop, and the thread that asks, both turned by hand.
class Hook : public testing::Test {
 protected:
  static constexpr std::size_t kQueue = 3;

  Hook() {
    config.auth_hook = queue;
    config.auth_cache = 2;
    config.publish_keys = {"static"};
  }
  std::shared_ptr<HookAuthorizer> made() {
    return std::make_shared<HookAuthorizer>(config, loop, make_static_keys(config, loop),
                                            [] { return kNow; });
  }
  Credentials shown(std::optional<std::string_view> token, Action action = Action::watch,
                    std::string_view stream = "cam") {
    Credentials out;
    out.token = token;
    out.action = action;
    out.stream = stream;
    return out;
  }
  // What is asked of it, and answered by `reply` if it was asked.
  std::optional<Answer> asked(HookAuthorizer& who, const Credentials& credentials,
                              HookReply reply) {
    std::optional<Answer> out;
    auto said = who.authorize(credentials, [&](const Answer& answer) { out = answer; });
    if (Answer* at_once = std::get_if<Answer>(&said)) return *at_once;
    const auto question = queue->take();
    EXPECT_TRUE(question);
    ++questions;
    if (question) queue->answer(question->id, std::move(reply));
    EXPECT_FALSE(out) << "in a later turn only";
    loop.run();
    return out;
  }
  static HookReply answered(long status, std::string body = {}, std::string cache = {}) {
    return {HookReply::Outcome::answered, status, std::move(body), std::move(cache)};
  }

  Time clock{Duration{1'000'000}};
  FakeLoop loop{clock};
  std::shared_ptr<HookQueue> queue = std::make_shared<HookQueue>(kQueue, Duration{3'000});
  Config config;
  int questions = 0;
};

TEST_F(Hook, AdmitsToWhatWasAskedFor) {
  const auto who = made();
  const auto watch = asked(*who, shown("t"), answered(204));
  ASSERT_TRUE(watch && *watch && (*watch)->known);
  const Principal& viewer = *(*watch)->principal;
  EXPECT_TRUE(viewer.may(Action::watch, "cam") && viewer.may(Action::talk, "cam"));
  EXPECT_FALSE(viewer.may(Action::watch, "other") || viewer.may(Action::publish, "cam") ||
               viewer.may(Action::metrics, "") || viewer.may(Action::watch, ""));
  EXPECT_FALSE(viewer.expiry());
  const auto publish =
      asked(*who, shown(std::nullopt, Action::publish, "a/b"), answered(200, "{}"));
  ASSERT_TRUE(publish && *publish);
  EXPECT_TRUE((*publish)->principal->may(Action::publish, "a/b"));
  EXPECT_FALSE((*publish)->principal->may(Action::watch, "a/b"));
}

TEST_F(Hook, GivesTheRightsNameAndEndOfTheAnswer) {
  const auto who = made();
  const auto said =
      asked(*who, shown("t"),
            answered(200, R"({"rights":[{"action":"watch","stream":"c*"}],"expires":1800000060,
                        "name":"anna","metadata":{"a":1}})"));
  ASSERT_TRUE(said && *said);
  const Principal& anna = *(*said)->principal;
  EXPECT_EQ(anna.name(), "anna");
  EXPECT_EQ(anna.about().shown_name, "anna");
  EXPECT_EQ(anna.about().metadata, R"({"a":1})");
  EXPECT_EQ(anna.expiry(), clock + std::chrono::seconds{60});
  EXPECT_TRUE(anna.may(Action::watch, "cam2"));
  EXPECT_FALSE(anna.may(Action::talk, "cam"));
}

TEST_F(Hook, RefusesByName) {
  const auto who = made();
  struct Row {
    HookReply reply;
    Refusal why;
    bool guessed;
    const char* says;
  };
  for (const Row& row :
       {Row{answered(401), Refusal::unauthorized, true, "this key (token) is not taken"},
        Row{answered(401, R"({"message":"not paid"})"), Refusal::unauthorized, true, ": not paid"},
        Row{answered(403), Refusal::forbidden, false, "no right \"watch\""},
        Row{answered(200, "OK"), Refusal::auth_failed, false, "no answer of use"},
        Row{answered(200, R"({"expires":1799999999})"), Refusal::token_expired, false, "expired"},
        Row{answered(302), Refusal::auth_failed, false, "no answer of use"},
        Row{answered(100), Refusal::auth_failed, false, "no answer of use"},
        Row{answered(404), Refusal::auth_failed, false, "no answer of use"},
        Row{answered(429), Refusal::auth_failed, false, "no answer of use"},
        Row{answered(500, "s3cret"), Refusal::auth_failed, false, "no answer of use"},
        Row{{HookReply::Outcome::timed_out, 0, {}, {}}, Refusal::auth_timed_out, false, "in time"},
        Row{{}, Refusal::auth_failed, false, "no answer of use"}}) {
    const auto said = asked(*who, shown("t"), row.reply);
    ASSERT_TRUE(said && !*said) << row.says;
    EXPECT_EQ(said->error().why, row.why) << row.says;
    EXPECT_EQ(said->error().guessed, row.guessed) << row.says;
    EXPECT_NE(said->error().message.find(row.says), std::string::npos) << said->error().message;
    EXPECT_EQ(said->error().message.find("s3cret"), std::string::npos);
  }
  const auto nobody = asked(*who, shown(std::nullopt), answered(401));
  ASSERT_TRUE(nobody && !*nobody);
  EXPECT_FALSE(nobody->error().guessed) << "nothing was guessed";
}

// A connection that is cut before a body whose length nobody knows looks like an empty one.
TEST_F(Hook, ThatMayHaveBeenCutOffAdmitsNobody) {
  const auto who = made();
  for (const char* nothing : {"", "\r\n"}) {
    HookReply cut = answered(200, nothing);
    cut.whole = false;
    const auto said = asked(*who, shown(nothing), cut);
    ASSERT_TRUE(said && !*said);
    EXPECT_EQ(said->error().why, Refusal::auth_failed);
  }
  HookReply closed = answered(200, R"({"name":"anna"})");
  closed.whole = false;
  EXPECT_TRUE(*asked(*who, shown("object"), closed)) << "an object that is closed is all of it";
  closed.body = R"({"name":"anna")";
  EXPECT_FALSE(*asked(*who, shown("half"), closed));
}

TEST_F(Hook, IsAskedOnlyOfWhomNothingIsKnown) {
  const auto who = made();
  const auto by_key = asked(*who, shown("static", Action::publish), answered(403));
  ASSERT_TRUE(by_key && *by_key && (*by_key)->known);
  EXPECT_EQ(questions, 0);
  const auto not_its_right = asked(*who, shown("static", Action::watch), answered(204));
  ASSERT_TRUE(not_its_right && *not_its_right);
  EXPECT_FALSE((*not_its_right)->principal->may(Action::watch, "cam"));
  EXPECT_EQ(questions, 0) << "a key is a key";
  config.open_watch = true;
  const auto open = made();
  ASSERT_TRUE(*asked(*open, shown(std::nullopt), answered(403)));
  EXPECT_EQ(questions, 0);
  EXPECT_FALSE(*asked(*open, shown(std::nullopt, Action::publish), answered(403)));
  EXPECT_EQ(questions, 1);
}

TEST_F(Hook, IsAskedAboutATokenThoughAnybodyMayWatch) {
  config.open_watch = true;
  const auto who = made();
  const auto named = asked(*who, shown("good"), answered(200, R"({"name":"anna"})"));
  ASSERT_TRUE(named && *named && (*named)->known);
  EXPECT_EQ((*named)->principal->name(), "anna");
  EXPECT_FALSE((*named)->guessed);
  struct Row {
    const char* what;
    HookReply reply;
    bool guessed;
  };
  for (const Row& row :
       {Row{"wrong", answered(401), true}, Row{"not for that", answered(403), false},
        Row{"over", answered(200, R"({"expires":1799999999})"), false},
        Row{"broken", answered(500), false},
        Row{"late", {HookReply::Outcome::timed_out, 0, {}, {}}, false}}) {
    const auto said = asked(*who, shown(row.what), row.reply);
    ASSERT_TRUE(said && *said) << row.what << ": nobody is kept out of what is everybody's";
    EXPECT_FALSE((*said)->known) << row.what;
    EXPECT_EQ((*said)->guessed, row.guessed) << row.what;
    EXPECT_TRUE((*said)->principal->may(Action::watch, "cam"));
  }
  EXPECT_EQ(questions, 6);
  EXPECT_FALSE(*asked(*who, shown("wrong", Action::publish), answered(401)));
}

TEST_F(Hook, IsNotAskedAgainForAsLongAsItSays) {
  const auto who = made();
  EXPECT_TRUE(*asked(*who, shown("a"), answered(200, "", "max-age=10")));
  EXPECT_TRUE(*asked(*who, shown("a"), answered(403)));
  EXPECT_EQ(questions, 1);
  EXPECT_FALSE(*asked(*who, shown("a", Action::publish), answered(403, "", "max-age=10")));
  EXPECT_FALSE(*asked(*who, shown("a", Action::publish), answered(200)));
  EXPECT_EQ(questions, 2) << "a refusal is an answer, and of another question";
  clock += std::chrono::seconds{10};
  EXPECT_FALSE(*asked(*who, shown("a"), answered(403)));
  EXPECT_EQ(questions, 3);
  // What fails is asked again, whatever it says; so is what says nothing.
  EXPECT_FALSE(*asked(*who, shown("b"), answered(500, "", "max-age=10")));
  EXPECT_TRUE(*asked(*who, shown("b"), answered(200)));
  EXPECT_TRUE(*asked(*who, shown("b"), answered(200)));
  EXPECT_EQ(questions, 6);
  for (const char* token : {"c", "d", "e", "f"})
    EXPECT_TRUE(*asked(*who, shown(token), answered(200, "", "max-age=10")));
  EXPECT_EQ(who->kept(), 2u) << "--auth-cache";
}

TEST_F(Hook, TakesSoManyQuestionsAtATime) {
  const auto who = made();
  std::vector<Authorizer::Reply> open;
  int told = 0;
  const auto count = [&](const Answer& answer) {
    EXPECT_EQ(answer.error().why, Refusal::auth_timed_out);
    ++told;
  };
  for (std::size_t i = 0; i < kQueue; ++i) open.push_back(who->authorize(shown("t"), count));
  const auto more = who->authorize(shown("t"), count);
  ASSERT_TRUE(std::holds_alternative<Answer>(more));
  EXPECT_EQ(std::get<Answer>(more).error().why, Refusal::overloaded);
  open.pop_back();  // withdrawn, which makes room
  open.push_back(who->authorize(shown("t"), count));
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Authorizer::Question>>(open.back()));
  EXPECT_EQ(queue->next_end(), clock + Duration{3'000});
  queue->expire(clock + Duration{2'999});
  loop.run();
  EXPECT_EQ(told, 0);
  queue->expire(clock + Duration{3'000});
  loop.run();
  EXPECT_EQ(told, static_cast<int>(kQueue));
}

// One address asks for more than there is room for: another one finds a place, and its turn soon.
TEST_F(Hook, ServesAddressesInTurn) {
  const auto who = made();
  std::vector<Authorizer::Reply> open;
  std::vector<Refusal> refused;
  const auto note = [&](const Answer& answer) {
    if (!answer) refused.push_back(answer.error().why);
  };
  const auto ask = [&](std::string_view address, std::string_view token) {
    Credentials of = shown(token);
    of.address = address;
    open.push_back(who->authorize(of, note));
    return std::holds_alternative<std::unique_ptr<Authorizer::Question>>(open.back());
  };
  for (const char* token : {"flood0", "flood1", "flood2"}) EXPECT_TRUE(ask("2001:db8::1", token));
  EXPECT_FALSE(ask("2001:db8::2", "flood3")) << "of the same /64";
  EXPECT_TRUE(ask("192.0.2.7", "guest"));
  loop.run();
  EXPECT_EQ(refused, std::vector{Refusal::overloaded}) << "the flood's newest made room";
  EXPECT_TRUE(ask("192.0.2.8", "other"));
  EXPECT_EQ(queue->waiting(), kQueue);
  EXPECT_FALSE(ask("192.0.2.7", "more")) << "who has as many as anybody displaces nobody";
  std::string order;
  while (const auto question = queue->take())
    for (const char* token : {"flood0", "flood1", "flood2", "guest", "other"})
      if (question->body.find(token) != std::string::npos) order += std::string{token} + " ";
  EXPECT_EQ(order, "flood0 guest other ");
}

TEST_F(Hook, ToldTooLateIsToldToNobody) {
  const auto who = made();
  bool told = false;
  auto reply = who->authorize(shown("t"), [&](const Answer&) { told = true; });
  const auto question = queue->take();
  queue->answer(question->id, answered(200));
  reply =
      Answer{Grant{who->everybody()}};  // the question is withdrawn while its answer is under way
  loop.run();
  EXPECT_FALSE(told);
  auto another = who->authorize(shown("t"), [&](const Answer&) { told = true; });
  const auto second = queue->take();
  EXPECT_FALSE(queue->withdrawn(second->id));
  another = Answer{Grant{who->everybody()}};
  EXPECT_TRUE(queue->withdrawn(second->id));
  queue->answer(second->id, answered(200));
  loop.run();
  EXPECT_FALSE(told);
}

TEST_F(Hook, ThatNobodyAsksAnyMoreRefuses) {
  const auto who = made();
  std::optional<Answer> said;
  const auto open = who->authorize(shown("t"), [&](const Answer& answer) { said = answer; });
  queue->close();
  loop.run();
  ASSERT_TRUE(said && !*said);
  EXPECT_EQ(said->error().why, Refusal::auth_failed);
  const auto later = who->authorize(shown("t"), [](const Answer&) {});
  EXPECT_EQ(std::get<Answer>(later).error().why, Refusal::auth_failed);
}

}  // namespace
}  // namespace framewire::relay
