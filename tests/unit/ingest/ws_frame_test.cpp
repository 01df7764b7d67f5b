#include "ingest/wire/ws_frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ingest/wire/ws_reader.h"

namespace framewire {
namespace {

Buffer bytes_of(std::initializer_list<int> values) {
  Buffer out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

class Sizes : public testing::TestWithParam<std::size_t> {};

// RFC 6455, section 5.2: a length in its shortest form.
TEST_P(Sizes, AreReadAsTheyWereWritten) {
  Buffer wire(ws_header_size(GetParam()));
  write_ws_header(wire.data(), WsOpcode::binary, GetParam());
  for (std::size_t have = 0; have < wire.size(); ++have) {
    const auto head = read_ws_head(Bytes{wire}.first(have));
    ASSERT_TRUE(head) << have;
    EXPECT_FALSE(*head) << have;
  }
  const auto head = read_ws_head(wire);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->opcode, WsOpcode::binary);
  EXPECT_EQ((*head)->header_bytes, wire.size());
  EXPECT_EQ((*head)->payload_bytes, GetParam());
}

TEST_P(Sizes, OfAClientAreReadByTheServer) {
  Buffer wire;
  append_client_ws_header(wire, WsOpcode::binary, GetParam());
  const std::size_t head = wire.size();
  wire.resize(head + std::min<std::size_t>(GetParam(), 100), std::byte{7});
  WsReader reader;
  std::span<std::byte> left{wire};
  const auto event = reader.next(left);
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->piece.bytes.size() + (*event)->piece.to_come, GetParam());
  EXPECT_TRUE(std::ranges::equal((*event)->piece.bytes, Bytes{wire}.subspan(head)));
}

INSTANTIATE_TEST_SUITE_P(All, Sizes,
                         testing::Values(0, 1, 125, 126, 127, 65535, 65536, std::size_t{1} << 40));

TEST(WsHead, RefusesWhatNoServerSends) {
  for (const Buffer& wire :
       {bytes_of({0x02, 0}), bytes_of({0x80, 0}), bytes_of({0xc2, 0}), bytes_of({0x83, 0}),
        bytes_of({0x8b, 0}), bytes_of({0x82, 0x80}), bytes_of({0x89, 126, 0, 126})}) {
    const auto head = read_ws_head(wire);
    ASSERT_FALSE(head) << std::to_integer<int>(wire[0]);
    EXPECT_EQ(head.error().code, Errc::protocol);
  }
}

TEST(WsFrame, FramesAreTakenOneAfterTheOther) {
  Buffer wire;
  append_text_frame(wire, "{}");
  append_text_frame(wire, std::string(200, 'x'));
  Bytes left{wire};
  const WsFrame first = take_ws_frame(left);
  EXPECT_EQ(first.opcode, WsOpcode::text);
  EXPECT_EQ(as_text(first.payload), "{}");
  EXPECT_EQ(as_text(take_ws_frame(left).payload), std::string(200, 'x'));
  EXPECT_TRUE(left.empty());
}

}  // namespace
}  // namespace framewire
