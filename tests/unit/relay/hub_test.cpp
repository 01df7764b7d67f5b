// The relay as a whole, on loops turned by hand: what publishers push is what viewers get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

TEST_P(HubOnLoops, ViewerFromTheStartGetsThePublishedBytes) {
  const std::string file = fixture(kWebm);
  FakeViewer v1{Framing::v1}, bare{Framing::bare}, http{Framing::http}, chunked{Framing::chunked};
  for (FakeViewer* v : {&v1, &bare, &http, &chunked}) attach(*v);
  EXPECT_EQ(v1.texts(), std::vector<std::string>{"waiting"});
  EXPECT_EQ(http.no_stream, 1);
  claim();
  EXPECT_TRUE(publisher_.ready);
  push_file(file);
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  for (FakeViewer* v : {&v1, &bare, &http, &chunked}) EXPECT_EQ(v->media(), file);
  EXPECT_EQ(v1.texts(), (std::vector<std::string>{"waiting", "stream", "end"}));
  EXPECT_EQ(bare.closed, CloseCode::normal);
  EXPECT_EQ(http.closed, CloseCode::normal);
  EXPECT_FALSE(v1.closed);
  for (FakeViewer* v : {&v1, &bare, &http, &chunked}) viewers().detach(v->viewer);
}

TEST_P(HubOnLoops, TimesThatAPublisherGivesGoWithItsParts) {
  const std::string picture = fixture("frames/f00.jpg");
  FakeViewer v1{Framing::v1};
  attach(v1);
  PublishHello hello;
  hello.format = Format::jpeg;
  hello.resize = Resize::scale;
  id_ = publishers().request_publish("cam", PublishFraming::v1, hello, std::nullopt, publisher_);
  server_.settle();
  const std::vector<std::int64_t> times = {1'700'000'000'000'000, 1'700'000'000'040'001, -5,
                                           INT64_MAX};
  for (std::size_t i = 0; i < times.size(); ++i) {
    publishers().publish(id_, v1_message(i, picture, times[i]));
    server_.settle();
  }
  const auto stream = v1.received.at(1).json();  // "waiting" came first
  EXPECT_EQ(stream.at("fps"), 0);
  EXPECT_EQ(stream.at("resize"), "scale");
  ASSERT_EQ(v1.received.size(), 2 + times.size());
  for (std::size_t i = 0; i < times.size(); ++i)
    EXPECT_EQ(load_be<std::int64_t>(v1.received[2 + i].bytes, 16),
              std::min(times[i], std::int64_t{1} << 53));
  viewers().detach(v1.viewer);
}

TEST_P(HubOnLoops, LateViewerBeginsWithInitAndTheNewestGroup) {
  const std::string file = fixture(kWebm);
  claim();
  push_file(std::string_view{file}.substr(0, 180'000));
  FakeViewer v1{Framing::v1, Rendition::webm}, http{Framing::chunked};
  attach(v1);
  attach(http);
  ASSERT_GE(v1.received.size(), 4u);
  const auto stream = v1.received[0].json();
  EXPECT_EQ(stream.at("type"), "stream");
  EXPECT_EQ(stream.at("rendition"), "webm");
  EXPECT_EQ(stream.at("mime"), "video/webm; codecs=\"vp8\"");
  const auto kind = [&](std::size_t i) { return load_be<std::uint8_t>(v1.received[i].bytes, 0); };
  const auto flags = [&](std::size_t i) { return load_be<std::uint8_t>(v1.received[i].bytes, 1); };
  const auto sequence = [&](std::size_t i) {
    return load_be<std::uint64_t>(v1.received[i].bytes, 8);
  };
  EXPECT_EQ(kind(1), 1) << "the init segment";
  EXPECT_EQ(kind(2), 2);
  EXPECT_EQ(flags(2), 3) << "group start and lead-in";
  const std::size_t last = v1.received.size() - 1;
  EXPECT_EQ(sequence(last), stream.at("live").get<std::uint64_t>());
  EXPECT_EQ(flags(last) & 2, 0) << "the newest part is shown";
  for (std::size_t i = 2; i < last; ++i) EXPECT_EQ(flags(i) & 2, 2) << i;
  EXPECT_TRUE(http.media().starts_with("\x1A\x45\xDF\xA3"));

  const std::size_t before = http.media().size();
  push_file(std::string_view{file}.substr(180'000));
  EXPECT_GT(http.media().size(), before);
  EXPECT_EQ(v1.viewer.skips, 0u);
  for (FakeViewer* v : {&v1, &http}) viewers().detach(v->viewer);
}

TEST_P(HubOnLoops, SlowViewerSkipsToAGroupStartAndPaysAlone) {
  const std::string file = fixture(kWebm);
  FakeViewer good{Framing::bare}, slow{Framing::v1};
  attach(good);
  attach(slow);
  claim();
  const int before = slow.writes;
  slow.room_for = 4;
  push_file(file, Duration{100});  // 128 messages: the slow one's socket is full after the first
  EXPECT_EQ(good.media(), file);
  EXPECT_EQ(slow.writes, before + 4);

  slow.room = true;
  slow.room_for = 0;
  viewers().on_writeable(slow.viewer);
  server_.settle();
  const auto skipped = slow.last_text("skipped").json();
  EXPECT_EQ(skipped.at("reason"), "lag");
  EXPECT_GT(skipped.at("to"), skipped.at("from"));
  EXPECT_EQ(slow.viewer.skips, 1u);
  std::size_t at = 0;
  while (!(slow.received[at].text && slow.received[at].json().at("type") == "skipped")) ++at;
  const Bytes next = slow.received[at + 1].bytes;
  EXPECT_EQ(load_be<std::uint64_t>(next, 8), skipped.at("to").get<std::uint64_t>());
  EXPECT_EQ(load_be<std::uint8_t>(next, 1) & 1, 1) << "a group start";
  for (FakeViewer* v : {&good, &slow}) viewers().detach(v->viewer);
}

// An encoder that starts while others compute reads its first group late, and must not lose it.
TEST_P(HubOnLoops, PartOfTheServerThatJoinsSlowlyKeepsItsFirstGroup) {
  const std::string file = fixture(kWebm);
  FakeViewer worker{Framing::v1}, slow{Framing::v1};
  claim();
  push_file(std::string_view{file}.substr(0, 9000));
  worker.viewer.internal = true;
  worker.room_for = slow.room_for = 1;
  attach(worker);
  attach(slow);
  push_file(std::string_view{file}.substr(9000), Duration{100});
  for (FakeViewer* v : {&worker, &slow}) {
    v->room = true;
    v->room_for = 0;
    while (v->viewer.place != Viewer::Place::live) {
      viewers().on_writeable(v->viewer);
      server_.settle();
    }
  }
  EXPECT_EQ(slow.viewer.skips, 1u);
  EXPECT_EQ(worker.viewer.skips, 0u);
  EXPECT_EQ(worker.media(), file) << "from the first byte on";
  for (FakeViewer* v : {&worker, &slow}) viewers().detach(v->viewer);
}

TEST_P(HubOnLoops, StalledViewerIsClosedAndOneThatDrainsIsNot) {
  const std::string file = fixture(kWebm);
  FakeViewer stalled{Framing::bare}, drains{Framing::bare};
  attach(stalled);
  attach(drains);
  claim();
  stalled.room_for = drains.room_for = 1;
  push_file(std::string_view{file}.substr(0, 9000));
  for (int second = 0; second < 40; ++second) {
    drains.unsent = static_cast<std::size_t>(second);
    server_.pass(Duration{1'000});
  }
  EXPECT_EQ(stalled.closed, CloseCode::try_later);
  EXPECT_EQ(stalled.closed_name, "too-slow");
  EXPECT_FALSE(drains.closed);
  for (FakeViewer* v : {&stalled, &drains}) viewers().detach(v->viewer);
}

TEST_P(HubOnLoops, ViewerThatHasTheInitMissesNoGroup) {
  const std::string file = fixture(kMp4);
  const std::size_t init = file.find("moof") - 4;
  claim();
  push(std::string_view{file}.substr(0, init));
  FakeViewer viewer{Framing::http};
  attach(viewer);
  push(std::string_view{file}.substr(init));  // several groups in one turn
  EXPECT_EQ(viewer.media(), file);
  viewers().detach(viewer.viewer);
}

TEST_P(HubOnLoops, BinaryKeepsTheLastMessageForWhoComesLater) {
  claim();
  for (const char* message : {"first message", "second message", "third message"}) push(message);
  FakeViewer late{Framing::bare};
  attach(late);
  EXPECT_EQ(late.media(), "third message");
  push("fourth message");
  EXPECT_EQ(late.media(), "third messagefourth message");
  EXPECT_EQ(late.received.size(), 2u) << "boundaries are kept";
  viewers().detach(late.viewer);
}

TEST_P(HubOnLoops, WebmOfAnMp4IsRefused) {
  FakeViewer before{Framing::v1, Rendition::webm}, after{Framing::http, Rendition::webm};
  attach(before);
  claim();
  push_file(fixture(kMp4));
  attach(after);
  EXPECT_EQ(before.closed, CloseCode::unsupported);
  EXPECT_EQ(after.closed, CloseCode::unsupported);
  for (FakeViewer* v : {&before, &after}) viewers().detach(v->viewer);
}

TEST_P(HubOnLoops, ViewersAreCountedOverAllLoops) {
  claim(PublishFraming::v1);
  FakeViewer here{Framing::v1}, there{Framing::bare};
  publishers().attach("cam", here.viewer);
  attach(there);
  server_.pass(Duration{1'000});
  server_.pass(Duration{1'000});
  EXPECT_EQ(publisher_.last("viewers").at("count"), 2);
  EXPECT_EQ(here.last_text("viewers").json().at("count"), 2);
  viewers().detach(there.viewer);
  server_.pass(Duration{1'000});
  server_.pass(Duration{1'000});
  EXPECT_EQ(publisher_.last("viewers").at("count"), 1);
  EXPECT_EQ(server_.relay->directory->summaries().at(0).viewers, 1u);
  publishers().detach(here.viewer);
}

TEST_P(HubOnLoops, WhatIsPartOfTheServerReadsWithoutBeingAudience) {
  claim(PublishFraming::v1);
  EXPECT_EQ(publishers().readers_of("cam"), 0u);
  FakeViewer helper{Framing::v1};
  helper.viewer.internal = true;
  attach(helper);
  server_.pass(Duration{1'000});
  EXPECT_EQ(publishers().readers_of("cam"), 1u);
  EXPECT_EQ(server_.relay->directory->summaries().at(0).viewers, 0u);
  viewers().detach(helper.viewer);
  server_.pass(Duration{1'000});
  EXPECT_EQ(publishers().readers_of("cam"), 0u);
}

// It publishes what it is asked for, with nothing in it.
class FakeProvider final : public RenditionProvider {
 public:
  explicit FakeProvider(Hub& hub) : hub_(hub) { hub.set_rendition_provider(this); }
  ~FakeProvider() override { hub_.set_rendition_provider(nullptr); }
  void request_rendition(const std::string& origin, const std::string& output) override {
    ++asked;
    id = hub_.request_publish(derived_name(origin, output), PublishFraming::http, {}, std::nullopt,
                              publisher);
  }
  int asked = 0;
  PublisherId id;
  FakePublisher publisher;

 private:
  Hub& hub_;
};

TEST_P(HubOnLoops, WhoComesRightAfterARenditionEndedHasItMadeAgain) {
  claim();
  FakeProvider provider{publishers()};
  FakeViewer first{Framing::v1}, second{Framing::v1};
  viewers().attach("cam.mp4", first.viewer);
  server_.settle();
  EXPECT_EQ(provider.asked, 1);
  viewers().detach(first.viewer);
  publishers().leave(provider.id, PublisherExit::ended);
  server_.settle();
  viewers().attach("cam.mp4", second.viewer);  // the local stream of the first is still there
  server_.settle();
  EXPECT_EQ(provider.asked, 2);
  viewers().detach(second.viewer);
}

// It notes what it is told, and has one connection for each stream.
class FakeRestreamer final : public Service {
 public:
  explicit FakeRestreamer(Hub& hub) : hub_(hub) { hub.add(*this); }
  ~FakeRestreamer() override { hub_.remove(*this); }
  void on_stream_begin(const std::string& stream) override {
    told += "+" + stream;
    tell({{stream, "rtmp://a.example", RestreamPhase::waiting, "no"}});
  }
  void on_stream_end(const std::string& stream) override {
    told += "-" + stream;
    tell({});
  }
  std::string told;

 private:
  void tell(std::vector<RestreamState> states) {
    hub_.bus().to_directory([loop = hub_.index(), states = std::move(states)](Directory& d) {
      d.update_restreams(loop, states);
    });
  }
  Hub& hub_;
};

TEST_P(HubOnLoops, AServiceIsToldOfStreamsAndTheDirectoryHowItGoes) {
  FakeRestreamer restreamer{publishers()};
  const auto restreams = [this] { return streams_json(server_.relay->directory->summaries()); };
  claim();
  EXPECT_EQ(restreamer.told, "+cam");
  EXPECT_THAT(restreams(),
              testing::HasSubstr(
                  R"("restreams":[{"error":"no","state":"waiting","to":"rtmp://a.example"}])"));
  FakeProvider provider{publishers()};
  FakeViewer viewer{Framing::v1};
  viewers().attach("cam.flv", viewer.viewer);
  server_.settle();
  EXPECT_EQ(restreamer.told, "+cam") << "nothing of what is derived";
  publishers().leave(id_, PublisherExit::lost);
  server_.settle();
  EXPECT_EQ(restreamer.told, "+cam") << "it lingers";
  claim();
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  EXPECT_EQ(restreamer.told, "+cam-cam");
  viewers().detach(viewer.viewer);
}

TEST(Hub, WhoWasExpectedGetsWhatEndedBeforeItSatDown) {
  FakeServer server{2};
  FakePublisher publisher;
  FakeViewer viewer{Framing::bare};
  server.hub(1).expect("cam");  // it is let in now; its loop is slow
  const auto id =
      server.hub(0).request_publish("cam", PublishFraming::bare, {}, std::nullopt, publisher);
  for (int i = 0; i < 4; ++i) server.loops[0]->run();
  const std::string file = fixture(kWebm);
  server.hub(0).publish(id, as_bytes(file));
  server.hub(0).leave(id, PublisherExit::ended);
  for (int i = 0; i < 4; ++i) {
    server.loops[0]->run();
    server.hub(0).flush();
  }
  EXPECT_FALSE(server.hub(0).is_home_of("cam"));
  server.hub(1).attach("cam", viewer.viewer);
  server.settle();
  EXPECT_EQ(viewer.media(), file);
  EXPECT_EQ(viewer.closed, CloseCode::normal);
  server.hub(1).detach(viewer.viewer);
}

TEST(Hub, WhoComesAsAStreamEndsIsToldThatThereIsNone) {
  FakeServer server{2};
  FakePublisher publisher;
  FakeViewer viewer{Framing::http};
  const auto id =
      server.hub(1).request_publish("cam", PublishFraming::bare, {}, std::nullopt, publisher);
  server.settle();
  server.hub(1).leave(id, PublisherExit::ended);
  server.hub(0).attach("cam", viewer.viewer);
  server.loops[0]->run();  // the directory still knows the stream: its home is told of a watcher
  server.settle();
  EXPECT_EQ(viewer.no_stream, 1);
  server.hub(0).detach(viewer.viewer);
}

INSTANTIATE_TEST_SUITE_P(Loops, HubOnLoops, testing::ValuesIn(kPlaces), place_name);

}  // namespace
}  // namespace framewire::relay
