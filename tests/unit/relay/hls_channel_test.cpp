// HLS on loops turned by hand: playlists, what they name, and requests that wait.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "relay/base/stream_name.h"
#include "relay/hls/playlist.h"
#include "relay/hls/request.h"
#include "tests/unit/relay/fakes.h"
#include "tests/unit/relay/mp4_builder.h"

namespace framewire::relay::hls {
namespace {

using namespace framewire::test;
using Kind = File::Kind;

Config config_of(Duration window = Duration{30'000}) {
  Config config;
  config.hls_window = window;
  config.max_hls_waiting = 3;
  return config;
}

// A stream "cam" whose derived rendition is published here, as the provider would.
class HlsChannel : public testing::TestWithParam<unsigned> {
 protected:
  explicit HlsChannel(Config config = config_of()) : server_(GetParam(), std::move(config)) {}

  void publish() {
    PublishHello hello;
    hello.format = Format::mp4;
    id_ = server_.hub().request_publish(derived_name("cam", kSource), PublishFraming::http, hello,
                                        std::nullopt, publisher_);
    server_.settle();
    push(mp4_init(true, false));
  }
  void push(const std::string& bytes) {
    server_.hub().publish(id_, as_bytes(bytes));
    server_.settle();
  }
  // Pictures, 25 a second, a keyframe each second.
  void push_pictures(int count) {
    for (int i = 0; i < count; ++i, ++pictures_)
      push(mp4_sample(kPicture, pictures_ * 40'000, 40'000, pictures_ % 25 == 0));
  }

  // Somebody asks, and so many pictures come.
  void begin(int pictures) {
    publish();
    ask({Kind::index});
    push_pictures(pictures);
  }

  // The number of the request, to look at its answer later.
  std::size_t ask(File file, Directives directives = {}, Duration wait = {}, std::string query = {},
                  std::string client = "somebody", bool patient = false) {
    const std::size_t number = answers_.size();
    answers_.emplace_back();
    Request request{{0, number + 1},   "cam", file,   directives, std::move(query),
                    std::move(client), wait,  patient};
    server_.relay->hls[0]->request(request,
                                   [this, number](const Response& a) { answers_[number] = a; });
    server_.settle();
    return number;
  }
  const std::optional<Response>& answer(std::size_t number) const { return answers_[number]; }
  static std::string text(const std::optional<Response>& answer) {
    std::string out;
    if (!answer) return "(no answer)";
    if (answer->refused) return std::string{to_string(*answer->refused)};
    for (const SharedBytes& piece : answer->body) out += as_text(*piece);
    return out;
  }
  std::string get(File file, Directives directives = {}) {
    return text(answer(ask(file, directives)));
  }
  std::string media() { return get({Kind::media}); }
  // The value of the one tag in a playlist.
  static std::uint64_t number_in(const std::string& playlist, const std::string& tag) {
    const std::size_t at = playlist.find("#" + tag + ":");
    return at == std::string::npos ? 0 : std::stoull(playlist.substr(at + tag.size() + 2));
  }
  std::uint64_t first_msn() { return number_in(media(), "EXT-X-MEDIA-SEQUENCE"); }

  FakeServer server_;
  FakePublisher publisher_;
  PublisherId id_;
  int pictures_ = 0;
  std::deque<std::optional<Response>> answers_;
};

TEST_P(HlsChannel, TheFirstPlaylistComesWithTheFirstSegment) {
  publish();
  const std::size_t index = ask({Kind::index});
  push_pictures(25);
  EXPECT_FALSE(answer(index));
  push_pictures(1);
  const std::string text_of_index = text(answer(index));
  EXPECT_NE(
      text_of_index.find("CODECS=\"avc1\",RESOLUTION=0x0,FRAME-RATE=25.000,CLOSED-CAPTIONS=NONE\n"
                         "media.m3u8\n"),
      std::string::npos)
      << text_of_index;
  const std::string playlist = media();
  const std::uint64_t msn = first_msn();
  EXPECT_GT(msn, 0u);
  for (const std::string& part :
       {std::string{"#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:4\n"},
        std::string{"CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.804,HOLD-BACK=12,CAN-SKIP-UNTIL=24"},
        std::string{"#EXT-X-PART-INF:PART-TARGET=0.268\n"},
        fmt::format("#EXT-X-MAP:URI=\"{}\"", init_name(msn)),
        fmt::format("#EXTINF:1.000000,\n{}\n", segment_name(msn)),
        fmt::format("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{}\"\n", part_name(msn + 1, 0))})
    EXPECT_NE(playlist.find(part), std::string::npos) << part << " is not in\n" << playlist;
  EXPECT_EQ(playlist.find("ENDLIST"), std::string::npos);
}

TEST_P(HlsChannel, ABrowsersOwnPlayerWaitsForThreeSegments) {
  publish();
  const std::size_t impatient = ask({Kind::index});
  const std::size_t patient = ask({Kind::index}, {}, {}, {}, "browser", true);
  push_pictures(26);
  server_.pass(Duration{7'900});
  EXPECT_TRUE(answer(impatient));
  EXPECT_FALSE(answer(patient));
  push_pictures(99);
  EXPECT_FALSE(answer(patient)) << "two segments";
  push_pictures(1);
  EXPECT_TRUE(answer(patient)) << "three";
  EXPECT_TRUE(answer(ask({Kind::index}, {}, {}, {}, "browser", true)));
}

TEST_P(HlsChannel, NobodyWaitsForSegmentsForEver) {
  publish();
  const std::size_t patient = ask({Kind::index}, {}, {}, {}, "browser", true);
  push_pictures(26);
  server_.pass(Duration{8'000});
  EXPECT_NE(text(answer(patient)).find("STREAM-INF"), std::string::npos);
}

TEST_P(HlsChannel, FilesAreWhatWasPublished) {
  begin(60);
  const std::uint64_t msn = first_msn();
  EXPECT_EQ(get({Kind::init, msn}), mp4_init(true, false));
  std::string segment;
  for (int i = 0; i < 25; ++i) segment += mp4_sample(kPicture, i * 40'000, 40'000, i == 0);
  EXPECT_EQ(get({Kind::segment, msn}), segment);
  EXPECT_EQ(get({Kind::part, msn + 1, 0}).substr(0, 20),
            mp4_sample(kPicture, 0, 0, true).substr(0, 20));
  const auto& of_segment = answer(ask({Kind::segment, msn}));
  EXPECT_EQ(of_segment->type, "video/mp4");
  EXPECT_TRUE(of_segment->lasts);
  for (const File& gone :
       {File{Kind::segment, msn + 9}, File{Kind::segment, 0}, File{Kind::init, msn + 1},
        File{Kind::part, msn, 99}, File{Kind::part, msn + 1, 99}, File{Kind::segment, msn + 1}})
    EXPECT_EQ(get(gone), "not-found");
}

TEST_P(HlsChannel, AReloadWaitsForItsPartAndNoLonger) {
  begin(26);
  const std::uint64_t open = first_msn() + 1;  // 6 pictures to a part
  const std::size_t part0 = ask({Kind::media}, {open, 0, false});
  const std::size_t part1 = ask({Kind::media}, {open, 1, false});
  const std::size_t hinted = ask({Kind::part, open, 0});
  EXPECT_FALSE(answer(part0) || answer(part1) || answer(hinted));
  push_pictures(5);
  EXPECT_NE(text(answer(part0)).find(part_name(open, 0)), std::string::npos);
  EXPECT_TRUE(answer(hinted) && !answer(hinted)->refused);
  EXPECT_FALSE(answer(part1));
  push_pictures(6);
  EXPECT_NE(text(answer(part1)).find(part_name(open, 1)), std::string::npos);
  const std::size_t whole = ask({Kind::media}, {open, std::nullopt, false});
  push_pictures(38);
  EXPECT_FALSE(answer(whole));
  push_pictures(1);
  EXPECT_NE(text(answer(whole)).find(segment_name(open)), std::string::npos);
  EXPECT_NE(get({Kind::media}, {open, 3, false}), "(no answer)") << "listed already";
  const std::size_t beyond = ask({Kind::media}, {open, 99, false});
  EXPECT_FALSE(answer(beyond)) << "a part after the last means the first of the next segment";
  push_pictures(6);
  EXPECT_TRUE(answer(beyond));
}

TEST_P(HlsChannel, TheHintIsOfWhatComes) {
  begin(26);
  const std::uint64_t open = first_msn() + 1;
  const auto hinted = [this] {
    const std::string text = media();
    const std::size_t at = text.find("TYPE=PART,URI=\"") + 15;
    return text.substr(at, text.find('"', at) - at);
  };
  std::set<std::string> made;
  for (int i = 0; i < 25 * 8; ++i) {
    const std::string hint = hinted();
    push_pictures(1);
    // Either it is still to come, or it is there now.
    const auto file = parse_file(hint);
    ASSERT_TRUE(file);
    if (hinted() == hint) continue;
    EXPECT_TRUE(made.insert(hint).second) << hint;
    const auto& got = answer(ask(*file));
    EXPECT_TRUE(got && !got->refused) << hint << " after " << i;
  }
  EXPECT_EQ(made.count(part_name(open, 9)), 0u) << "the segment ends with part 8";
  EXPECT_EQ(made.count(part_name(open + 1, 0)), 1u);
}

TEST_P(HlsChannel, AHintThatDoesNotComeTrueIsAnsweredByWhatComesInstead) {
  begin(25 + 48);  // 8 parts of 6, two pictures short of a group
  const std::uint64_t open = first_msn() + 1;
  const std::size_t last = ask({Kind::part, open, 8});
  EXPECT_FALSE(answer(last));
  push_pictures(3);
  EXPECT_TRUE(answer(last) && !answer(last)->refused) << "two pictures were its last part";
  push_pictures(6 * 4);
  push(mp4_sample(kPicture, pictures_++ * 40'000, 40'000, false));
  while (pictures_ % 6 != 5) push_pictures(1);
  const std::size_t count = 99;
  EXPECT_EQ(get({Kind::part, open + 1, count}), "not-found") << "it is not hinted at";
}

TEST_P(HlsChannel, AGroupThatBeginsSoonerIsWhatTheHintedPartIs) {
  begin(25 * 3 + 1);
  const std::uint64_t open = first_msn() + 2;
  push_pictures(47);  // of 50: part 7 is made, part 8 is under way or next
  const std::string playlist = media();
  const std::size_t at = playlist.find("TYPE=PART,URI=\"") + 15;
  const auto hint = parse_file(playlist.substr(at, playlist.find('"', at) - at));
  ASSERT_TRUE(hint);
  ASSERT_EQ(hint->number, open);
  const std::size_t hinted = ask(*hint);
  EXPECT_FALSE(answer(hinted));
  // A keyframe where nobody expects one, right behind the last part.
  for (int i = 0; i < 8; ++i) push(mp4_sample(kPicture, pictures_++ * 40'000, 40'000, i == 0));
  ASSERT_TRUE(answer(hinted));
  EXPECT_FALSE(answer(hinted)->refused);
}

TEST_P(HlsChannel, WhatCannotComeSoonIsABadRequest) {
  begin(26);
  const std::uint64_t open = first_msn() + 1;
  EXPECT_EQ(get({Kind::media}, {open + 2, std::nullopt, false}), "bad-request");
  EXPECT_EQ(get({Kind::media}, {~std::uint64_t{0}, 0, false}), "bad-request");
  EXPECT_EQ(get({Kind::media}, {open, 40, false}), "bad-request");
  EXPECT_FALSE(answer(ask({Kind::media}, {open + 1, std::nullopt, false})));
  EXPECT_NE(get({Kind::media}, {0, 0, false}), "bad-request") << "long since there";
}

TEST_P(HlsChannel, WhoWaitsForTooLongIsToldAndWhoAreTooManyAtOnce) {
  begin(26);
  const Directives next{first_msn() + 1, std::nullopt, false};
  const std::size_t first = ask({Kind::media}, next);
  ask({Kind::media}, next);
  const std::size_t cancelled = ask({Kind::media}, next);
  EXPECT_EQ(get({Kind::media}, next), "overloaded");
  server_.relay->hls[0]->cancel_request("cam", cancelled + 1);
  server_.settle();
  const std::size_t instead = ask({Kind::media}, next);
  server_.pass(Duration{11'900});
  EXPECT_FALSE(answer(first) || answer(instead));
  server_.pass(Duration{200});
  EXPECT_EQ(text(answer(first)), "timed-out");
  EXPECT_EQ(text(answer(instead)), "timed-out");
  EXPECT_FALSE(answer(cancelled));
}

TEST_P(HlsChannel, AStreamThatIsNotThereIsNotFoundOrWaitedFor) {
  const std::size_t now = ask({Kind::index});
  const std::size_t later = ask({Kind::index}, {}, Duration{20'000});
  const std::size_t patient = ask({Kind::index}, {}, Duration{60'000});
  server_.pass(Duration{100});
  EXPECT_EQ(text(answer(now)), "not-found");
  EXPECT_FALSE(answer(later));
  server_.pass(Duration{20'000});
  EXPECT_EQ(text(answer(later)), "not-found");
  publish();
  push_pictures(26);
  EXPECT_NE(text(answer(patient)).find("STREAM-INF"), std::string::npos);
  EXPECT_EQ(get({Kind::segment, 5}), "not-found");
}

TEST_P(HlsChannel, WhatCannotBeMadeIsRefusedWithTheReason) {
  publish();
  const std::size_t index = ask({Kind::index});
  server_.hub().refuse_viewers(derived_name("cam", kSource), "MP4 holds no VP8");
  server_.settle();
  EXPECT_EQ(text(answer(index)), "unsupported-format");
  EXPECT_EQ(answer(index)->message, "MP4 holds no VP8");
}

TEST_P(HlsChannel, TheEndIsInThePlaylistAndAnotherBeginningIsNot) {
  begin(40);
  const std::uint64_t first = first_msn();
  const std::size_t waiting = ask({Kind::media}, {first + 1, std::nullopt, false});
  server_.hub().leave(id_, PublisherExit::ended);
  server_.settle();
  EXPECT_NE(text(answer(waiting)).find("#EXT-X-ENDLIST\n"), std::string::npos);
  EXPECT_NE(text(answer(waiting)).find("EXT-X-PART:"), std::string::npos)
      << "who plays by parts is in the middle of a segment";
  EXPECT_EQ(text(answer(waiting)).find("PRELOAD-HINT"), std::string::npos);
  publish();
  pictures_ = 0;
  const std::size_t again = ask({Kind::media});
  push_pictures(26);
  const std::string playlist = text(answer(again));
  EXPECT_EQ(number_in(playlist, "EXT-X-MEDIA-SEQUENCE"), first + 2);
  EXPECT_NE(playlist.find("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:"), std::string::npos) << playlist;
  EXPECT_NE(playlist.find("#EXT-X-DISCONTINUITY-SEQUENCE:0\n"), std::string::npos);
  EXPECT_EQ(playlist.find("ENDLIST"), std::string::npos);
}

TEST_P(HlsChannel, ItEndsWhenNobodyAsks) {
  publish();
  ask({Kind::index});
  server_.pass(Duration{1'000});
  EXPECT_EQ(server_.hub().readers_of(derived_name("cam", kSource)), 1u);
  push_pictures(30);
  server_.pass(Duration{11'900});
  EXPECT_NE(media(), "not-found");
  server_.pass(Duration{11'900});
  EXPECT_EQ(server_.hub().readers_of(derived_name("cam", kSource)), 1u);
  server_.pass(Duration{200});
  server_.pass(Duration{1'000});
  EXPECT_EQ(server_.hub().readers_of(derived_name("cam", kSource)), 0u);
  EXPECT_EQ(get({Kind::segment, 5}), "not-found");
}

// A file that is sent faster than it plays runs ahead of the clock that numbers begin with.
TEST_P(HlsChannel, TheNextOneUsesNoNumberAgain) {
  begin(26 * 40);
  const std::string playlist = media();
  const std::string before = "seg-";
  const std::uint64_t last = std::stoull(playlist.substr(playlist.rfind(before) + before.size()));
  server_.hub().leave(id_, PublisherExit::ended);
  server_.settle();
  for (int i = 0; i < 4; ++i) server_.pass(Duration{10'000});
  ASSERT_EQ(server_.hub().readers_of(derived_name("cam", kSource)), 0u);
  pictures_ = 0;
  begin(100);
  EXPECT_GT(first_msn(), last);
}

TEST_P(HlsChannel, WhoAsksForPlaylistsIsAViewer) {
  FakePublisher origin;
  server_.hub().request_publish("cam", PublishFraming::v1, {}, std::nullopt, origin);
  publish();
  push_pictures(26);
  const auto viewers = [this](Duration later) {
    for (; later.count() > 0; later -= Duration{500}) server_.pass(Duration{500});
    return server_.relay->directory->summaries().at(0).viewers;
  };
  const Duration soon{3'000};
  ask({Kind::index});
  ask({Kind::media});
  EXPECT_EQ(viewers(soon), 1u) << "one client";
  ask({Kind::media}, {}, {}, "", "another");
  ask({Kind::segment, first_msn()}, {}, {}, "", "who begins with no playlist");
  EXPECT_EQ(viewers(soon), 2u);
  EXPECT_EQ(origin.last("viewers").at("count"), 2) << "told to the publisher, too";
  EXPECT_EQ(server_.hub().readers_of("cam"), 0u) << "nobody reads the origin for it";
  EXPECT_EQ(viewers(Duration{8'000}), 2u) << "a player of whole segments asks rarely";
  ask({Kind::media});
  EXPECT_EQ(viewers(Duration{9'000}), 1u);
  EXPECT_EQ(viewers(Duration{20'000}), 0u);
}

TEST_P(HlsChannel, ADeltaUpdateLeavesOutWhatIsOld) {
  begin(25 * 40);
  const std::string whole = media();
  const std::string delta = get({Kind::media}, {std::nullopt, std::nullopt, true});
  const std::size_t at = delta.find("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
  ASSERT_NE(at, std::string::npos) << delta;
  const auto count = std::stoul(delta.substr(at + 29));
  EXPECT_GT(count, 0u);
  const std::uint64_t first = number_in(whole, "EXT-X-MEDIA-SEQUENCE");
  EXPECT_EQ(number_in(delta, "EXT-X-MEDIA-SEQUENCE"), first);
  EXPECT_EQ(delta.find(segment_name(first + count - 1)), std::string::npos);
  const std::size_t from = whole.find(segment_name(first + count));
  ASSERT_NE(from, std::string::npos);
  EXPECT_NE(delta.find(whole.substr(from)), std::string::npos) << "the rest is the same";
}

TEST_P(HlsChannel, AKeyGoesBehindEachUri) {
  begin(40);
  const std::size_t keyed = ask({Kind::media}, {}, {}, "?token=k");
  const std::string playlist = text(answer(keyed));
  std::size_t uris = 0;
  for (const char* extension : {".m4s", ".m3u8"})
    for (std::size_t at = playlist.find(extension); at != std::string::npos;
         at = playlist.find(extension, at + 1)) {
      ++uris;
      EXPECT_EQ(playlist.substr(at + 4, 8), "?token=k");
    }
  EXPECT_GE(uris, 4u);
  EXPECT_EQ(media().find("token"), std::string::npos) << "of somebody else";
}

TEST_P(HlsChannel, PartsAreListedNearTheEndOnly) {
  begin(25 * 25);
  const std::string playlist = media();
  const std::uint64_t first = number_in(playlist, "EXT-X-MEDIA-SEQUENCE");
  EXPECT_EQ(playlist.find(part_name(first + 4, 0)), std::string::npos);
  const std::size_t first_part = playlist.find("#EXT-X-PART:");
  ASSERT_NE(first_part, std::string::npos);
  const std::string listed = playlist.substr(first_part);
  std::size_t segments = 0;
  for (std::size_t at = listed.find("#EXTINF"); at != std::string::npos;
       at = listed.find("#EXTINF", at + 1))
    ++segments;
  EXPECT_EQ(segments, 6u) << "12 s, three target durations";
}

INSTANTIATE_TEST_SUITE_P(Loops, HlsChannel, testing::Values(1u, 2u, 3u));

}  // namespace
}  // namespace framewire::relay::hls
