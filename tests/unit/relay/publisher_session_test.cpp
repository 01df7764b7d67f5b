#include "relay/streams/publisher_session.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace framewire::relay {
namespace {

constexpr PublisherId kFirst{0, 1};
constexpr PublisherId kSecond{1, 7};
constexpr std::int64_t kWallUs = 1'700'000'000'000'000;
const Time kStart{std::chrono::seconds{100}};

PublishRequest request_of(PublisherId who, PublishFraming framing = PublishFraming::v1) {
  PublishRequest request;
  request.stream = "cam";
  request.publisher = who;
  request.framing = framing;
  request.by = "192.0.2.1";
  return request;
}

V1Header message(std::uint64_t sequence) {
  V1Header header;
  header.sequence = sequence;
  return header;
}

// ---- who may have the stream

enum class Before { nobody_yet, publishing, by_http, lost, spoiled };
enum class Asks { anew, anew_in_place, resume, resume_wrong, resume_empty };

struct ClaimCase {
  const char* name;
  Before before;
  Asks asks;
  bool takeover;
  const char* refused;    // its code; "" = granted
  bool resumes;           // if it is granted
  const char* displaced;  // what the one before is told; "" = nothing
};

const ClaimCase kClaims[] = {
    {"TheFirst", Before::nobody_yet, Asks::anew, false, "", false, ""},
    {"NothingToResume", Before::nobody_yet, Asks::resume, false, "resume-unknown", false, ""},
    {"NoTokenResumesNoToken", Before::nobody_yet, Asks::resume_empty, false, "resume-unknown",
     false, ""},
    {"Taken", Before::publishing, Asks::anew, false, "stream-taken", false, ""},
    {"TakenOver", Before::publishing, Asks::anew, true, "", false, "another publisher took over"},
    {"ItsOwnSuccessor", Before::publishing, Asks::anew_in_place, false, "", false,
     "another publisher took over"},
    {"ResumedBeforeTheLossIsSeen", Before::publishing, Asks::resume, false, "", true,
     "the publisher resumed on another connection"},
    {"WrongToken", Before::publishing, Asks::resume_wrong, true, "resume-unknown", false, ""},
    {"EmptyToken", Before::publishing, Asks::resume_empty, true, "resume-unknown", false, ""},
    {"HttpIsNotResumed", Before::by_http, Asks::resume, false, "resume-unknown", false, ""},
    {"Resumed", Before::lost, Asks::resume, false, "", true, ""},
    {"AnewWhileItLingers", Before::lost, Asks::anew, false, "", false, ""},
    {"BrokenIsNotResumed", Before::spoiled, Asks::resume, false, "resume-unknown", false, ""},
    {"BrokenIsPublishedAnew", Before::spoiled, Asks::anew, false, "", false, ""},
};

class Claims : public testing::TestWithParam<ClaimCase> {};

TEST_P(Claims, AreJudged) {
  const ClaimCase& c = GetParam();
  PublisherSession session;
  if (c.before != Before::nobody_yet)
    session.begin(
        request_of(kFirst, c.before == Before::by_http ? PublishFraming::http : PublishFraming::v1),
        "secret", 1, kStart);
  if (c.before == Before::spoiled) session.spoil();
  if (c.before == Before::lost || c.before == Before::spoiled) {
    session.forget();
    session.linger("publisher-lost", kStart);
  }
  PublishRequest request = request_of(kSecond);
  if (c.asks == Asks::anew_in_place) request.hello.replaces = "secret";
  if (c.asks == Asks::resume) request.resume_token = "secret";
  if (c.asks == Asks::resume_wrong) request.resume_token = "secrets";
  if (c.asks == Asks::resume_empty) request.resume_token = "";

  const auto granted = session.judge(request, c.takeover);
  ASSERT_EQ(granted.has_value(), std::string{c.refused}.empty());
  if (!granted) {
    EXPECT_EQ(granted.error().code, c.refused);
    EXPECT_EQ(granted.error().close, CloseCode::policy);
    EXPECT_EQ(granted.error().error.code, Errc::refused);
    // Who resumes what is not here may publish anew on the same socket.
    EXPECT_EQ(granted.error().stay, granted.error().code == "resume-unknown");
    return;
  }
  EXPECT_EQ(granted->resumes, c.resumes);
  EXPECT_EQ(granted->displaced ? granted->displaced->error.what : "", c.displaced);
  if (granted->displaced) {
    EXPECT_EQ(granted->displaced->code, "taken-over");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Claims, testing::ValuesIn(kClaims),
                         [](const auto& tested) { return std::string{tested.param.name}; });

// ---- which message is due, and what is acknowledged

enum class Got { taken, again, wrong };

struct MessageCase {
  const char* name;
  bool prompt;
  std::size_t bytes;
  std::vector<std::pair<std::uint64_t, Got>> messages;
  bool due;                            // an ack, at their end
  std::optional<std::uint64_t> acked;  // by it
};

const MessageCase kMessages[] = {
    {"None", true, 10, {}, true, std::nullopt},
    {"InOrder", false, 10, {{0, Got::taken}, {1, Got::taken}}, false, 1},
    {"Prompt", true, 10, {{0, Got::taken}}, true, 0},
    {"Enough", false, 128u << 10, {{0, Got::taken}, {1, Got::taken}}, true, 1},
    {"JustNotEnough", false, (128u << 10) - 1, {{0, Got::taken}, {1, Got::taken}}, false, 1},
    {"TheFirstIsMissing", false, 10, {{1, Got::wrong}}, false, std::nullopt},
    {"OneIsMissing", false, 10, {{0, Got::taken}, {2, Got::wrong}, {1, Got::taken}}, false, 1},
    {"HadAlready", false, 10, {{0, Got::taken}, {0, Got::again}, {1, Got::taken}}, false, 1},
    {"TheFarthest", false, 10, {{~std::uint64_t{0}, Got::wrong}}, false, std::nullopt},
};

class Messages : public testing::TestWithParam<MessageCase> {};

TEST_P(Messages, AreDueInOrder) {
  const MessageCase& c = GetParam();
  PublisherSession session;
  PublishRequest request = request_of(kFirst);
  request.hello.prompt_acks = c.prompt;
  session.begin(request, "secret", 1, kStart);
  for (const auto& [sequence, got] : c.messages) {
    const auto fresh = session.expect(message(sequence), kWallUs);
    ASSERT_EQ(fresh.has_value(), got != Got::wrong) << sequence;
    if (!fresh) {
      EXPECT_EQ(fresh.error().code, Errc::protocol);
    } else {
      EXPECT_EQ(*fresh, got == Got::taken) << sequence;
      if (*fresh) session.took(c.bytes);
    }
  }
  EXPECT_EQ(session.ack_is_due(), c.due);
  EXPECT_EQ(session.acknowledge(), c.acked);
  EXPECT_EQ(session.acknowledge(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(All, Messages, testing::ValuesIn(kMessages),
                         [](const auto& tested) { return std::string{tested.param.name}; });

// Its ack may have been lost with the connection.
TEST(PublisherSession, AcknowledgesAgainWhatComesAgain) {
  PublisherSession session;
  session.begin(request_of(kFirst), "secret", 1, kStart);
  for (std::uint64_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(session.expect(message(i), kWallUs).value());
    session.took(10);
  }
  EXPECT_EQ(session.acknowledge(), 2u);
  session.forget();
  session.linger("publisher-lost", kStart);
  session.resume(kSecond);
  EXPECT_EQ(session.next_message(), 3u);
  EXPECT_EQ(session.acknowledge(), std::nullopt);
  EXPECT_FALSE(session.expect(message(1), kWallUs).value());
  EXPECT_EQ(session.acknowledge(), 2u);
}

TEST(PublisherSession, AcknowledgesNothingOfABareOne) {
  PublisherSession session;
  PublishRequest request = request_of(kFirst, PublishFraming::bare);
  request.hello.prompt_acks = true;
  session.begin(request, "secret", 1, kStart);
  session.took(1u << 20);
  EXPECT_FALSE(session.ack_is_due());
  EXPECT_FALSE(session.resumable());
}

// ---- times that it gives

struct ClockCase {
  const char* name;
  std::byte flags;
  std::int64_t after_us;     // our clock
  std::int64_t captured_us;  // after our clock; what 1 stands for: 0, not said
};

const ClockCase kClocks[] = {
    {"NotSaid", std::byte{0}, -5'000, 1},
    {"ALittleAgo", kV1Captured, -5'000, -5'000},
    {"Now", kV1Captured, 0, 0},
    {"ALittleAhead", kV1Captured, 999'999, 0},
    {"TooFarAhead", kV1Captured, 1'000'000, 1},
    {"LongAgo", kV1Captured, -59'999'999, -59'999'999},
    {"TooLongAgo", kV1Captured, -60'000'000, 1},
};

class Clocks : public testing::TestWithParam<ClockCase> {};

TEST_P(Clocks, AreBelievedNearOurs) {
  const ClockCase& c = GetParam();
  PublisherSession session;
  session.begin(request_of(kFirst), "secret", 1, kStart);
  V1Header header = message(0);
  header.flags = c.flags;
  header.clock_us = kWallUs + c.after_us;
  ASSERT_TRUE(session.expect(header, kWallUs).value());
  EXPECT_EQ(session.captured_us(), c.captured_us == 1 ? 0 : kWallUs + c.captured_us);
}

INSTANTIATE_TEST_SUITE_P(All, Clocks, testing::ValuesIn(kClocks),
                         [](const auto& tested) { return std::string{tested.param.name}; });

TEST(PublisherSession, BoundsTheTimesOfItsMedia) {
  PublisherSession session;
  session.begin(request_of(kFirst), "secret", 1, kStart);
  V1Header header = message(0);
  header.pts_us = std::numeric_limits<std::int64_t>::min();
  ASSERT_TRUE(session.expect(header, kWallUs).value());
  EXPECT_EQ(session.stamp_us(), -(std::int64_t{1} << 53));
  header.pts_us = std::numeric_limits<std::int64_t>::max();
  ASSERT_TRUE(session.expect(header, kWallUs).value());
  EXPECT_EQ(session.stamp_us(), std::int64_t{1} << 53);
}

// ---- gone, and back

TEST(PublisherSession, IsWaitedForAsLongAsItLingers) {
  constexpr Duration kLinger{5'000};
  PublisherSession session;
  session.begin(request_of(kFirst), "secret", 4, kStart);
  EXPECT_EQ(session.first_epoch(), 4u);
  EXPECT_FALSE(session.overdue(kStart + 10 * kLinger, kLinger));
  EXPECT_TRUE(session.set_held(true));
  EXPECT_FALSE(session.set_held(true));

  EXPECT_TRUE(session.forget());  // who goes is let go
  session.linger("error", kStart);
  EXPECT_FALSE(session.present());
  EXPECT_FALSE(session.is(kFirst));
  EXPECT_FALSE(session.held());
  EXPECT_FALSE(session.overdue(kStart + kLinger, kLinger));
  EXPECT_TRUE(session.overdue(kStart + kLinger + Duration{1}, kLinger));
  EXPECT_EQ(session.end_reason(), "error");

  session.resume(kSecond);
  EXPECT_FALSE(session.overdue(kStart + 10 * kLinger, kLinger));
  EXPECT_TRUE(session.is(kSecond));
  EXPECT_EQ(session.first_epoch(), 4u);
}

}  // namespace
}  // namespace framewire::relay
