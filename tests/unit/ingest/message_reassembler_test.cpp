#include "ingest/wire/message_reassembler.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire {
namespace {

FragmentPiece piece(std::string_view text, bool first_of_message, bool first_of_frame,
                    bool last_of_message, bool is_text = false) {
  return {as_bytes(text), first_of_message, first_of_frame, last_of_message, is_text};
}

TEST(MessageReassembler, DoesNotCopyAMessageInOnePiece) {
  MessageReassembler reassembler{Limits{}};
  const std::string text = "whole";
  const auto message = reassembler.feed(piece(text, true, true, true));
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((*message)->bytes.data(), as_bytes(text).data());
  EXPECT_FALSE((*message)->text);
  EXPECT_FALSE(reassembler.in_message());
}

TEST(MessageReassembler, JoinsPiecesAndFrames) {
  MessageReassembler reassembler{Limits{}};
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(*reassembler.feed(piece("a", true, true, false, true)));
    EXPECT_TRUE(reassembler.in_message());
    EXPECT_FALSE(*reassembler.feed(piece("bc", false, false, false)));
    EXPECT_FALSE(*reassembler.feed(piece("", false, true, false)));
    const auto message = reassembler.feed(piece("d", false, true, true));
    ASSERT_TRUE(message && *message);
    EXPECT_EQ(as_text((*message)->bytes), "abcd");
    EXPECT_TRUE((*message)->text);
  }
}

TEST(MessageReassembler, GivesAnEmptyMessage) {
  MessageReassembler reassembler{Limits{}};
  const auto message = reassembler.feed(piece("", true, true, true));
  ASSERT_TRUE(message && *message);
  EXPECT_TRUE((*message)->bytes.empty());
  EXPECT_FALSE(*reassembler.feed(piece("", true, true, false)));
  EXPECT_TRUE(*reassembler.feed(piece("", false, true, true)));
}

TEST(MessageReassembler, AMillionEmptyFragmentsAreTooMany) {
  Limits limits;
  MessageReassembler reassembler{limits};
  ASSERT_TRUE(reassembler.feed(piece("", true, true, false)));
  std::size_t frames = 1;
  auto fed = reassembler.feed(piece("", false, true, false));
  for (; fed && frames < 1'000'000; ++frames) fed = reassembler.feed(piece("", false, true, false));
  ASSERT_FALSE(fed);
  EXPECT_EQ(frames, limits.message_fragments);
  EXPECT_EQ(fed.error().code, Errc::limit_exceeded);
}

TEST(MessageReassembler, PiecesOfOneFrameAreOneFragment) {
  Limits limits;
  limits.message_fragments = 1;
  MessageReassembler reassembler{limits};
  ASSERT_TRUE(reassembler.feed(piece("a", true, true, false)));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(reassembler.feed(piece("a", false, false, false)));
  EXPECT_EQ((*reassembler.feed(piece("a", false, false, true)))->bytes.size(), 102u);
}

struct SizeCase {
  std::size_t first;
  std::size_t second;
  bool text;
  bool fits;
};

class MessageSize : public testing::TestWithParam<SizeCase> {};

TEST_P(MessageSize, IsLimited) {
  Limits limits;
  limits.message_bytes = 100;
  limits.text_bytes = 10;
  MessageReassembler reassembler{limits};
  const std::string first(GetParam().first, 'x'), second(GetParam().second, 'x');
  auto fed = reassembler.feed(piece(first, true, true, false, GetParam().text));
  if (fed) fed = reassembler.feed(piece(second, false, true, false));
  EXPECT_EQ(fed.has_value(), GetParam().fits);
  if (!fed) {
    EXPECT_EQ(fed.error().code, Errc::limit_exceeded);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MessageSize,
                         testing::Values(SizeCase{50, 50, false, true},
                                         SizeCase{50, 51, false, false},
                                         SizeCase{101, 0, false, false},
                                         SizeCase{10, 0, true, true}, SizeCase{11, 0, true, false},
                                         SizeCase{5, 6, true, false},
                                         SizeCase{100, 1, false, false}));

TEST(MessageReassembler, AnErrorStaysUntilReset) {
  Limits limits;
  limits.message_bytes = 3;
  MessageReassembler reassembler{limits};
  const auto first = reassembler.feed(piece("four", true, true, true));
  const auto second = reassembler.feed(piece("ok", true, true, true));
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error().what, second.error().what);
  reassembler.reset();
  EXPECT_TRUE(reassembler.feed(piece("ok", true, true, true)));
}

TEST(MessageReassembler, RefusesPiecesOutOfOrder) {
  MessageReassembler reassembler{Limits{}};
  EXPECT_EQ(reassembler.feed(piece("x", false, true, true)).error().code, Errc::protocol);
  reassembler.reset();
  ASSERT_TRUE(reassembler.feed(piece("x", true, true, false)));
  EXPECT_EQ(reassembler.feed(piece("x", true, true, true)).error().code, Errc::protocol);
}

}  // namespace
}  // namespace framewire
