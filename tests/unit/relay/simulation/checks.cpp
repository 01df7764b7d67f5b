// What must hold of a world: at any time, and at its end.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/relay/simulation/world.h"

namespace framewire::relay::simulation {
namespace {

constexpr int kMostRounds = 3'000;

}  // namespace

void World::check() {
  std::map<const LocalStream*, std::size_t> attached;
  std::vector<ByMode> viewers(loops_.size()), publishers(loops_.size());
  for (const auto& each : viewers_) {
    const Viewer& viewer = each->viewer;
    ASSERT_TRUE(viewer.local_stream) << each->state();
    ++attached[viewer.local_stream];
    ++(is_http(viewer.framing) ? viewers[each->hub].http : viewers[each->hub].ws);
    const Ring& ring = viewer.local_stream->fanout(viewer.rendition).ring();
    if (viewer.place != Viewer::Place::joining && viewer.place != Viewer::Place::done) {
      EXPECT_LE(viewer.next, ring.end()) << "a cursor beyond the ring: " << each->state();
    }
    EXPECT_LE(viewer.pending_text.size(), std::size_t{40} << 10) << each->state();
    if (viewer.place == Viewer::Place::live) {
      EXPECT_FALSE(each->full) << "taken for one that takes all: " << each->state();
    }
    if (viewer.place == Viewer::Place::behind && !each->closed && !each->gone) {
      EXPECT_TRUE(each->full || each->wants_writeable) << "nothing wakes it: " << each->state();
    }
  }
  for (const auto& [local_stream, count] : attached)
    EXPECT_EQ(local_stream->attached(), count) << local_stream->stream();
  for (const auto& each : publishers_)
    if (!each->left && !is_derived(each->stream))
      ++(each->push == PublishFraming::http ? publishers[each->hub].http
                                            : publishers[each->hub].ws);
  for (unsigned i = 0; i < loops_.size(); ++i) {
    const LoopCounters& counters = hub(i).counters();
    EXPECT_EQ(counters.viewers_now.ws, viewers[i].ws);
    EXPECT_EQ(counters.viewers_now.http, viewers[i].http);
    EXPECT_EQ(counters.publishers_now.ws, publishers[i].ws);
    EXPECT_EQ(counters.publishers_now.http, publishers[i].http);
  }
}

// Until nothing is left to do, with sockets that take all.
void World::settle() {
  weather_ = {};
  for (int round = 0; round < kMostRounds; ++round) {
    bool busy = false;
    for (unsigned i = 0; i < loops_.size(); ++i) {
      busy = !loops_[i]->idle() || busy;
      loops_[i]->run_all();
      busy = !hub(i).flush() || busy;
    }
    for (auto& viewer : viewers_)
      if ((viewer->full || viewer->wants_writeable) && !viewer->closed && !viewer->gone) {
        drain(*viewer);
        busy = true;
      }
    while (!derivations_.empty()) {
      hub(derivations_.back().hub).not_derived(derivations_.back().name);
      derivations_.pop_back();
      busy = true;
    }
    for (const auto& loop : loops_) busy = busy || !loop->idle();
    if (!busy) return;
  }
  ADD_FAILURE() << "it never comes to rest";
}

void World::pass(Duration time) {
  clock_ += time;
  for (unsigned i = 0; i < loops_.size(); ++i) hub(i).tick();
  settle();
}

void World::expect_everybody_has_the_newest() {
  for (const auto& publisher : publishers_) {
    if (!publisher->open() || !publisher->ready) continue;
    // A stream goes on, with a group that anybody may begin at; all that came before is there.
    while (publisher->next && *publisher->next < publisher->life->messages().size())
      send_one(*publisher, true);
    settle();
    publisher->life->be_brief();
    for (int i = 0; i < 2; ++i) {
      send_one(*publisher, true);
      settle();
    }
    send_one(*publisher, true);  // with what the one before may have held back
    settle();
    for (const auto& viewer : viewers_) {
      if (viewer->closed || viewer->gone ||
          viewer->viewer.local_stream->stream() != publisher->stream)
        continue;
      if (publisher->life->has(viewer->viewer.rendition)) {
        EXPECT_TRUE(viewer->has_all_of(*publisher->life))
            << "forgotten: " << viewer->state() << ", life " << publisher->life->number << " has "
            << publisher->life->parts(viewer->viewer.rendition).size() << " parts";
      }
    }
  }
}

void World::expect_counts() {
  for (int i = 0; i < 4; ++i) pass(Duration{1'100});  // reports and summaries are on their way
  // What is counted is a second old: a stream may have ended since, and others may end meanwhile.
  const auto streams_are_counted = [this] {
    return relay_->metrics.totals().streams_now == relay_->directory->streams();
  };
  for (int i = 0; i < 10 && !streams_are_counted(); ++i) pass(Duration{1'100});
  // Of a derived stream that nobody makes no one knows at the origin.
  std::map<std::string, std::size_t> audience, all;
  for (const auto& viewer : viewers_) {
    const std::string& stream = viewer->viewer.local_stream->stream();
    ++all[std::string{origin_of(stream)}];
    if (!is_derived(stream)) ++audience[stream];
  }
  for (const StreamSummary& summary : relay_->directory->summaries())
    if (summary.state == StreamState::live) {
      EXPECT_GE(summary.viewers, audience[summary.name]) << "viewers of " << summary.name;
      EXPECT_LE(summary.viewers, all[summary.name]) << "viewers of " << summary.name;
    }
  EXPECT_TRUE(streams_are_counted());
}

void World::finish() {
  log("-- calm");
  settle();
  pass(Duration{100});  // whose parts were under way to other loops is read again at a tick
  for (const auto& viewer : viewers_)
    if (!viewer->closed && !viewer->gone) {
      EXPECT_NE(viewer->viewer.place, Viewer::Place::joining) << "still waits: " << viewer->state();
    }
  for (const auto& publisher : publishers_)
    if (!publisher->left) {
      EXPECT_TRUE(publisher->ready || publisher->closed) << "no answer: " << publisher->stream;
      EXPECT_FALSE(publisher->held) << "not read from for ever: " << publisher->stream;
      if (publisher->finished) {
        EXPECT_TRUE(publisher->told_end || publisher->closed) << "no end: " << publisher->stream;
      }
    }
  expect_everybody_has_the_newest();
  expect_counts();
  for (const auto& publisher : publishers_)
    if (publisher->open() && publisher->push == PublishFraming::v1 && publisher->next &&
        *publisher->next > 0) {
      EXPECT_EQ(publisher->acked, *publisher->next - 1)
          << "not acknowledged: " << publisher->stream;
    }

  log("-- all streams end");
  for (auto& publisher : publishers_)
    if (!publisher->left) leave(*publisher, PublisherExit::ended);
  settle();
  for (int i = 0; i < 3; ++i) pass(relay_->config.linger + Duration{100});
  EXPECT_EQ(relay_->directory->streams(), 0u);
  for (const auto& viewer : viewers_)
    EXPECT_TRUE(viewer->knows_the_end()) << "was not told of the end: " << viewer->state();

  log("-- all leave");
  while (!viewers_.empty()) detach(viewers_.size() - 1);
  for (int i = 0; i < 3; ++i) pass(Duration{1'100});
  check();
  EXPECT_EQ(relay_->metrics.totals().ring_bytes_now, 0u) << "a ring that nobody reads";
  EXPECT_EQ(relay_->directory->entries(), 0u) << "a stream that is not forgotten";
}

}  // namespace framewire::relay::simulation
