#include "relay/server/tunnel.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "relay/access/static_keys.h"
#include "relay/server/routes.h"

namespace framewire::relay {
namespace {

struct Told {
  Tunnelled what;
  std::uint64_t received;
  bool operator==(const Told&) const = default;
};

class TunnelTest : public testing::Test {
 protected:
  // What is new in a POST of `text` at byte `at`.
  std::string post(std::uint64_t at, std::string text) {
    Buffer bytes;
    append(bytes, as_bytes(text));
    const auto fresh = tunnel_->take(at, bytes, [this](Tunnelled what, std::uint64_t received) {
      told_.push_back({what, received});
    });
    return std::string{as_text(fresh)};
  }

  TunnelBook book_;
  std::vector<Told> told_;  // outlives the tunnel, whose end is told, too
  std::unique_ptr<Tunnel> tunnel_ = std::make_unique<Tunnel>(book_, TunnelBook::Place{nullptr, 7});
};

TEST_F(TunnelTest, IsFoundByItsTokenWhileItLasts) {
  const std::string token = tunnel_->token();
  EXPECT_EQ(token.size(), 32u);
  ASSERT_TRUE(book_.find(token));
  EXPECT_EQ(book_.find(token)->connection, 7u);
  EXPECT_FALSE(book_.find(""));
  EXPECT_NE(Tunnel(book_, {}).token(), token);
  tunnel_.reset();
  EXPECT_FALSE(book_.find(token));
}

TEST_F(TunnelTest, APostIsAnsweredOnceItWasRead) {
  EXPECT_EQ(post(0, "abc"), "abc");
  EXPECT_TRUE(told_.empty());
  tunnel_->settle();
  tunnel_->settle();
  EXPECT_EQ(told_, (std::vector<Told>{{Tunnelled::taken, 3}}));
}

TEST_F(TunnelTest, OneThatComesAgainCountsOnce) {
  post(0, "abc");
  tunnel_->settle();
  EXPECT_EQ(post(0, "abc"), "");
  EXPECT_EQ(post(2, "cd"), "d");
  tunnel_->settle();
  EXPECT_EQ(told_, (std::vector<Told>{
                       {Tunnelled::taken, 3}, {Tunnelled::taken, 3}, {Tunnelled::taken, 4}}));
}

TEST_F(TunnelTest, AHoleAndTwoAtOnceAreRefused) {
  EXPECT_EQ(post(1, "b"), "");
  EXPECT_EQ(post(0, "a"), "a");
  EXPECT_EQ(post(1, "b"), "");
  EXPECT_EQ(told_, (std::vector<Told>{{Tunnelled::out_of_order, 0}, {Tunnelled::out_of_order, 1}}));
}

TEST_F(TunnelTest, OneThatWaitsAndComesAgainIsAnsweredWhereItCameLast) {
  std::vector<std::pair<int, Tunnelled>> told;
  const auto send = [&](int connection, std::uint64_t at, std::string text) {
    Buffer bytes;
    append(bytes, as_bytes(text));
    const auto fresh = tunnel_->take(at, bytes, [&told, connection](Tunnelled what, std::uint64_t) {
      told.emplace_back(connection, what);
    });
    return fresh.size();
  };
  EXPECT_EQ(send(1, 0, "abc"), 3u);
  EXPECT_EQ(send(2, 0, "abc"), 0u);
  EXPECT_EQ(send(3, 3, ""), 0u);
  EXPECT_EQ(send(4, 0, "ab"), 0u);
  tunnel_->settle();
  EXPECT_EQ(told, (std::vector<std::pair<int, Tunnelled>>{{1, Tunnelled::out_of_order},
                                                          {3, Tunnelled::out_of_order},
                                                          {4, Tunnelled::out_of_order},
                                                          {2, Tunnelled::taken}}));
}

TEST_F(TunnelTest, ItsEndIsToldToWhoWaits) {
  post(0, "abc");
  tunnel_.reset();
  EXPECT_EQ(told_, (std::vector<Told>{{Tunnelled::gone, 3}}));
}

TEST(TunnelRequest, OnlyWhatAsksForIt) {
  const struct {
    Method method;
    std::vector<std::string> arguments;
    std::string upgrade;
    bool tunnelled;
  } cases[] = {
      {Method::get, {"over=http"}, "", true},
      {Method::get, {"over=http"}, "websocket", false},
      {Method::get, {"over=ws"}, "", false},
      {Method::get, {}, "", false},
      {Method::head, {"over=http"}, "", false},
      {Method::post, {"over=http"}, "", false},
      {Method::post, {"over=http", "tunnel=a"}, "", true},
      {Method::put, {"over=http", "tunnel=a"}, "", false},
  };
  for (const auto& row : cases) {
    Request request;
    request.method = row.method;
    request.arguments = row.arguments;
    request.upgrade = row.upgrade;
    EXPECT_EQ(is_tunnelled(request), row.tunnelled);
  }
}

Verdict judged(const Request& request, const AccessRules& rules) {
  const Request meant = as_upgrade(request);
  Examined entry = examine(meant, rules, routes());
  if (!entry) return tl::make_unexpected(entry.error());
  Credentials shown;
  if (entry->key) shown.token = *entry->key;
  const Answer answer =
      entry->needs ? std::get<Answer>(rules.authorizer->authorize(shown, {})) : of_everybody(rules);
  return judge(meant, *std::move(entry), answer, rules, routes(), Time{Duration{1'000'000}});
}

TEST(TunnelRequest, IsJudgedAsTheUpgradeThatWasTakenAway) {
  Config config;
  config.watch_keys = {"w"};
  const AccessRules rules(config, std::make_shared<StaticKeys>(config));
  Request request;
  request.method = Method::get;
  request.host = "localhost";
  request.path = "/live/cam";
  request.arguments = {"over=http"};
  const Verdict without = judged(request, rules);
  ASSERT_TRUE(without) << "told after it is open, as a page is shown no status";
  EXPECT_TRUE(without->denied);
  request.arguments.emplace_back("token=w");
  EXPECT_FALSE(judged(request, rules)->denied);
  request.path = "/watch/cam";
  EXPECT_FALSE(judged(request, rules));
  request.path = "/live/cam";
  request.origin = "https://elsewhere.example";
  EXPECT_EQ(judged(request, rules).error().why, Refusal::foreign_origin);
}

}  // namespace
}  // namespace framewire::relay
