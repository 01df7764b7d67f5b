// What a loop writes in one turn is bounded; what waits too long for its turn is left out. The same
// whether viewers are written to one by one or several at once.
#include <gtest/gtest.h>

#include "tests/unit/relay/fakes.h"

namespace framewire::relay {
namespace {

// A stream of opaque messages, each a group of its own, with its viewers on the same loop.
class Turns : public testing::TestWithParam<bool> {
 protected:
  explicit Turns(std::size_t viewers = 10) {
    for (std::size_t i = 0; i < viewers; ++i) {
      viewers_.push_back(std::make_unique<FakeViewer>(i % 2 == 0 ? Framing::bare : Framing::v1));
      if (GetParam()) viewers_.back()->socket = static_cast<int>(i);
      hub().attach("cam", viewers_.back()->viewer);
    }
    server_.settle();
    PublishHello hello;
    hello.format = Format::binary;
    id_ = hub().request_publish("cam", PublishFraming::bare, hello, std::nullopt, publisher_);
    server_.settle();
    hub().publish(id_, as_bytes("-"));  // from here on they are alike, and served together
    server_.settle();
  }
  ~Turns() override {
    for (auto& viewer : viewers_) hub().detach(viewer->viewer);
  }
  Hub& hub() { return server_.hub(); }
  // Half a turn's worth is spent on six viewers.
  void push(char what) { hub().publish(id_, as_bytes(std::string(3'000'000, what))); }
  std::string got(std::size_t i) const {
    std::string out;
    for (char c : viewers_[i]->media())
      if (c != '-' && (out.empty() || out.back() != c)) out += c;
    return out;
  }
  std::size_t count(const std::string& what) const {
    std::size_t n = 0;
    for (std::size_t i = 0; i < viewers_.size(); ++i) n += got(i) == what ? 1 : 0;
    return n;
  }

  FakeSender sender_;
  FakeServer server_{1, {}, &sender_};
  FakePublisher publisher_;
  PublisherId id_;
  std::vector<std::unique_ptr<FakeViewer>> viewers_;
};

TEST_P(Turns, EachServesSomeAndTheRestFollowsInOrder) {
  push('a');
  EXPECT_FALSE(hub().flush());
  EXPECT_EQ(count("a"), 6u);
  push('b');  // while the first is still handed on
  EXPECT_FALSE(hub().flush());
  EXPECT_EQ(count("a"), 10u) << "first all get the first";
  server_.settle();
  EXPECT_EQ(count("ab"), 10u);
}

TEST_P(Turns, OneThatLeavesInBetweenTakesNobodysPlace) {
  push('a');
  EXPECT_FALSE(hub().flush());
  for (std::size_t i : {std::size_t{0}, std::size_t{9}}) {
    hub().detach(viewers_[i]->viewer);
    viewers_[i] = std::make_unique<FakeViewer>(Framing::bare);
    hub().attach("cam", viewers_[i]->viewer);
  }
  server_.settle();
  EXPECT_EQ(count("a"), 10u) << "and who comes gets the newest";
}

TEST_P(Turns, WhoJoinsInBetweenGetsNothingThatIsNotHandedOnYet) {
  push('a');
  EXPECT_FALSE(hub().flush());
  for (char what : {'b', 'c', 'd'}) push(what);  // groups beyond the flush
  std::vector<std::unique_ptr<FakeViewer>> more;
  for (int i = 0; i < 12; ++i) {
    more.push_back(std::make_unique<FakeViewer>(i % 2 == 0 ? Framing::http : Framing::v1));
    hub().attach("cam", more.back()->viewer);
  }
  EXPECT_EQ(more[0]->media().size(), 3'000'000u);
  EXPECT_EQ(more[0]->media().back(), 'a');
  server_.settle();
  EXPECT_EQ(count("abcd"), 10u);
  for (auto& viewer : more) {
    for (int i = 0; i < 4; ++i) hub().on_writeable(viewer->viewer);  // a part for each
    EXPECT_EQ(viewer->media().back(), 'd');
    hub().detach(viewer->viewer);
  }
}

TEST_P(Turns, TheEndComesBehindThoseThatJoinInBetween) {
  push('a');
  EXPECT_FALSE(hub().flush());
  for (char what : {'b', 'c'}) push(what);
  hub().leave(id_, PublisherExit::ended);
  for (auto& loop : server_.loops) loop->run();  // the stream ends, and is not handed on yet
  std::vector<std::unique_ptr<FakeViewer>> more;
  for (int i = 0; i < 4; ++i) {
    more.push_back(std::make_unique<FakeViewer>(i % 2 == 0 ? Framing::http : Framing::v1));
    hub().attach("cam", more.back()->viewer);
  }
  server_.settle();
  EXPECT_EQ(count("abc"), 10u);
  for (auto& viewer : viewers_)
    if (viewer->viewer.framing == Framing::v1) {
      EXPECT_EQ(viewer->texts().back(), "end");
    }
  for (auto& viewer : more) hub().detach(viewer->viewer);
}

TEST_P(Turns, TheEndComesBehindThem) {
  push('a');
  EXPECT_FALSE(hub().flush());
  push('b');
  hub().leave(id_, PublisherExit::ended);
  server_.settle();
  EXPECT_EQ(count("ab"), 10u);
  for (auto& viewer : viewers_) {
    if (viewer->viewer.framing == Framing::v1) {
      EXPECT_EQ(viewer->texts().back(), "end");
    } else
      EXPECT_EQ(viewer->closed, CloseCode::normal);
  }
}

TEST_P(Turns, ALoopThatStoodStillOnceLeavesNothingOut) {
  for (char what : {'a', 'd'}) {
    for (int i = 0; i < 3; ++i) push(static_cast<char>(what + i));
    server_.clock += Duration{300};
    server_.settle();
    push(static_cast<char>(what + 3));  // at once again
    server_.settle();
  }
  EXPECT_EQ(count("abcdefg"), 10u);
  EXPECT_EQ(hub().counters().skips[static_cast<std::size_t>(SkipReason::overload)], 0u);
}

TEST_P(Turns, WhatWaitsTooLongAgainAndAgainIsLeftOutForAll) {
  push('a');
  server_.clock += Duration{300};
  server_.settle();
  for (char what : {'b', 'c', 'd'}) push(what);
  server_.clock += Duration{300};
  server_.settle();
  EXPECT_EQ(count("ad"), 10u);
  const auto skipped = viewers_[1]->last_text("skipped").json();
  EXPECT_EQ(skipped.at("reason"), "overload");
  EXPECT_EQ(skipped.at("from"), 2);
  EXPECT_EQ(skipped.at("to"), 4);
  EXPECT_EQ(hub().counters().skips[static_cast<std::size_t>(SkipReason::overload)], 10u);
}

TEST_P(Turns, ALittleLateIsNotTooLong) {
  push('a');
  server_.settle();
  for (char what : {'b', 'c'}) push(what);
  server_.clock += Duration{200};
  server_.settle();
  EXPECT_EQ(count("abc"), 10u);
}

TEST_P(Turns, WhatTheRingHasLostMeanwhileIsSkipped) {
  push('a');
  EXPECT_FALSE(hub().flush());
  for (char what = 'b'; what < 'b' + 12; ++what) push(what);  // more than the ring holds
  const auto turn = [&] {
    for (auto& viewer : viewers_) hub().on_writeable(viewer->viewer);
    server_.settle();
  };
  for (int i = 0; i < 40; ++i) turn();
  for (std::size_t i = 0; i < viewers_.size(); ++i) EXPECT_EQ(got(i).back(), 'm') << i;
}

TEST_P(Turns, SocketsWithRoomShareATurnToo) {
  for (auto& viewer : viewers_) viewer->room_for = 1;
  push('a');
  server_.settle();
  push('b');
  server_.settle();
  const auto drain = [&] {
    for (auto& viewer : viewers_) {
      viewer->room = true;
      viewer->room_for = 0;
      viewer->wants_writeable = false;
      hub().on_writeable(viewer->viewer);
    }
  };
  drain();
  EXPECT_EQ(count("ab"), 6u);
  EXPECT_TRUE(viewers_[9]->wants_writeable);
  server_.settle();
  drain();
  EXPECT_EQ(count("ab"), 10u);
}

INSTANTIATE_TEST_SUITE_P(OneByOneAndAtOnce, Turns, testing::Bool());

// ---- several at once

class AtOnce : public Turns {};

TEST_P(AtOnce, OneCallForAll) {
  sender_.sizes.clear();
  hub().publish(id_, as_bytes("a"));
  server_.settle();
  EXPECT_EQ(sender_.sizes, std::vector<std::size_t>{10});
  EXPECT_EQ(count("a"), 10u);
}

TEST_P(AtOnce, OneThatHasNoRoomGetsItByItself) {
  viewers_[3]->room_for = 1;
  push('a');
  server_.settle();
  sender_.sizes.clear();
  hub().publish(id_, as_bytes("b"));
  server_.settle();
  EXPECT_EQ(sender_.sizes, std::vector<std::size_t>{9}) << "the one is behind";
  viewers_[3]->room = true;
  hub().on_writeable(viewers_[3]->viewer);
  EXPECT_EQ(count("ab"), 10u);
}

TEST_P(AtOnce, WhatASocketDoesNotTakeIsItsOwnAffair) {
  sender_.says = {{1, -EAGAIN}, {2, 1}, {5, -EPIPE}};
  hub().publish(id_, as_bytes("a"));
  server_.settle();
  using Place = Viewer::Place;
  for (std::size_t i = 0; i < viewers_.size(); ++i)
    EXPECT_EQ(viewers_[i]->viewer.place, i == 1 || i == 2 ? Place::behind
                                         : i == 5         ? Place::done
                                                          : Place::live)
        << i;
  sender_.says.clear();
  hub().publish(id_, as_bytes("b"));
  server_.settle();
  for (std::size_t i : {1u, 2u}) {
    viewers_[i]->room = true;
    viewers_[i]->room_for = 0;
    hub().on_writeable(viewers_[i]->viewer);
  }
  EXPECT_EQ(count("ab"), 9u);
  EXPECT_EQ(got(5), "") << "its connection ends";
}

TEST_P(AtOnce, FewAreWrittenToOneByOne) {
  for (std::size_t i = 3; i < viewers_.size(); ++i) hub().detach(viewers_[i]->viewer);
  viewers_.resize(3);
  sender_.sizes.clear();
  hub().publish(id_, as_bytes("a"));
  server_.settle();
  EXPECT_TRUE(sender_.sizes.empty());
  EXPECT_EQ(count("a"), 3u);
}

class Hundreds : public Turns {
 protected:
  Hundreds() : Turns(600) {}
};

TEST_P(Hundreds, InCallsOfABoundedSize) {
  sender_.sizes.clear();
  hub().publish(id_, as_bytes("a"));
  server_.settle();
  EXPECT_EQ(sender_.sizes, (std::vector<std::size_t>{256, 256, 88}));
  EXPECT_EQ(count("a"), 600u);
}

INSTANTIATE_TEST_SUITE_P(Sender, AtOnce, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Sender, Hundreds, testing::Values(true));

}  // namespace
}  // namespace framewire::relay
