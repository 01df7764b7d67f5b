// Publishers that come, are lost, come back, or want a stream that somebody has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "relay/fanout/messages.h"
#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

TEST_P(HubOnLoops, ResumedPublisherGoesOnAfterItsLastMessage) {
  const std::string file = fixture(kWebm);
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  claim(PublishFraming::v1);
  const std::string token = publisher_.last("ready").at("token");
  push_v1(0, file.substr(0, 50'000));
  push_v1(1, file.substr(50'000, 1'001));
  server_.pass(Duration{100});
  EXPECT_EQ(publisher_.last("ack").at("sequence"), 1);
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  EXPECT_EQ(viewer.last_text("waiting").json().at("reason"), "publisher-lost");

  // It comes back on whatever loop: here the viewer's.
  FakePublisher again;
  const PublisherId id = viewers().request_publish("cam", PublishFraming::v1, {}, token, again);
  server_.settle();
  ASSERT_TRUE(again.ready);
  EXPECT_EQ(again.last("ready").at("resumed"), true);
  EXPECT_EQ(again.last("ready").at("sequence"), 2);
  const auto resend = [&](std::uint64_t sequence, std::string_view bytes) {
    viewers().publish(id, v1_message(sequence, bytes));
    server_.settle();
  };
  resend(1, std::string_view{file}.substr(50'000, 1'001));  // had already
  resend(2, std::string_view{file}.substr(51'001));
  EXPECT_EQ(viewer.media(), file) << "nothing lost, nothing doubled";
  EXPECT_EQ(viewer.epochs, std::vector<std::uint32_t>{1});
  resend(9, "gap");
  ASSERT_EQ(again.endings.size(), 1u);
  EXPECT_EQ(again.endings[0].close, CloseCode::protocol);
  viewers().detach(viewer.viewer);
}

TEST_P(HubOnLoops, CountsPublishersButNotWhatMakesRenditions) {
  claim(PublishFraming::http);
  FakePublisher worker;
  const PublisherId made =
      publishers().request_publish("cam.h264", PublishFraming::http, {}, std::nullopt, worker);
  server_.settle();
  EXPECT_EQ(publishers().counters().publishers_now.http, 1u);
  publishers().leave(made, PublisherExit::ended);
  EXPECT_EQ(publishers().counters().publishers_now.http, 1u);
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  EXPECT_EQ(publishers().counters().publishers_now.http, 0u);
}

TEST_P(HubOnLoops, WhoJoinsWhileThePublisherIsAwayIsToldWhatIsOld) {
  claim(PublishFraming::v1);
  push_v1(0, fixture(kWebm).substr(0, 50'000));
  server_.pass(Duration{100});
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  const auto waiting = viewer.last_text("waiting").json();
  EXPECT_EQ(waiting.at("reason"), "publisher-lost");
  EXPECT_EQ(waiting.at("epoch"), 1);
  EXPECT_FALSE(viewer.media().empty());
  std::uint64_t newest = 0;
  for (const Received& part : viewer.received)
    if (!part.text) newest = load_be<std::uint64_t>(part.bytes, 8);
  EXPECT_EQ(waiting.at("next"), newest + 1) << "all that came was before";
  viewers().detach(viewer.viewer);
}

// By the server's clock; what is by another one is not passed on.
TEST_P(HubOnLoops, TimesOfCaptureGoWithTheParts) {
  const std::string picture = fixture("frames/f00.jpg");
  FakeViewer v1{Framing::v1};
  attach(v1);
  PublishHello hello;
  hello.format = Format::jpeg;
  id_ = publishers().request_publish("cam", PublishFraming::v1, hello, std::nullopt, publisher_);
  server_.settle();
  constexpr std::int64_t kMinute = 60'000'000;
  const struct {
    std::int64_t ago_us;
    bool flag, kept;
  } rows[] = {{100'000, true, true},
              {100'000, false, false},
              {2 * kMinute, true, false},
              {-2 * kMinute, true, false}};
  std::uint64_t number = 0;
  for (const auto& row : rows) {
    Buffer message = v1_message(number++, picture);
    if (row.flag) message[1] = kV1Captured;
    const std::int64_t captured = wall_clock_us() - row.ago_us;
    store_be(message.data() + 24, captured);
    publishers().publish(id_, message);
    server_.settle();
    const Bytes got = v1.received.back().bytes;
    EXPECT_EQ((got[1] & kV1Captured) != std::byte{0}, row.kept) << row.ago_us;
    EXPECT_EQ(load_be<std::int64_t>(got, 24) == captured, row.kept) << row.ago_us;
  }
  viewers().detach(v1.viewer);
}

TEST_P(HubOnLoops, UnknownTokenMayPublishAnew) {
  claim(PublishFraming::v1, "no-such-token");
  ASSERT_EQ(publisher_.endings.size(), 1u);
  EXPECT_EQ(publisher_.endings[0].code, "resume-unknown");
  EXPECT_TRUE(publisher_.endings[0].stay);
}

TEST_P(HubOnLoops, SecondPublisherIsRefusedButMayFollow) {
  const std::string file = fixture(kWebm);
  FakeViewer viewer{Framing::bare};
  attach(viewer);
  claim();
  push_file(std::string_view{file}.substr(0, 60'000));
  FakePublisher second;
  viewers().request_publish("cam", PublishFraming::bare, {}, std::nullopt, second);
  server_.settle();
  ASSERT_EQ(second.endings.size(), 1u);
  EXPECT_EQ(second.endings[0].code, "stream-taken");

  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  FakePublisher third;
  const PublisherId id =
      viewers().request_publish("cam", PublishFraming::bare, {}, std::nullopt, third);
  server_.settle();
  EXPECT_TRUE(third.ready);
  viewers().publish(id, as_bytes(file));
  server_.settle();
  EXPECT_EQ(viewer.epochs, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_TRUE(viewer.media().ends_with(file));
  viewers().detach(viewer.viewer);
}

TEST_P(HubOnLoops, LingerEndsAndTheNameIsFreeAgain) {
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  claim();
  push("opaque message");
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  server_.pass(Duration{5'000});
  EXPECT_EQ(viewer.last_text("waiting").json().at("reason"), "publisher-lost");
  server_.pass(Duration{6'000});
  EXPECT_EQ(viewer.last_text("end").json().at("reason"), "publisher-lost");
  EXPECT_EQ(server_.relay->directory->streams(), 0u);

  FakePublisher next;
  const PublisherId id =
      viewers().request_publish("cam", PublishFraming::bare, {}, std::nullopt, next);
  server_.settle();
  viewers().publish(id, as_bytes("the next stream's message"));
  server_.settle();
  EXPECT_TRUE(viewer.media().ends_with("the next stream's message"));
  viewers().detach(viewer.viewer);
}

TEST_P(HubOnLoops, BrokenMediaEndsThePublisherAndNobodyElse) {
  const std::string file = fixture(kWebm);
  FakeViewer viewer{Framing::v1};
  attach(viewer);
  claim();
  push_file(std::string_view{file}.substr(0, 90'000));
  push(std::string(40'000, '\0'));
  ASSERT_EQ(publisher_.endings.size(), 1u);
  EXPECT_EQ(publisher_.endings[0].code, "malformed-media");
  EXPECT_GE(publisher_.endings[0].error.offset, 80'000u);
  EXPECT_EQ(viewer.last_text("waiting").json().at("reason"), "publisher-error");
  EXPECT_TRUE((file.substr(0, 90'000) + std::string(40'000, '\0')).starts_with(viewer.media()));
  EXPECT_FALSE(viewer.closed);
  viewers().detach(viewer.viewer);
}

TEST_P(HubOnLoops, EndIsAnsweredWithTheErrorOfAStreamThatCouldNotBegin) {
  claim(PublishFraming::http);
  push("\x1A\x45\xDF\xA3" + std::string(4'000, '\xA5'));
  publishers().end(id_);
  server_.settle();
  EXPECT_NE(publisher_.ended, "well");

  publishers().leave(id_, PublisherExit::ended);
  claim(PublishFraming::http);
  push(fixture(kWebm).substr(0, 200'001));
  publishers().end(id_);
  server_.settle();
  EXPECT_EQ(publisher_.ended, "well");
}

TEST(Hub, TakeoverReplacesThePublisher) {
  Config config;
  config.takeover = true;
  FakeServer server{1, config};
  FakePublisher first, second;
  server.hub().request_publish("cam", PublishFraming::bare, {}, std::nullopt, first);
  server.settle();
  server.hub().request_publish("cam", PublishFraming::bare, {}, std::nullopt, second);
  server.settle();
  ASSERT_EQ(first.endings.size(), 1u);
  EXPECT_EQ(first.endings[0].code, "taken-over");
  EXPECT_TRUE(second.ready);
}

TEST(Hub, StreamsHaveALimit) {
  Config config;
  config.max_streams = 2;
  FakeServer server{1, config};
  FakePublisher publishers[3];
  for (int i = 0; i < 3; ++i)
    server.hub().request_publish("s" + std::to_string(i), PublishFraming::bare, {}, std::nullopt,
                                 publishers[i]);
  server.settle();
  EXPECT_TRUE(publishers[1].ready);
  ASSERT_EQ(publishers[2].endings.size(), 1u);
  EXPECT_EQ(publishers[2].endings[0].close, CloseCode::try_later);
}

TEST_P(HubOnLoops, WhatComesBeforeTheAnswerHasALimit) {
  id_ = publishers().request_publish("cam", PublishFraming::bare, {}, std::nullopt, publisher_);
  const std::string half(server_.relay->config.limits.message_bytes / 2, 'x');
  for (int i = 0; i < 2; ++i) publishers().publish(id_, as_bytes(half));
  EXPECT_TRUE(publisher_.endings.empty());
  publishers().publish(id_, as_bytes(half));
  ASSERT_EQ(publisher_.endings.size(), 1u);
  EXPECT_EQ(publisher_.endings[0].close, CloseCode::too_big);
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
}

// What waits for a loop that does not turn is bounded: the publisher waits for it.
TEST(Hub, ALoopThatDoesNotTurnHoldsThePublisher) {
  constexpr std::size_t kMessage = 20'000;
  Config config;
  config.ring_bytes = 8 * kMessage;
  FakeServer server{2, config};
  FakePublisher publisher;
  FakeViewer viewer{Framing::bare};
  const PublisherId id =
      server.hub(0).request_publish("cam", PublishFraming::bare, {}, std::nullopt, publisher);
  server.hub(1).attach("cam", viewer.viewer);
  server.settle();

  std::string all;
  const auto publish = [&](char what) {
    all.append(kMessage, what);
    server.hub(0).publish(id, as_bytes(std::string(kMessage, what)));
    server.hub(0).flush();
    server.loops[0]->run();
  };
  publish('a');
  server.settle();
  for (char what = 'b'; what < 'f'; ++what) {
    EXPECT_FALSE(publisher.held) << what;
    publish(what);
  }
  publish('f');
  EXPECT_TRUE(publisher.held);
  server.settle();
  server.pass(Duration{100});
  EXPECT_FALSE(publisher.held);
  EXPECT_EQ(viewer.media(), all) << "nothing is lost by it";
}

TEST_P(HubOnLoops, WhoPublishesFromAnotherLoopWaitsForIt) {
  claim(PublishFraming::v1);
  publishers().leave(id_, PublisherExit::lost);
  FakePublisher back;
  const PublisherId id = viewers().request_publish(
      "cam", PublishFraming::v1, {}, publisher_.last("ready").at("token").get<std::string>(), back);
  server_.settle();
  ASSERT_TRUE(back.ready);
  const bool elsewhere = GetParam().publisher != GetParam().viewer;
  const std::string message(server_.relay->config.unacked_bytes / 2 - 100, '\0');
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(back.held);
    viewers().publish(id, v1_message(i, message));
  }
  EXPECT_EQ(back.held, elsewhere) << "more than that is on its way";
  server_.settle();
  EXPECT_FALSE(back.held);
  viewers().leave(id, PublisherExit::ended);
  server_.settle();
}

}  // namespace
}  // namespace framewire::relay
