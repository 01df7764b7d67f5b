// Lossless capture at the stream: credits, progress, resume, result. The child is a fake.
#include "relay/streams/capture_session.h"

#include "tests/unit/relay/capture_page.h"

namespace framewire::relay {
namespace {

TEST_F(LosslessTest, GrantsWhatFitsAndMoreAsItIsWritten) {
  FakePublisher page;
  const auto id = publish(page);
  EXPECT_EQ(page.last("credit").at("frames"), 6);
  for (std::uint64_t n = 0; n < 6; ++n) send(id, n);
  EXPECT_EQ(capture_writers_.frames.size(), 6u);
  write(2);
  EXPECT_EQ(page.last("credit").at("frames"), 8);
  EXPECT_TRUE(page.endings.empty());
}

TEST_F(LosslessTest, RefusesAFramePastItsCreditByName) {
  FakePublisher page;
  const auto id = publish(page);
  for (std::uint64_t n = 0; n < 7; ++n) send(id, n);
  ASSERT_EQ(page.endings.size(), 1u);
  EXPECT_EQ(page.endings[0].code, "past-credit");
  EXPECT_EQ(page.endings[0].close, CloseCode::policy);
  EXPECT_EQ(capture_writers_.frames.size(), 6u) << "and what came before is good";
  EXPECT_TRUE(capture_writers_.finished) << "the film ends with it";
}

TEST_F(LosslessTest, SoundGoesBesideItsFrames) {
  PublishHello with = hello();
  with.capture.audio = {"pcm-s16", 48'000, 2};
  FakePublisher page;
  const auto id = publish(page, with);
  const auto sound = [&](std::uint64_t message, std::uint64_t first, std::size_t samples) {
    Buffer out = frame_message(message, first, std::string(samples * 4, 's'));
    out[0] = static_cast<std::byte>(V1Kind::sound);
    server_.hub().publish(id, out);
    server_.settle();
  };
  sound(0, 0, 1600);
  server_.hub().publish(id, frame_message(1, 0, std::string(kFrame, 'a')));
  sound(2, 1600, 100);
  EXPECT_TRUE(page.endings.empty());
  EXPECT_EQ(capture_writers_.frames.size(), 1u);
  EXPECT_EQ(capture_writers_.sounds,
            (std::vector<std::pair<std::uint64_t, std::size_t>>{{0, 6400}, {1600, 400}}));
  sound(3, 1700, 48'000 * 11);
  ASSERT_EQ(page.endings.size(), 1u) << "too far ahead of the frames";
  EXPECT_EQ(page.endings[0].code, "past-credit");
}

TEST_F(LosslessTest, SoundThatIsNotDueIsRefused) {
  struct Case {
    const char* codec;
    std::uint64_t first;
    std::size_t bytes;
    const char* code;
  };
  for (const auto& [codec, first, bytes, code] :
       {Case{"", 0, 400, "protocol"}, Case{"pcm-f32", 5, 400, "protocol"},
        Case{"pcm-f32", 0, 402, "malformed-media"}, Case{"pcm-f32", 0, 0, "malformed-media"}}) {
    PublishHello with = hello();
    if (*codec) with.capture.audio = {codec, 48'000, 1};
    FakePublisher page;
    const auto id = publish(page, with);
    Buffer message = frame_message(0, first, std::string(bytes, 's'));
    message[0] = static_cast<std::byte>(V1Kind::sound);
    server_.hub().publish(id, message);
    server_.settle();
    ASSERT_EQ(page.endings.size(), 1u) << codec << " " << bytes;
    EXPECT_EQ(page.endings[0].code, code);
    EXPECT_TRUE(capture_writers_.sounds.empty());
    server_.pass(std::chrono::hours{1});
  }
}

TEST_F(LosslessTest, TakesWholePicturesOnly) {
  // In pieces: the frame's number is the same, the message's goes on.
  FakePublisher whole;
  const auto good = publish(whole);
  server_.hub().publish(good, frame_message(0, 0, std::string(6, 'a'), true));
  server_.hub().publish(good, frame_message(1, 0, std::string(10, 'b')));
  server_.hub().publish(good, frame_message(2, 1, std::string(kFrame, 'c')));
  server_.settle();
  EXPECT_TRUE(whole.endings.empty());
  ASSERT_EQ(capture_writers_.frames.size(), 2u);
  EXPECT_EQ(capture_writers_.frames[0], "aaaaaabbbbbbbbbb");
  server_.hub().publish(good, frame_message(3, 3, std::string(kFrame, 'd')));
  server_.settle();
  ASSERT_EQ(whole.endings.size(), 1u) << "frame 2 is due";
  EXPECT_EQ(whole.endings[0].code, "protocol");
  server_.pass(std::chrono::hours{1});
  for (const std::size_t bytes : {kFrame - 1, kFrame + 1, 2 * kFrame}) {
    FakePublisher page;
    const auto id = publish(page);
    send(id, 0, bytes);
    ASSERT_EQ(page.endings.size(), 1u) << bytes;
    EXPECT_EQ(page.endings[0].code, "malformed-media");
    server_.pass(std::chrono::hours{1});
  }
}

TEST_F(LosslessTest, MorePicturesInAMessageThanThereIsCreditForAreRefused) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0, 7 * kFrame);
  ASSERT_EQ(page.endings.size(), 1u);
  EXPECT_EQ(page.endings[0].code, "malformed-media");
}

TEST_F(LosslessTest, HandsOnTheHashOfEachFrame) {
  PublishHello wish = hello();
  wish.capture.hash = true;
  FakePublisher page;
  const auto id = publish(page, wish);
  Buffer message(kV1FieldBytes + 4);
  write_v1_header(message.data(), {.bytes = kV1FieldBytes + 4});
  store_be(message.data() + kV1FieldBytes, std::uint32_t{0xdecade});
  message.resize(message.size() + kFrame);
  server_.hub().publish(id, message);
  server_.settle();
  EXPECT_EQ(capture_writers_.hashes, std::vector<std::uint32_t>{0xdecade});
  send(id, 1);
  ASSERT_EQ(page.endings.size(), 1u) << "one without";
  EXPECT_EQ(page.endings[0].code, "protocol");
}

TEST_F(LosslessTest, AResumeGoesOnWhereItWas) {
  FakePublisher page;
  const auto id = publish(page);
  for (std::uint64_t n = 0; n < 4; ++n) send(id, n);
  server_.hub().leave(id, PublisherExit::lost);
  server_.settle();
  write(1);
  FakePublisher again;
  const auto next = resume(again, page);
  EXPECT_EQ(again.last("ready").at("sequence"), 4);
  EXPECT_EQ(again.last("credit").at("frames"), 7);
  send(next, 3);  // sent again: it is known
  send(next, 4);
  EXPECT_EQ(capture_writers_.frames.size(), 5u);
  EXPECT_EQ(capture_writers_.frames.back(), std::string(kFrame, 'e'));
}

TEST_F(LosslessTest, TellsTheResultAtTheEndAndAgainAfterAResume) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0);
  server_.hub().end(id);
  server_.settle();
  EXPECT_EQ(capture_writers_.finished, "");
  EXPECT_TRUE(page.ended.empty()) << "it waits for its file";
  write(1);
  capture_writers_.keep();
  server_.settle();
  EXPECT_EQ(page.last("recorded").at("url"), "/recordings/cam/film.mp4");
  EXPECT_EQ(page.last("recorded").at("frames"), 1);
  EXPECT_EQ(page.last("recorded").at("duration_ms"), 200);

  server_.hub().leave(id, PublisherExit::lost);  // it may not have heard it
  server_.settle();
  FakePublisher again;
  const auto next = resume(again, page);
  EXPECT_EQ(again.last("recorded").at("bytes"), 1234);
  server_.hub().leave(next, PublisherExit::ended);
  server_.settle();
  FakePublisher late;
  resume(late, page);
  ASSERT_EQ(late.endings.size(), 1u);
  EXPECT_EQ(late.endings[0].code, "resume-unknown") << "the stream is over";
}

TEST_F(LosslessTest, AFrameAfterTheEndIsRefused) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0);
  server_.hub().end(id);
  server_.settle();
  send(id, 1);
  ASSERT_EQ(page.endings.size(), 1u);
  EXPECT_EQ(page.endings[0].code, "protocol");
}

TEST_F(LosslessTest, APublisherThatStaysAwayLeavesAnIncompleteFilm) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0);
  server_.hub().leave(id, PublisherExit::ended);  // without `end`: a socket closed too soon
  server_.settle();
  EXPECT_FALSE(capture_writers_.finished) << "it may come back";
  server_.pass(std::chrono::hours{1});
  EXPECT_EQ(capture_writers_.finished, "the publisher was lost after 1 frames");
}

TEST_F(LosslessTest, FewerFramesThanWereSaidAreIncomplete) {
  PublishHello wish = hello();
  wish.capture.frames = 3;
  FakePublisher page;
  const auto id = publish(page, wish);
  send(id, 0);
  server_.hub().end(id);
  server_.settle();
  EXPECT_EQ(capture_writers_.finished, "1 frames of 3: the publisher ended it before");
}

TEST_F(LosslessTest, ACancelKeepsNothing) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0);
  server_.hub().leave(id, PublisherExit::cancelled);
  server_.settle();
  EXPECT_TRUE(capture_writers_.cancelled);
  FakePublisher next;
  publish(next);
  EXPECT_TRUE(next.ready) << "the name is free";
}

TEST_F(LosslessTest, AFailureIsToldWithWhatWasKept) {
  FakePublisher page;
  const auto id = publish(page);
  send(id, 0);
  write(1);
  capture_writers_.delegate->on_failed(
      {CloseCode::internal, "encoder-failed", {Errc::internal, "it died"}});
  send(id, 1);  // on its way: dropped, and no error of its own
  EXPECT_TRUE(page.endings.empty());
  capture_writers_.keep("it died");
  server_.settle();
  EXPECT_EQ(page.last("recorded").at("incomplete"), "it died");
  ASSERT_EQ(page.endings.size(), 1u);
  EXPECT_EQ(page.endings[0].code, "encoder-failed");
}

TEST_F(LosslessTest, ReadsNoFurtherWhileFramesAreMonsters) {
  PublishHello wish = hello();
  wish.format = Format::png;
  Config small = config();
  small.capture_inbox_bytes = 1;
  FakeServer server{1, small};
  server.hub().set_capture_writers(&capture_writers_);
  class Held final : public PublisherSink {
   public:
    void on_ready() override {}
    void send_text(const std::string&) override {}
    void close(const CloseReason& ending) override { ending_code = ending.code; }
    void on_ended(const std::optional<Error>&) override {}
    void hold(bool on) override { held = on; }
    bool held = false;
    std::string ending_code;
  } page;
  const auto id = server.hub().request_publish("cam", PublishFraming::v1, wish, {}, page);
  server.settle();
  // A PNG of 2x2 pixels with a text chunk of 600 KB.
  std::string png{"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\2\0\0\0\2\x08\0\0\0\0????", 33};
  png += std::string{"\0\x09\x27\xc0tEXt", 8} + std::string(600'000, 'x') + "????";
  png += std::string{"\0\0\0\0IEND????", 12};
  server.hub().publish(id, v1_message(0, png));
  server.settle();
  EXPECT_EQ(page.ending_code, "");
  EXPECT_TRUE(page.held);
  capture_writers_.delegate->on_written(1);
  server.settle();
  EXPECT_FALSE(page.held);
}

TEST(CreditWindow, BoundsWhatIsOnItsWay) {
  CreditWindow ledger{6};
  for (int n = 0; n < 6; ++n) {
    EXPECT_TRUE(ledger.may_take());
    ledger.take();
  }
  EXPECT_FALSE(ledger.may_take());
  ledger.write(9);
  EXPECT_EQ(ledger.written(), 6u) << "no more than were taken";
  ledger.write(2);
  EXPECT_EQ(ledger.written(), 6u) << "and never back";
  EXPECT_EQ(ledger.credit(), 12u);
}

TEST(CreditWindow, TheWindowIsWhatFits) {
  Config config;
  config.capture_inbox_bytes = 64u << 20;
  config.capture_frames = 16;
  EXPECT_EQ(capture_window(config, 320 * 180 * 4), 16u);
  EXPECT_EQ(capture_window(config, 1920 * 1080 * 4), 8u);
  EXPECT_EQ(capture_window(config, 7680 * 4320 * 4), kLeastCaptureWindow);
}

TEST(RefuseCapture, SaysWhatIsMissing) {
  PublishHello hello;
  EXPECT_FALSE(refuse_capture(hello, {})) << "not lossless";
  hello.lossless = true;
  EXPECT_EQ(refuse_capture(hello, {})->code, "not-recording");
  Config config;
  config.record_dir = "/somewhere";
  EXPECT_EQ(refuse_capture(hello, config)->code, "unsupported-format");
}

}  // namespace
}  // namespace framewire::relay
