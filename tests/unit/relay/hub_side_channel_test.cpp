// The side channel on loops turned by hand: who hears what is said, and who is told why not.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/relay/hub_on_loops.h"

namespace framewire::relay {
namespace {

class SpeechOnLoops : public HubOnLoops {
 protected:
  FakePublisher film_maker_;  // of a derived rendition
};

TEST_P(SpeechOnLoops, WhatIsSaidReachesPublisherAndViewersStamped) {
  claim(PublishFraming::v1);
  FakeViewer speaker{Framing::v1}, other{Framing::v1, Rendition::webm}, bare{Framing::bare};
  for (FakeViewer* v : {&speaker, &other, &bare}) attach(*v);
  const std::string file = fixture(kWebm);
  push_v1(0, std::string_view{file}.substr(0, 100'000));
  viewers().send_side_text(speaker.viewer, {R"({"text":"hi"})", "Ann"});
  server_.settle();
  ASSERT_EQ(speaker.told.size(), 1u) << "who speaks first is told its name";
  EXPECT_EQ(speaker.told[0].at("type"), "sender");
  const std::string sender = speaker.told[0].at("sender");
  const auto heard = other.last_text("message").json();
  EXPECT_EQ(heard.at("sender"), sender);
  EXPECT_EQ(heard.at("name"), "Ann");
  EXPECT_EQ(heard.at("role"), "viewer");
  EXPECT_EQ(heard.at("data").at("text"), "hi");
  EXPECT_EQ(heard.at("epoch"), 1);
  EXPECT_GT(heard.at("pts").get<std::int64_t>(), 0);
  EXPECT_EQ(speaker.last_text("message").json(), heard) << "it comes back to its sender";
  EXPECT_EQ(publisher_.last("message"), heard);
  for (const Received& r : bare.received) EXPECT_FALSE(r.text);

  publishers().send_side_text(id_, {"[1]", ""});
  server_.settle();
  const auto answer = speaker.last_text("message").json();
  EXPECT_EQ(answer.at("role"), "publisher");
  EXPECT_EQ(answer.at("sender"), publisher_.last("ready").at("sender"));
  for (FakeViewer* v : {&speaker, &other, &bare}) viewers().detach(v->viewer);
}

TEST_P(SpeechOnLoops, AMutedSenderIsHeardNoMoreAndToldSo) {
  claim(PublishFraming::v1);
  FakeViewer speaker{Framing::v1}, other{Framing::v1};
  attach(speaker);
  attach(other);
  viewers().send_side_text(speaker.viewer, {"1", ""});
  server_.settle();
  const std::string sender = speaker.told[0].at("sender");
  publishers().mute(id_, {sender, true});
  server_.settle();
  EXPECT_EQ(other.last_text("muted").json().at("sender"), sender);
  viewers().send_side_text(speaker.viewer, {"2", ""});
  viewers().send_side_text(other.viewer, {"3", ""});
  server_.settle();
  EXPECT_EQ(speaker.told.back().at("code"), "muted");
  EXPECT_EQ(publisher_.last("message").at("data"), 3);
  publishers().mute(id_, {sender, false});
  viewers().send_side_text(speaker.viewer, {"4", ""});
  server_.settle();
  EXPECT_EQ(publisher_.last("message").at("data"), 4);
  viewers().detach(speaker.viewer);
  viewers().detach(other.viewer);
}

TEST_P(SpeechOnLoops, ANewTitleIsToldToAllViewersAndListed) {
  claim(PublishFraming::v1);
  FakeViewer viewer{Framing::v1}, of_film{Framing::v1};
  attach(viewer);
  publishers().request_publish("cam.mp4", PublishFraming::http, {}, std::nullopt, film_maker_);
  FakePublisher second;
  const auto refused =
      publishers().request_publish("cam", PublishFraming::v1, {}, std::nullopt, second);
  viewers().attach("cam.mp4", of_film.viewer);
  server_.settle();
  publishers().set_title(id_, "The second");
  publishers().set_title(id_, "The second");
  publishers().set_title(refused, "Not the publisher's");
  server_.settle();
  for (FakeViewer* v : {&viewer, &of_film}) {
    const auto texts = v->texts();
    EXPECT_EQ(std::count(texts.begin(), texts.end(), "title"), 1) << "one that is the same is none";
    EXPECT_EQ(v->last_text("title").json().at("title"), "The second");
  }
  EXPECT_EQ(publisher_.last("title").at("title"), "The second");
  std::string listed;
  publishers().find_streams({"cam"}, [&](const Hub::Found& found) { listed = found[0]->title; });
  server_.settle();
  EXPECT_EQ(listed, "The second");
  publishers().set_title(id_, "");
  server_.settle();
  EXPECT_EQ(of_film.last_text("title").json().at("title"), "");
  for (FakeViewer* v : {&viewer, &of_film}) viewers().detach(v->viewer);
}

TEST_P(SpeechOnLoops, ThatPicturesStandStillIsToldToAllViewersByThePublisherAlone) {
  claim(PublishFraming::v1);
  FakeViewer viewer{Framing::v1}, of_film{Framing::v1};
  attach(viewer);
  publishers().request_publish("cam.mp4", PublishFraming::http, {}, std::nullopt, film_maker_);
  FakePublisher second;
  const auto refused =
      publishers().request_publish("cam", PublishFraming::v1, {}, std::nullopt, second);
  viewers().attach("cam.mp4", of_film.viewer);
  server_.settle();
  publishers().report_still(id_, true);
  publishers().report_still(refused, false);
  server_.settle();
  for (FakeViewer* v : {&viewer, &of_film})
    EXPECT_EQ(v->last_text("still").json().at("still"), true);
  publishers().report_still(id_, false);
  server_.settle();
  for (FakeViewer* v : {&viewer, &of_film}) {
    EXPECT_EQ(v->last_text("still").json().at("still"), false);
    viewers().detach(v->viewer);
  }
}

TEST_P(SpeechOnLoops, AStreamHearsSoManyTextsASecond) {
  claim(PublishFraming::v1);
  FakeViewer speaker{Framing::v1};
  attach(speaker);
  for (int i = 0; i < 101; ++i)
    viewers().send_side_text(speaker.viewer, {"0", ""});  // 50 a second, twice
  server_.settle();
  ASSERT_EQ(speaker.told.size(), 2u);
  EXPECT_EQ(speaker.told[1].at("code"), "rate-limited");
  server_.pass(Duration{20});
  viewers().send_side_text(speaker.viewer, {"7", ""});
  server_.settle();
  EXPECT_EQ(publisher_.last("message").at("data"), 7);
  viewers().detach(speaker.viewer);
}

TEST_P(SpeechOnLoops, ACrowdSilencesNeitherThePublisherNorWhoSaysLittle) {
  claim(PublishFraming::v1);
  std::vector<std::unique_ptr<FakeViewer>> crowd;
  for (int i = 0; i < 14; ++i) {
    crowd.push_back(std::make_unique<FakeViewer>(Framing::v1));
    attach(*crowd.back());
  }
  FakeViewer quiet{Framing::v1};
  attach(quiet);
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 10; ++i)
      for (auto& speaker : crowd) viewers().send_side_text(speaker->viewer, {"0", ""});
    server_.pass(Duration{1'000});
  }
  publishers().send_side_text(id_, {"\"cue\"", ""});
  server_.settle();
  EXPECT_EQ(quiet.last_text("message").json().at("data"), "cue");
  viewers().send_side_text(quiet.viewer, {"\"little\"", ""});
  server_.settle();
  EXPECT_EQ(publisher_.last("message").at("data"), "little");
  std::size_t heard = 0;
  for (const auto& told : publisher_.told) heard += told.at("type") == "message" ? 1 : 0;
  EXPECT_LE(heard, 2u * 50 * 22 + 2) << "the stream's bound holds";
  for (auto& speaker : crowd) viewers().detach(speaker->viewer);
  viewers().detach(quiet.viewer);
}

TEST_P(SpeechOnLoops, WhatIsSaidAtOnceAfterConnectingIsHeard) {
  claim(PublishFraming::v1);
  FakeViewer speaker{Framing::v1};
  viewers().attach("cam", speaker.viewer);
  viewers().send_side_text(speaker.viewer, {"1", ""});
  server_.settle();
  EXPECT_EQ(publisher_.last("message").at("data"), 1);
  EXPECT_EQ(speaker.last_text("message").json().at("data"), 1);
  viewers().detach(speaker.viewer);
}

TEST_P(SpeechOnLoops, NobodyHearsWhatIsSaidWithoutAStream) {
  FakeViewer speaker{Framing::v1};
  attach(speaker);
  viewers().send_side_text(speaker.viewer, {"1", ""});
  server_.settle();
  EXPECT_EQ(speaker.told.back().at("code"), "no-stream");
  viewers().detach(speaker.viewer);
}

TEST_P(SpeechOnLoops, AFullSocketLosesTextsButNotTheProtocolsOwn) {
  claim(PublishFraming::v1);
  FakeViewer slow{Framing::v1}, other{Framing::v1};
  attach(slow);
  attach(other);
  const std::string file = fixture(kWebm);
  slow.room_for = 1;
  push_v1(0, std::string_view{file}.substr(0, 20'000));
  ASSERT_FALSE(slow.room);
  const std::string kilobyte = "\"" + std::string(1000, 'x') + "\"";
  for (int i = 0; i < 20; ++i) viewers().send_side_text(other.viewer, {kilobyte, ""});
  server_.settle();
  publishers().leave(id_, PublisherExit::ended);
  server_.settle();
  slow.room = true;
  viewers().on_writeable(slow.viewer);
  server_.settle();
  const auto texts = slow.texts();
  const auto heard = std::count(texts.begin(), texts.end(), "message");
  EXPECT_GT(heard, 5);
  EXPECT_LT(heard, 12);
  EXPECT_EQ(texts.back(), "end");
  viewers().detach(slow.viewer);
  viewers().detach(other.viewer);
}

INSTANTIATE_TEST_SUITE_P(Loops, SpeechOnLoops, testing::ValuesIn(kPlaces), place_name);

}  // namespace
}  // namespace framewire::relay
