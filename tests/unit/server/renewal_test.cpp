// A new token on the same WebSocket, before the old one ends.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "fake_authorizer.h"
#include "plain_client.h"

namespace framewire::relay {
namespace {

constexpr Duration kMoment{2'000};

class Renewals : public testing::Test {
 protected:
  Renewals() {
    served.desk->answer_at_once([](const std::string& token) -> std::optional<Answer> {
      if (token == "wrong" || token.empty())
        return tl::make_unexpected(Denial{Refusal::unauthorized, "token-signature: no", true});
      if (token == "later") return std::nullopt;
      std::optional<Time> until;
      if (token != "forever")
        until = Clock::now() + (token == "hour" ? Duration{3'600'000} : kMoment);
      std::vector<Right> rights;
      for (const Action action : {Action::watch, Action::publish})
        rights.push_back({action, token == "other" ? "other" : "cam"});
      if (token == "hour") rights.push_back({Action::talk, "cam"});
      if (token == "moderator") rights.push_back({Action::moderate, "c*"});
      if (token == "manager") rights.push_back({Action::manage, "cam"});
      if (token == "operator") rights.push_back({Action::manage, "*"});
      return Grant{std::make_shared<const Principal>("somebody", std::move(rights), until), true};
    });
  }
  static std::string renewal(const char* token) {
    return R"({"type":"token","token":")" + std::string{token} + "\"}";
  }
  // The next message of this type.
  static nlohmann::json said(PlainClient& client, std::string_view type) {
    for (;;) {
      const PlainClient::Frame frame = client.frame(PlainClient::kText);
      const auto json = nlohmann::json::parse(frame.payload, nullptr, false);
      if (!json.is_object()) return {};
      if (json.value("type", "") == type) return json;
    }
  }

  FakeAuthorizerServer served;
  std::uint16_t port = served.server->port();
};

TEST_F(Renewals, KeepASocketOpenBeyondItsFirstToken) {
  for (const char* path : {"/live/cam", "/live/cam.mp4", "/publish/cam"}) {
    SCOPED_TRACE(path);
    PlainClient renewed{port}, old{port};
    renewed.upgrade(std::string{path} + "?token=moment", true);
    EXPECT_EQ(renewed.status(), 101u);
    // There is one publisher of a stream, and the first that says so.
    old.upgrade(std::string{path} + "?token=moment", true);
    EXPECT_EQ(old.status(), 101u);
    EXPECT_LE(said(renewed, "token")["valid_ms"], kMoment.count());
    renewed.send_text(renewal("hour"));
    EXPECT_GT(said(renewed, "token")["valid_ms"], 3'000'000);
    // Once the one that came after it is closed, this one would be, too.
    EXPECT_EQ(said(old, "error")["code"], "token-expired");
    renewed.send_text(R"({"type":"clock","sent":7})");
    EXPECT_EQ(said(renewed, "clock")["sent"], 7);
  }
}

TEST_F(Renewals, ThatAreRefusedSayWhyAndChangeNothing) {
  struct Row {
    const char* token;
    const char* message;
  };
  for (const Row& row : {Row{"wrong", "token-signature"}, Row{"other", "not for this stream"}}) {
    SCOPED_TRACE(row.token);
    PlainClient viewer{port};
    viewer.upgrade("/live/cam?token=hour", true);
    EXPECT_EQ(viewer.status(), 101u);
    viewer.send_text(renewal(row.token));
    const auto told = said(viewer, "warning");
    EXPECT_EQ(told["code"], "token-refused");
    EXPECT_NE(told.value("message", "").find(row.message), std::string::npos) << told;
    viewer.send_text(R"({"type":"clock","sent":7})");
    EXPECT_EQ(said(viewer, "clock")["sent"], 7) << "it goes on";
  }
}

TEST_F(Renewals, ThatAreRefusedDoNotPutOffTheEnd) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=moment", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(renewal("wrong"));
  EXPECT_EQ(said(viewer, "error")["code"], "token-expired");
}

TEST_F(Renewals, MayBeAnsweredLater) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=hour", true);
  EXPECT_EQ(viewer.status(), 101u);
  said(viewer, "token");
  viewer.send_text(renewal("later"));
  EXPECT_EQ(served.desk->asked(1).stream, "cam");
  served.desk->answer(1, may(Action::watch, "cam"));
  EXPECT_TRUE(said(viewer, "token")["valid_ms"].is_null()) << "this one has no end";
}

TEST_F(Renewals, OfWhoLeavesAreNotWaitedFor) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=hour", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(renewal("later"));
  served.desk->asked(1);
  viewer.reset();
  served.desk->expect_withdrawn(1);
}

TEST_F(Renewals, CountForWhatFollowsAtOnce) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=forever", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(renewal("hour"));
  viewer.send_text(R"({"type":"message","data":"hello"})");
  EXPECT_EQ(said(viewer, "warning")["code"], "no-stream") << "it may speak by then";
}

TEST_F(Renewals, WithoutATokenAreRefused) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=hour", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(renewal("wrong"));
  viewer.send_text(renewal(""));
  EXPECT_EQ(said(viewer, "warning")["code"], "token-refused");
  EXPECT_EQ(said(viewer, "warning")["code"], "token-refused");
  viewer.send_text(R"({"type":"clock","sent":7})");
  EXPECT_EQ(said(viewer, "clock")["sent"], 7);
}

TEST_F(Renewals, GiveAndTakeTheRightToSpeak) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=forever", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(R"({"type":"message","data":"hello"})");
  EXPECT_EQ(said(viewer, "warning")["code"], "not-allowed");
  viewer.send_text(renewal("hour"));
  said(viewer, "token");
  viewer.send_text(R"({"type":"message","data":"hello"})");
  EXPECT_EQ(said(viewer, "warning")["code"], "no-stream");
}

TEST_F(Renewals, SayWhatAModeratorMay) {
  struct Row {
    const char* token;
    bool manage, server;
  };
  for (const char* path : {"/live/cam", "/live/cam.mp4", "/publish/cam"})
    for (const Row& row : {Row{"moderator", false, false}, Row{"manager", true, false},
                           Row{"operator", true, true}}) {
      SCOPED_TRACE(std::string{path} + " " + row.token);
      PlainClient client{port};
      client.upgrade(std::string{path} + "?token=" + row.token, true);
      EXPECT_EQ(client.status(), 101u);
      const auto told = said(client, "rights");
      EXPECT_EQ(told["moderate"], true);
      EXPECT_EQ(told["manage"], row.manage);
      EXPECT_EQ(told["server"], row.server);
    }
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=moderator", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(renewal("forever"));
  EXPECT_EQ(said(viewer, "rights")["moderate"], true);
  EXPECT_EQ(said(viewer, "rights")["moderate"], false) << "no longer";
}

TEST_F(Renewals, OfOthersSayNothingOfRights) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=hour", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(R"({"type":"clock","sent":7})");
  for (;;) {
    const auto json = nlohmann::json::parse(viewer.frame(PlainClient::kText).payload);
    EXPECT_NE(json["type"], "rights");
    if (json["type"] == "clock") break;
  }
}

TEST_F(Renewals, AreOneASecondAndWrongOnesCount) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=hour", true);
  EXPECT_EQ(viewer.status(), 101u);
  for (int i = 0; i < 30; ++i) viewer.send_text(renewal("wrong"));
  int limited = 0;
  for (int i = 0; i < 30; ++i)
    limited += said(viewer, "warning").value("message", "").find("a token a second") == 0;
  EXPECT_GE(limited, 20);
}

TEST_F(Renewals, ThatAreNoneAreAMistake) {
  for (const char* path : {"/live/cam?token=hour", "/publish/cam?token=hour"}) {
    PlainClient client{port};
    client.upgrade(path, true);
    EXPECT_EQ(client.status(), 101u);
    client.send_text(R"({"type":"token","token":7})");
    EXPECT_EQ(said(client, "error")["code"], "bad-text") << path;
  }
}

TEST_F(Renewals, WithoutAnEndAreNotTold) {
  PlainClient viewer{port};
  viewer.upgrade("/live/cam?token=forever", true);
  EXPECT_EQ(viewer.status(), 101u);
  viewer.send_text(R"({"type":"clock","sent":7})");
  for (;;) {
    const auto json = nlohmann::json::parse(viewer.frame(PlainClient::kText).payload);
    EXPECT_NE(json["type"], "token");
    if (json["type"] == "clock") break;
  }
}

}  // namespace
}  // namespace framewire::relay
