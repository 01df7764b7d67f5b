// Events in one order: numbered, kept for a while, handed to who follows.
#include "relay/streams/event_log.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace framewire::relay {
namespace {

struct Sink final : EventSink {
  void take(const EventPtr& event) override { taken.push_back(event->id); }
  std::uint64_t last_id() const override { return last; }
  std::uint64_t last = 0;
  std::vector<std::uint64_t> taken;
};

Event event(std::string stream) {
  return {"publish", std::move(stream), "{}"};
}

TEST(EventLog, NumbersNeverGoBackWhateverTheClockSays) {
  const auto sink = std::make_shared<Sink>();
  sink->last = 5'000;
  EventLog behind{10, sink, 1'000};
  behind.append(event("a"));
  EXPECT_EQ(sink->taken, std::vector<std::uint64_t>{5'001});
  EventLog ahead{10, sink, 9'000};
  ahead.append(event("a"));
  EXPECT_EQ(sink->taken.back(), 9'001u);
  EventLog odd{10, nullptr, -1};
  odd.append(event("a"));
  EXPECT_EQ(odd.last_id(), 1u);
}

TEST(EventLog, TellsWhatIsKeptAndWhatIsNot) {
  EventLog log{3, nullptr, 100};
  EXPECT_FALSE(log.since(100).lost);
  EXPECT_TRUE(log.since(99).lost) << "of a process before";
  for (const char* stream : {"a", "b", "c", "d"}) log.append(event(stream));
  const auto all = log.since(101);
  EXPECT_FALSE(all.lost);
  ASSERT_EQ(all.events.size(), 3u);
  EXPECT_EQ(all.events.front()->stream, "b");
  EXPECT_TRUE(log.since(100).lost);
  EXPECT_EQ(log.since(100).events.size(), 3u);
  EXPECT_TRUE(log.since(104).events.empty());
  EXPECT_FALSE(log.since(1'000).lost) << "one that never was";
}

TEST(EventLog, HandsOnUntilToldNotTo) {
  EventLog log{10, nullptr, 0};
  std::string heard;
  const auto follower = log.follow([&](const EventPtr& e) { heard += e->stream; });
  log.follow([&](const EventPtr& e) { heard += "+" + e->stream; });
  log.append(event("a"));
  log.unfollow(follower);
  log.append(event("b"));
  EXPECT_EQ(heard, "a+a+b");
}

TEST(EventLog, WritesJsonOfWhateverStrangersSaid) {
  Event odd{"publish", "a", R"({"title":"x"})"};
  odd.id = 7;
  odd.wall_ms = 9;
  const auto json = nlohmann::json::parse(event_json(odd));
  EXPECT_EQ(json["id"], "7");
  EXPECT_EQ(json["stream"], "a");
  EXPECT_EQ(json["wall_ms"], 9);
  EXPECT_EQ(json["data"]["title"], "x");
  EXPECT_TRUE(nlohmann::json::parse(event_json({"limit", "", ""}))["data"].empty());
}

}  // namespace
}  // namespace framewire::relay
