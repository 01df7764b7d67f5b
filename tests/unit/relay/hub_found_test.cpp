// What the simulation found (tests/unit/relay/simulation), each as a case of its own.
#include <algorithm>

#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

class FoundOnLoops : public HubOnLoops {};

TEST_P(FoundOnLoops, ALocalStreamAskedForTwiceGivesNothingTwice) {
  claim();
  push_file(std::string_view{fixture(kWebm)}.substr(0, 180'000));
  FakeViewer bare{Framing::bare};
  attach(bare);
  const std::string had = bare.media();
  if (GetParam().publisher != GetParam().viewer)
    publishers().add_local_stream("cam", bare.viewer.local_stream->id());
  server_.settle();
  EXPECT_EQ(bare.media(), had);
  viewers().detach(bare.viewer);
}

// Seeds 798 and 994: a loop's local stream is dropped and made again while the answer to the first
// one is on its way.
TEST_P(FoundOnLoops, WhatWasSentToALocalStreamBeforeIsNotForTheNext) {
  if (GetParam().publisher == GetParam().viewer) return;  // the stream's own local stream is kept
  for (const bool ends : {false, true}) {
    claim();
    push_file(std::string_view{fixture(kWebm)}.substr(0, 20'000));
    FakeViewer before{Framing::bare}, v1{Framing::v1};
    viewers().attach("cam", before.viewer);
    // The answer is on its way.
    if (GetParam().publisher != 0) server_.loops[0]->run();
    server_.loops[GetParam().publisher]->run();
    viewers().detach(before.viewer);
    viewers().tick();
    viewers().attach("cam", v1.viewer);
    if (ends) publishers().leave(id_, PublisherExit::ended);
    for (const unsigned loop : {GetParam().viewer, 0u, GetParam().publisher})
      server_.loops[loop]
          ->run();  // the first answer comes; the home hears of the second local stream
    push_file(std::string_view{fixture(kWebm)}.substr(20'000, 40'000));
    EXPECT_EQ(v1.texts().back(), ends ? "waiting" : "stream") << ends;
    if (!ends) {
      EXPECT_EQ(std::count(v1.epochs.begin(), v1.epochs.end(), 1u), 1) << "begun twice";
      publishers().leave(id_, PublisherExit::ended);
      server_.settle();
      EXPECT_EQ(v1.texts().back(), "end");
    }
    viewers().detach(v1.viewer);
    server_.pass(Duration{1'000});
  }
}

// Seed 1573: it was told of a skip, and went on somewhere else.
TEST_P(FoundOnLoops, WhoWasSentNothingYetSkipsNothing) {
  FakeViewer v1{Framing::v1};
  attach(v1);
  PublishHello hello;
  hello.format = Format::binary;
  id_ = publishers().request_publish("cam", PublishFraming::bare, hello, std::nullopt, publisher_);
  server_.settle();
  for (const char* group : {"a", "b", "c"}) publishers().publish(id_, as_bytes(group));
  server_.clock += Duration{300};  // more than they may wait for their turn, but once only
  server_.settle();
  EXPECT_EQ(v1.texts(), (std::vector<std::string>{"waiting", "stream"}));
  EXPECT_EQ(v1.media(), "abc");
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  viewers().detach(v1.viewer);
}

TEST_P(FoundOnLoops, TheNextPublisherIsToldOfThoseWhoWatchStill) {
  FakeViewer bare{Framing::v1};
  attach(bare);
  for (int i = 0; i < 2; ++i) {
    FakePublisher publisher;
    const PublisherId id =
        publishers().request_publish("cam", PublishFraming::v1, {}, std::nullopt, publisher);
    server_.settle();
    for (int second = 0; second < 3; ++second) server_.pass(Duration{1'100});
    EXPECT_EQ(publisher.last("viewers").at("count"), 1);
    publishers().leave(id, PublisherExit::ended);
    server_.settle();
  }
  viewers().detach(bare.viewer);
}

TEST_P(FoundOnLoops, WhoHasHadSomethingIsNotMovedToAnotherStream) {
  struct NoProvider final : RenditionProvider {
    void request_rendition(const std::string&, const std::string&) override {}
  } provider;
  for (auto& hub : server_.relay->hubs) hub->set_rendition_provider(&provider);
  FakeViewer had{Framing::http, Rendition::webm};
  attach(had);
  claim();
  push_file(std::string_view{fixture(kWebm)}.substr(0, 60'000));
  publishers().leave(id_, PublisherExit::lost);
  FakeViewer had_not{Framing::http, Rendition::webm};
  FakePublisher other;
  PublishHello hello;
  hello.format = Format::binary;
  const PublisherId id =
      publishers().request_publish("cam", PublishFraming::bare, hello, std::nullopt, other);
  server_.settle();
  publishers().publish(id, as_bytes("no Matroska"));
  server_.settle();
  attach(had_not);
  EXPECT_EQ(had.closed, CloseCode::unsupported);
  EXPECT_EQ(had.viewer.local_stream->stream(), "cam");
  EXPECT_EQ(had_not.viewer.local_stream->stream(), "cam.webm");
  publishers().leave(id, PublisherExit::ended);
  server_.settle();
  for (FakeViewer* v : {&had, &had_not}) viewers().detach(v->viewer);
  for (auto& hub : server_.relay->hubs) hub->set_rendition_provider(nullptr);
}

TEST_P(FoundOnLoops, WhoComesWhileAStreamComesAndGoesIsAnswered) {
  FakeViewer http{Framing::http};
  viewers().attach("cam", http.viewer);
  // The end of a stream that its loop watched before is still on its way.
  http.viewer.local_stream->apply(StreamEnded{"ended"}, server_.clock);
  server_.settle();
  EXPECT_EQ(http.no_stream, 1);
  EXPECT_NE(http.viewer.place, Viewer::Place::joining);
  viewers().detach(http.viewer);
}

INSTANTIATE_TEST_SUITE_P(Places, FoundOnLoops, testing::ValuesIn(kPlaces), place_name);

}  // namespace
}  // namespace framewire::relay
