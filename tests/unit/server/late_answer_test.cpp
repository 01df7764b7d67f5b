// Requests that wait until it is known what they may: an authorizer that answers late, never, after
// the connection has gone, and with a refusal.
#include <gtest/gtest.h>

#include <string>

#include "fake_authorizer.h"
#include "plain_client.h"

namespace framewire::relay {
namespace {

using testing::Test;

class LateAnswer : public Test {
 protected:
  FakeAuthorizerServer served;
  Desk& desk = *served.desk;
  std::uint16_t port = served.server->port();
};

bool holds(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST_F(LateAnswer, IsAskedForWithAllThatIsKnown) {
  PlainClient client{port};
  client.send(
      "GET /live/a/cam.mp4?token=secret HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: me\r\n\r\n");
  const Desk::Asked asked = desk.asked(0);
  EXPECT_EQ(asked.token, "secret");
  EXPECT_EQ(asked.action, Action::watch);
  EXPECT_EQ(asked.stream, "a/cam");
  EXPECT_EQ(asked.protocol, "http");
  EXPECT_EQ(asked.address, "127.0.0.1");
  EXPECT_EQ(asked.user_agent, "me");
}

TEST_F(LateAnswer, HoldsUpNobodyElse) {
  PlainClient waits{port}, other{port};
  waits.get("/live/cam?token=t");
  desk.asked(0);
  other.get("/healthz");  // there is one loop
  EXPECT_EQ(other.status(), 200u);
  desk.answer(0, may(Action::watch, "cam"));
  EXPECT_EQ(waits.status(), 404u);  // let in: there is no such stream
}

TEST_F(LateAnswer, OfRightsThatDoNotCoverItRefuses) {
  std::size_t number = 0;
  for (const Answer& answer :
       {may(Action::watch, "other"), may(Action::publish, "cam"), may(Action::watch, "cam.mp4")}) {
    PlainClient client{port};
    client.get("/live/cam.mp4");
    desk.asked(number);
    desk.answer(number++, answer);
    const std::string said = client.rest();
    EXPECT_TRUE(holds(said, "401") && holds(said, R"("code":"unauthorized")")) << said;
  }
}

TEST_F(LateAnswer, LetsABodyInThatHasComeMeanwhile) {
  PlainClient client{port};
  client.send(
      "POST /publish/cam?format=binary HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
      "10\r\n\r\n01234");
  EXPECT_EQ(desk.asked(0).action, Action::publish);
  client.send("56789");
  desk.answer(0, may(Action::publish, "*"));
  EXPECT_TRUE(holds(client.until("}"), R"("received_bytes":10)"));
}

TEST_F(LateAnswer, OpensAWebSocketAndTakesWhatCameAhead) {
  PlainClient client{port};
  client.upgrade("/echo?token=t", false);
  client.send_text("early");
  EXPECT_EQ(desk.asked(0).protocol, "websocket");
  desk.answer(0, may(Action::metrics, "*"));
  EXPECT_EQ(client.status(), 101u);
  EXPECT_EQ(client.frame().payload, "early");
  client.send_text("late");
  EXPECT_EQ(client.frame().payload, "late");
}

TEST_F(LateAnswer, RequestsOfOneConnectionAreAskedForOneByOne) {
  PlainClient client{port};
  client.get("/api/v1/streams?token=1");
  client.get("/api/v1/streams?token=2");
  EXPECT_EQ(desk.asked(0).token, "1");
  PlainClient other{port};
  other.get("/healthz");
  EXPECT_EQ(other.status(), 200u);  // a turn later
  EXPECT_EQ(desk.count(), 1u);
  desk.answer(0, may(Action::metrics, "*"));
  EXPECT_EQ(client.status(), 200u);
  EXPECT_EQ(desk.asked(1).token, "2");
  desk.answer(1, may(Action::metrics, "*"));
  EXPECT_TRUE(holds(client.until("200 OK"), "streams"));
}

TEST_F(LateAnswer, ThatDeniesIsToldToAPageAfterTheUpgrade) {
  PlainClient v1{port}, bare{port}, plain{port};
  const Answer denied = tl::make_unexpected(Denial{Refusal::unauthorized, "it is too old"});
  v1.upgrade("/live/cam", true);
  desk.asked(0);
  desk.answer(0, denied);
  EXPECT_EQ(v1.status(), 101u);
  EXPECT_TRUE(holds(v1.frame(PlainClient::kText).payload, R"("code":"unauthorized")"));
  const PlainClient::Frame close = v1.frame(PlainClient::kClose);
  EXPECT_EQ(close.close_code(), 1008u);
  EXPECT_EQ(close.payload.substr(2), "unauthorized");
  bare.upgrade("/live/cam", false);
  desk.asked(1);
  desk.answer(1, denied);
  EXPECT_EQ(bare.status(), 401u);
  plain.get("/live/cam");
  desk.asked(2);
  desk.answer(2, denied);
  const std::string said = plain.rest();
  EXPECT_TRUE(holds(said, "401") && holds(said, "it is too old")) << said;
}

TEST_F(LateAnswer, ThatFailsIsAStatusForAPageToo) {
  PlainClient v1{port};
  v1.upgrade("/publish/cam", true);
  desk.asked(0);
  desk.answer(0, tl::make_unexpected(Denial{Refusal::timed_out, "the key server is away"}));
  EXPECT_EQ(v1.status(), 503u);
}

TEST(NoAnswer, IsWantedAnyMoreWhenTheConnectionHasGone) {
  Config config;
  config.authorize_timeout = Duration{600'000};
  config.half_closed_timeout = Duration{1};
  FakeAuthorizerServer served{config};
  const std::uint16_t port = served.server->port();
  std::size_t number = 0;
  for (const bool websocket : {false, true})
    for (const bool reset : {false, true}) {
      PlainClient client{port};
      if (websocket)
        client.upgrade("/live/cam", true);
      else
        client.get("/live/cam");
      served.desk->asked(number);
      if (reset)
        client.reset();
      else
        client.close();
      served.desk->expect_withdrawn(number);
      served.desk->answer(number++, may(Action::watch, "*"));  // comes to nobody
    }
  PlainClient other{port};
  other.get("/healthz");
  EXPECT_EQ(other.status(), 200u);
}

TEST_F(LateAnswer, OfAServerThatStopsIsNotWaitedFor) {
  PlainClient client{port};
  client.get("/live/cam");
  desk.asked(0);
  served.server->drain();
  const std::string said = client.rest();
  EXPECT_TRUE(holds(said, "503") && holds(said, "restarts")) << said;
  desk.expect_withdrawn(0);
}

TEST_F(LateAnswer, ComesFromWhoWasAskedThoughItIsReloaded) {
  PlainClient client{port};
  client.get("/live/cam");
  desk.asked(0);
  Config fresh;
  fresh.port = 0;
  fresh.loops = 1;
  served.server->reload(fresh, nullptr);
  desk.answer(0, may(Action::watch, "*"));
  EXPECT_EQ(client.status(), 404u);
}

TEST(NoAnswer, IsRefusedInTime) {
  Config config;
  config.authorize_timeout = Duration{1};
  FakeAuthorizerServer served{config};
  PlainClient plain{served.server->port()}, websocket{served.server->port()};
  plain.get("/live/cam");
  websocket.upgrade("/live/cam", true);
  for (PlainClient* client : {&plain, &websocket}) {
    const std::string said = client->rest();
    EXPECT_TRUE(holds(said, "503") && holds(said, R"("code":"timed-out")"))
        << (client == &plain ? "plain: " : "websocket: ") << said;
  }
  served.desk->expect_withdrawn(0);
  served.desk->expect_withdrawn(1);
}

TEST(NoAnswer, IsWaitedForBySoManyOnly) {
  Config config;
  config.max_authorizing = 2;
  FakeAuthorizerServer served{config};
  const std::uint16_t port = served.server->port();
  PlainClient first{port}, second{port}, third{port}, fourth{port};
  first.get("/live/cam");
  served.desk->asked(0);
  second.get("/live/cam");
  served.desk->asked(1);
  third.get("/live/cam");
  const std::string said = third.rest();
  EXPECT_TRUE(holds(said, "503") && holds(said, R"("code":"overloaded")")) << said;
  served.desk->expect_withdrawn(2);
  served.desk->answer(0, may(Action::watch, "*"));
  EXPECT_EQ(first.status(), 404u);
  fourth.get("/live/cam");
  served.desk->asked(3);
  served.desk->answer(3, may(Action::watch, "*"));
  EXPECT_EQ(fourth.status(), 404u);
}

TEST_F(LateAnswer, IsNotAskedForWhatIsAnybodys) {
  PlainClient client{port};
  for (const char* path : {"/", "/watch/cam", "/publish/cam", "/framewire.js", "/healthz"}) {
    PlainClient page{port};
    page.get(path);
    EXPECT_EQ(page.status(), 200u) << path;
  }
  EXPECT_EQ(desk.count(), 0u);
}

}  // namespace
}  // namespace framewire::relay
