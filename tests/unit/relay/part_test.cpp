#include "relay/fanout/part.h"

#include <gtest/gtest.h>

#include "ingest/wire/ws_frame.h"

namespace framewire::relay {
namespace {

class PartFraming : public testing::TestWithParam<std::size_t> {};

TEST_P(PartFraming, OneBufferServesEveryFraming) {
  Buffer payload(GetParam());
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::byte>(i * 7);
  PartFacts facts;
  facts.group_start = true;
  facts.epoch = 3;
  facts.sequence = 0x0102030405060708;
  facts.pts_us = -5;
  facts.received_wall_us = 1'700'000'000'000'000;
  const PartPtr part = Part::make(facts, payload);

  EXPECT_TRUE(std::ranges::equal(part->payload(), payload));

  const Bytes bare = part->framed(Framing::bare);
  EXPECT_EQ(std::to_integer<int>(bare[0]), 0x82);
  EXPECT_EQ(bare.size(), ws_header_size(payload.size()) + payload.size());

  const Bytes frame = part->framed(Framing::v1);
  const std::size_t message_bytes = kV1FieldBytes + bare.size();
  const Bytes message = frame.subspan(ws_header_size(message_bytes));
  ASSERT_EQ(message.size(), message_bytes);
  EXPECT_EQ(load_be<std::uint8_t>(message, 0), 2);
  EXPECT_EQ(load_be<std::uint8_t>(message, 1), 1);
  const auto header = load_be<std::uint8_t>(message, 2);
  EXPECT_EQ(load_be<std::uint32_t>(message, 4), 3u);
  EXPECT_EQ(load_be<std::uint64_t>(message, 8), facts.sequence);
  EXPECT_EQ(load_be<std::int64_t>(message, 16), -5);
  EXPECT_EQ(load_be<std::int64_t>(message, 24), facts.received_wall_us);
  EXPECT_TRUE(std::ranges::equal(message.subspan(header), payload));
  EXPECT_EQ(&frame[part->v1_flags_at()], &message[1]);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PartFraming,
                         testing::Values(0, 1, 91, 92, 93, 125, 126, 127, 65489, 65490, 65535,
                                         65536, 200000));

TEST(Part, SaysWhenItWasCapturedIfThatIsKnown) {
  PartFacts facts;
  facts.received_wall_us = 1'700'000'000'000'000;
  facts.captured_wall_us = 1'699'999'999'900'000;
  const PartPtr part = Part::make(facts, {});
  const Bytes frame = part->framed(Framing::v1);
  const Bytes message = frame.subspan(2);
  EXPECT_EQ(load_be<std::uint8_t>(message, 1), 8);
  EXPECT_EQ(load_be<std::int64_t>(message, 24), facts.captured_wall_us);
}

}  // namespace
}  // namespace framewire::relay
