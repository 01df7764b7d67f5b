// Rights that end while they are used: who is connected is told, whatever it is connected for.
#include <gtest/gtest.h>

#include <string>

#include "fake_authorizer.h"
#include "plain_client.h"

namespace framewire::relay {
namespace {

constexpr std::string_view kCode = R"("code":"token-expired")";

bool holds(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

// Whoever shows "forever" may all of this for ever, others for a moment.
class Expiry : public testing::Test {
 protected:
  Expiry() {
    served.desk->answer_at_once([](const std::string& token) -> std::optional<Answer> {
      std::optional<Time> until;
      if (token != "forever") until = Clock::now() + (token == "gone" ? Duration{0} : kMoment);
      std::vector<Right> all;
      for (std::size_t i = 0; i < kActionNames.size(); ++i)
        all.push_back({static_cast<Action>(i), "*"});
      return Grant{std::make_shared<const Principal>("somebody", std::move(all), until), true};
    });
  }
  void expect_close(PlainClient& client) {
    const PlainClient::Frame close = client.frame(PlainClient::kClose);
    EXPECT_EQ(close.close_code(), 1008u);
    EXPECT_EQ(close.payload.substr(2), "token-expired");
  }

  static constexpr Duration kMoment{500};
  FakeAuthorizerServer served;
  std::uint16_t port = served.server->port();
};

TEST_F(Expiry, IsToldToWebSockets) {
  for (const char* path : {"/live/cam", "/publish/cam", "/echo"}) {
    SCOPED_TRACE(path);
    PlainClient v1{port}, bare{port};
    v1.upgrade(path, true);
    bare.upgrade(path, false);
    EXPECT_EQ(v1.status(), 101u);
    EXPECT_EQ(bare.status(), 101u);
    if (std::string_view{path} != "/echo")  // which says back what it is told, and nothing else
      for (;;) {
        const PlainClient::Frame told = v1.frame(PlainClient::kText);
        ASSERT_EQ(told.opcode, PlainClient::kText);
        if (holds(told.payload, kCode)) break;
        EXPECT_FALSE(holds(told.payload, R"("type":"error")")) << told.payload;
      }
    expect_close(v1);
    expect_close(bare);
  }
}

TEST_F(Expiry, EndsABodyThatIsSent) {
  PlainClient publisher{port}, viewer{port};
  publisher.send(
      "POST /publish/cam?format=binary&token=forever HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\nmedia\r\n");
  viewer.get("/live/cam?wait=60&token=moment");
  EXPECT_EQ(viewer.status(), 200u);
  const std::string body = viewer.rest();
  EXPECT_FALSE(holds(body, "0\r\n\r\n")) << "a stream that was cut is not said to be whole";
  PlainClient again{port};
  again.get("/live/cam?token=forever");
  EXPECT_EQ(again.status(), 200u);
}

TEST_F(Expiry, IsTheAnswerToWhoHasNone) {
  PlainClient publisher{port}, waits{port};
  publisher.send(
      "POST /publish/cam?format=binary&token=moment HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\nmedia\r\n");
  waits.get("/live/other?wait=60&token=moment");
  for (PlainClient* client : {&publisher, &waits}) {
    const std::string said = client->rest();
    EXPECT_TRUE(holds(said, "401") && holds(said, kCode)) << said;
  }
}

TEST_F(Expiry, ThatIsOverLetsNobodyIn) {
  PlainClient plain{port}, v1{port};
  plain.get("/metrics?token=gone");
  const std::string said = plain.rest();
  EXPECT_TRUE(holds(said, "401") && holds(said, kCode)) << said;
  EXPECT_TRUE(holds(said, "WWW-Authenticate: Bearer")) << said;  // RFC 9110, section 15.5.2
  v1.upgrade("/live/cam?token=gone", true);
  EXPECT_EQ(v1.status(), 101u);
  EXPECT_TRUE(holds(v1.frame(PlainClient::kText).payload, kCode));
  expect_close(v1);
}

// The next request of a connection is another's, maybe.
TEST_F(Expiry, IsOfARequestAlone) {
  PlainClient client{port};
  client.get("/metrics?token=moment");
  EXPECT_EQ(client.status(), 200u);
  client.get("/live/other?wait=2&token=forever");
  const std::string said = client.rest();
  EXPECT_TRUE(holds(said, "HTTP/1.1 404")) << said;
}

}  // namespace
}  // namespace framewire::relay
