#include <gtest/gtest.h>

#include "relay/cluster/records.h"

namespace framewire::relay {
namespace {

TEST(ClusterRecords, ANodeComesBackAsItWas) {
  const NodeRecord node{"n1", "http://a:1", "https://a", "eu", "0.1.0", 3, 2, true};
  EXPECT_EQ(read_node(to_json(node)), node);
}

TEST(ClusterRecords, ANameComesBackAsItWas) {
  NameRecord name;
  name.node = "n1";
  name.url = "http://a:1";
  name.token = token_digest("secret");
  name.connected = true;
  name.summary.name = "cam";
  name.summary.state = StreamState::live;
  name.summary.title = "A title";
  name.summary.viewers = 12;
  name.summary.resume_token = "secret";
  const std::string text = to_json(name);
  EXPECT_EQ(text.find("secret"), std::string::npos) << "nobody is told the token itself";
  const auto back = read_name(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->token, name.token);
  EXPECT_TRUE(back->connected);
  EXPECT_EQ(back->summary.title, "A title");
  EXPECT_EQ(back->summary.viewers, 12u);
  EXPECT_EQ(back->summary.state, StreamState::live);
}

TEST(ClusterRecords, AnOrderComesBackAsItWas) {
  Order order{
      "n1", "cam", {false, "Half time", ChatOrder{{{"0-1@n2", true}}, Duration{500}, true}}, {}};
  const auto back = read_order(to_json(order));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->at_stream.title, "Half time");
  ASSERT_TRUE(back->at_stream.chat);
  EXPECT_EQ(back->at_stream.chat->mutes.at(0).sender, "0-1@n2");
  EXPECT_EQ(back->at_stream.chat->slow, Duration{500});
  EXPECT_TRUE(back->at_stream.chat->clear);
}

TEST(ClusterRecords, WhatIsNoRecordIsNone) {
  for (const char* text : {"", "[]", "{", "{}", R"({"node":1,"url":"x"})", R"({"node":""})"}) {
    EXPECT_FALSE(read_node(text)) << text;
    EXPECT_FALSE(read_name(text)) << text;
    EXPECT_FALSE(read_order(text)) << text;
  }
  const auto odd =
      read_name(R"({"node":"n","token":7,"stream":{"viewers":"x","info":{"tracks":3}}})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->token, "");
}

TEST(ClusterRecords, NoTokenHasNoDigest) {
  EXPECT_EQ(token_digest(""), "");
  EXPECT_EQ(token_digest("a").size(), 64u);
}

}  // namespace
}  // namespace framewire::relay
