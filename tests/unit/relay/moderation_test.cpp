// What a moderator and an operator do, on loops turned by hand: history, slow mode, titles, ends.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

class Moderation : public HubOnLoops {
 protected:
  Moderation() {
    Config config = server_.hub().config();
    config.chat_history = 2;
    for (auto& hub : server_.relay->hubs) hub->reconfigure(config);
    server_.settle();
  }
  void say(FakeViewer& from, const std::string& data) {
    viewers().send_side_text(from.viewer, {data, ""});
    server_.settle();
  }
  // What somebody who joins now is told of before.
  std::string told_to_joiner() {
    FakeViewer joiner{Framing::v1};
    attach(joiner);
    push_v1(next_++, "x");
    std::string out;
    for (const Received& r : joiner.received)
      if (r.text && r.json().at("type") == "message") {
        EXPECT_EQ(r.json().at("history"), true);
        out += r.json().at("data").dump();
      }
    viewers().detach(joiner.viewer);
    return out;
  }
  bool at_stream(const ChatOrder& order) {
    std::optional<bool> there;
    bool taken = false;
    viewers().at_stream(
        "cam", [&](Hub&, Stream& stream) { taken = stream.moderate(order); },
        [&](bool found) { there = found; });
    server_.settle();
    EXPECT_EQ(there, true);
    return taken;
  }
  std::uint64_t next_ = 0;
};

TEST_P(Moderation, WhoJoinsIsToldTheNewestUntilTheyAreCleared) {
  claim(PublishFraming::v1);
  FakeViewer speaker{Framing::v1};
  attach(speaker);
  for (const char* text : {"1", "2", "3"}) say(speaker, text);
  EXPECT_EQ(told_to_joiner(), "23");
  ChatOrder clear;
  clear.clear = true;
  EXPECT_TRUE(at_stream(clear));
  EXPECT_EQ(speaker.last_text("cleared").json().at("type"), "cleared");
  EXPECT_EQ(told_to_joiner(), "");
  say(speaker, "4");
  EXPECT_EQ(told_to_joiner(), "4");
  viewers().detach(speaker.viewer);
}

TEST_P(Moderation, SlowModeHoldsForEachViewerAndNotForThePublisher) {
  claim(PublishFraming::v1);
  FakeViewer one{Framing::v1}, two{Framing::v1};
  attach(one);
  attach(two);
  ChatOrder slow;
  slow.slow = Duration{10'000};
  EXPECT_TRUE(at_stream(slow));
  EXPECT_EQ(two.last_text("slow").json().at("interval_ms"), 10'000);
  say(one, "1");
  say(two, "2");
  say(one, "3");
  EXPECT_EQ(one.told.back().at("code"), "slow-mode");
  EXPECT_EQ(two.last_text("message").json().at("data"), 2);
  for (const char* text : {"4", "5"}) publishers().send_side_text(id_, {text, ""});
  server_.settle();
  EXPECT_EQ(two.last_text("message").json().at("data"), 5);
  server_.pass(Duration{10'000});
  say(one, "6");
  EXPECT_EQ(two.last_text("message").json().at("data"), 6);
  for (FakeViewer* v : {&one, &two}) viewers().detach(v->viewer);
}

TEST_P(Moderation, AnOperatorNamesAndEndsAStream) {
  claim(PublishFraming::v1);
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  push_v1(0, "x");
  std::vector<bool> found;
  const auto note = [&](bool there) { found.push_back(there); };
  const auto ordered = [&](bool there, bool) { note(there); };
  viewers().order_stream("cam", {.title = "Half time"}, ordered);
  server_.settle();
  viewers().order_stream("none", {.title = "Half time"}, ordered);
  server_.settle();
  EXPECT_EQ(found, (std::vector<bool>{true, false}));
  EXPECT_EQ(viewer.last_text("title").json().at("title"), "Half time");
  const std::string token = publisher_.last("ready").at("token");
  viewers().order_stream("cam", {.stop = true}, ordered);
  server_.settle();
  ASSERT_EQ(publisher_.endings.size(), 1u);
  EXPECT_EQ(publisher_.endings[0].code, "stream-ended");
  EXPECT_EQ(publisher_.endings[0].close, CloseCode::policy);
  EXPECT_EQ(viewer.last_text("end").json().at("reason"), "ended");
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  viewers().at_stream(
      "cam", [](Hub&, Stream&) { FAIL(); }, note);
  server_.settle();
  EXPECT_EQ(found, (std::vector<bool>{true, false, true, false}));
  FakePublisher again;
  const PublisherId other =
      publishers().request_publish("cam", PublishFraming::v1, {}, token, again);
  server_.settle();
  ASSERT_EQ(again.endings.size(), 1u);
  EXPECT_EQ(again.endings[0].code, "resume-unknown");
  publishers().leave(other, PublisherExit::lost);
  viewers().detach(viewer.viewer);
}

TEST_P(Moderation, WhoIsSentAwayCannotResumeAndItsStreamWaits) {
  claim(PublishFraming::v1);
  const std::string token = publisher_.last("ready").at("token");
  publishers().leave(id_, PublisherExit::sent_away);
  server_.settle();
  FakePublisher again;
  const PublisherId other =
      publishers().request_publish("cam", PublishFraming::v1, {}, token, again);
  server_.settle();
  ASSERT_EQ(again.endings.size(), 1u);
  EXPECT_EQ(again.endings[0].code, "resume-unknown");
  publishers().leave(other, PublisherExit::lost);
  FakePublisher next;
  const PublisherId third = publishers().request_publish("cam", PublishFraming::v1, {}, {}, next);
  server_.settle();
  EXPECT_TRUE(next.ready);
  publishers().leave(third, PublisherExit::ended);
  server_.settle();
}

TEST_P(Moderation, EventsTellTheLifeOfAStreamInOrder) {
  std::string told;
  server_.relay->events->follow([&](const EventPtr& event) { told += event->type + " "; });
  claim(PublishFraming::v1);
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  for (int i = 0; i < 4; ++i) server_.pass(Duration{1'000});
  viewers().detach(viewer.viewer);
  for (int i = 0; i < 4; ++i) server_.pass(Duration{1'000});
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  EXPECT_EQ(told, "publish first-viewer last-viewer unpublish ");
}

INSTANTIATE_TEST_SUITE_P(All, Moderation, testing::ValuesIn(kPlaces), place_name);

}  // namespace
}  // namespace framewire::relay
