// Which publishers are asked for keyframes, when, and how often.
#include <algorithm>

#include "ingest/packets/packets.h"
#include "relay/streams/keyframe_asks.h"
#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

TEST(KeyframeAsks, OneInATimeHoweverManyWantOne) {
  constexpr Duration kEvery{1'000};
  const auto at = [](int ms) { return Time{} + Duration{ms}; };
  KeyframeAsks asks;
  EXPECT_FALSE(asks.ask(at(5'000), kEvery, at(4'001))) << "one came less than a second ago";
  EXPECT_TRUE(asks.ask(at(5'001), kEvery, at(4'001)));
  EXPECT_FALSE(asks.ask(at(5'002), kEvery, at(4'001))) << "it is on its way";
  EXPECT_FALSE(asks.ask(at(6'000), kEvery, std::nullopt)) << "also where viewers can join at none";
  EXPECT_TRUE(asks.ask(at(6'001), kEvery, std::nullopt));
  asks.restart();
  EXPECT_TRUE(asks.ask(at(6'002), kEvery, std::nullopt)) << "of another publisher";
  EXPECT_FALSE(asks.ask(at(8'001), Duration{2'000}, at(0))) << "who asks may have more time";
  EXPECT_TRUE(asks.ask(at(8'002), Duration{2'000}, at(0)));
}

class KeyframesOnLoops : public HubOnLoops {
 protected:
  KeyframesOnLoops() {
    hello_.format = Format::packets;
    hello_.keyframes = true;
  }
  void publish(std::optional<std::string> token = std::nullopt) {
    id_ = publishers().request_publish("cam", PublishFraming::v1, hello_, std::move(token),
                                       publisher_);
    server_.settle();
  }
  void begin() {
    Buffer bytes;
    append_packets_header(bytes, 1);
    PacketsConfig config;
    config.info.kind = TrackKind::video;
    config.info.codec = "vp8";
    config.info.width = config.info.height = 16;
    append_packets_config(bytes, config);
    append_packets_packet(bytes, {.key = true, .data = as_bytes("key")});
    push_v1(next_++, as_text(bytes));
  }
  // A picture each 100 ms.
  void go_on(Duration time, std::string_view data = "delta") {
    for (; time.count() > 0; time -= Duration{100}) {
      server_.pass(Duration{100});
      picture(false, data);
    }
  }
  void picture(bool key, std::string_view data) {
    Buffer bytes;
    const auto pts = static_cast<std::int64_t>(next_) * 100'000;
    append_packets_packet(bytes, {.key = key, .pts_us = pts, .data = as_bytes(data)});
    push_v1(next_++, as_text(bytes));
  }
  auto asked() const {
    return std::count_if(publisher_.told.begin(), publisher_.told.end(),
                         [](const auto& text) { return text.at("type") == "keyframe"; });
  }
  PublishHello hello_;
  std::uint64_t next_ = 0;
};

TEST_P(KeyframesOnLoops, WhoJoinsALongGroupGetsItAndANewOneIsAskedFor) {
  FakeViewer first{Framing::v1}, early{Framing::v1}, late{Framing::v1}, same{Framing::chunked};
  attach(first);
  publish();
  EXPECT_EQ(publisher_.last("ready").at("keyframes"), true);
  begin();
  go_on(Duration{900});
  attach(early);
  EXPECT_EQ(asked(), 0) << "a young group will do";
  go_on(Duration{4'100});
  EXPECT_EQ(asked(), 0) << "nobody joins";
  attach(late);
  attach(same);
  EXPECT_EQ(asked(), 1);
  EXPECT_EQ(late.texts(), std::vector<std::string>{"stream"});
  EXPECT_EQ(late.received.size(), 1u + 1 + 51) << "it has the group already: a config, its packets";
  go_on(Duration{100});
  picture(true, "asked for");
  go_on(Duration{5'000});
  EXPECT_EQ(asked(), 1);
  for (FakeViewer* v : {&first, &early, &late, &same}) viewers().detach(v->viewer);
}

TEST_P(KeyframesOnLoops, AskedNoMoreThanOnceASecond) {
  publish();
  begin();
  go_on(Duration{5'000});
  FakeViewer stays{Framing::v1};
  attach(stays);
  for (int i = 0; i < 29; ++i) {  // a new one each 100 ms, and no keyframe ever comes
    go_on(Duration{100});
    FakeViewer passing{Framing::v1};
    attach(passing);
    viewers().detach(passing.viewer);
  }
  EXPECT_EQ(asked(), 3);
  viewers().detach(stays.viewer);
}

TEST_P(KeyframesOnLoops, OnlyWhoSaidSoIsAsked) {
  hello_.keyframes = false;
  publish();
  EXPECT_EQ(publisher_.last("ready").at("keyframes"), false);
  begin();
  go_on(Duration{5'000});
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  EXPECT_EQ(asked(), 0);
  viewers().detach(viewer.viewer);
}

TEST_P(KeyframesOnLoops, ALostPublisherIsNotAskedAndOneThatIsBackIs) {
  publish();
  begin();
  go_on(Duration{5'000});
  const std::string token = publisher_.last("ready").at("token");
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  FakeViewer viewer{Framing::v1}, other{Framing::v1};
  attach(viewer);
  EXPECT_EQ(asked(), 0);
  publish(token);
  EXPECT_EQ(publisher_.last("ready").at("keyframes"), true) << "as it said before";
  attach(other);
  EXPECT_EQ(asked(), 1);
  viewers().detach(viewer.viewer);
  viewers().detach(other.viewer);
}

TEST_P(KeyframesOnLoops, WhoLagsInALongGroupGetsOneToSkipTo) {
  FakeViewer slow{Framing::v1};
  attach(slow);
  publish();
  begin();
  slow.room_for = 1;
  go_on(Duration{2'900});
  EXPECT_EQ(asked(), 0);
  go_on(Duration{600});
  EXPECT_EQ(asked(), 1);
  go_on(Duration{100});
  picture(true, "to skip to");
  slow.room = true;
  viewers().on_writeable(slow.viewer);
  server_.settle();
  EXPECT_EQ(slow.last_text("skipped").json().at("reason"), "lag");
  EXPECT_TRUE(slow.media().ends_with("to skip to"));
  viewers().detach(slow.viewer);
}

INSTANTIATE_TEST_SUITE_P(Places, KeyframesOnLoops, testing::ValuesIn(kPlaces), place_name);

// A ring that holds no whole group: whoever joins waits for the next, which is asked for.
TEST(Keyframes, OfAGroupThatOutgrewTheRing) {
  Config config;
  config.ring_bytes = 64u << 10;
  FakeServer server{1, config};
  FakePublisher publisher;
  PublishHello hello;
  hello.format = Format::packets;
  hello.keyframes = true;
  const auto id =
      server.hub().request_publish("cam", PublishFraming::v1, hello, std::nullopt, publisher);
  server.settle();
  Buffer head;
  append_packets_header(head, 1);
  PacketsConfig track;
  track.info.kind = TrackKind::video;
  track.info.codec = "vp8";
  append_packets_config(head, track);
  append_packets_packet(head, {.key = true, .data = as_bytes("key")});
  server.hub().publish(id, v1_message(0, as_text(head)));
  const std::string much(10'000, 'd');
  for (std::uint64_t n = 1; n < 12; ++n) {
    Buffer packet;
    append_packets_packet(packet, {.data = as_bytes(much)});
    server.hub().publish(id, v1_message(n, as_text(packet)));
    server.settle();
  }
  EXPECT_TRUE(publisher.last("keyframe").is_null());
  FakeViewer viewer{Framing::v1};
  server.hub().attach("cam", viewer.viewer);
  server.settle();
  EXPECT_EQ(viewer.last_text("waiting").json().at("reason"), "next-group");
  EXPECT_FALSE(publisher.last("keyframe").is_null());
  server.hub().detach(viewer.viewer);
}

// What the server makes of a stream has groups as it always had, and so has a recording.
TEST(Keyframes, AreAskedForWhileSomethingIsMadeOfTheStream) {
  Config config;
  config.keyframe_every = Duration{500};
  FakeServer server{2, config};
  FakePublisher publisher;
  PublishHello hello;
  hello.format = Format::packets;
  hello.keyframes = true;
  server.hub(1).request_publish("cam", PublishFraming::v1, hello, std::nullopt, publisher);
  server.settle();
  server.hub(1).want_keyframe("cam", kOrdinaryGroup);
  server.settle();
  EXPECT_FALSE(publisher.last("keyframe").is_null());
  const auto asked = [&] {
    return std::count_if(publisher.told.begin(), publisher.told.end(),
                         [](const auto& text) { return text.at("type") == "keyframe"; });
  };
  for (int i = 0; i < 40; ++i) {
    server.pass(Duration{100});
    server.hub(1).want_keyframe("cam", kOrdinaryGroup);
    server.settle();
  }
  EXPECT_EQ(asked(), 3) << "each two seconds";
  server.hub(1).want_keyframe("nobody");
  server.hub(1).want_keyframe("cam.mp4");
  server.settle();
  EXPECT_EQ(asked(), 3);
}

TEST(Keyframes, AreNeverAskedForWhereTheOperatorSaysSo) {
  Config config;
  config.keyframe_every = Duration{0};
  FakeServer server{1, config};
  FakePublisher publisher;
  PublishHello hello;
  hello.keyframes = true;
  server.hub().request_publish("cam", PublishFraming::v1, hello, std::nullopt, publisher);
  server.settle();
  EXPECT_EQ(publisher.last("ready").at("keyframes"), false);
  server.hub().want_keyframe("cam");
  server.settle();
  EXPECT_TRUE(publisher.last("keyframe").is_null());
}

}  // namespace
}  // namespace framewire::relay
