#include "tools/posts/server_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace framewire::cli {
namespace {

using Frames = std::vector<std::pair<WsOpcode, std::string>>;

// As a server writes them: lengths of one, three and nine bytes.
const Frames kFrames = {{WsOpcode::text, R"({"type":"ready"})"},    {WsOpcode::ping, "12345678"},
                        {WsOpcode::text, std::string(300, 'a')},    {WsOpcode::pong, ""},
                        {WsOpcode::text, std::string(70'000, 'b')}, {WsOpcode::close, "\x03\xe8"}};

Buffer written(const Frames& frames) {
  Buffer out;
  for (const auto& [opcode, payload] : frames) append_ws_frame(out, opcode, as_bytes(payload));
  return out;
}

class ServerFramesCut : public testing::TestWithParam<std::size_t> {};

TEST_P(ServerFramesCut, AreReadFromAnyPieces) {
  const Buffer bytes = written(kFrames);
  ServerFrames frames;
  Frames got;
  for (std::size_t at = 0; at < bytes.size(); at += GetParam()) {
    frames.feed(Bytes{bytes}.subspan(at, std::min(GetParam(), bytes.size() - at)));
    while (true) {
      const auto frame = frames.next();
      ASSERT_TRUE(frame) << frame.error().what;
      if (!*frame) break;
      got.emplace_back((*frame)->opcode, as_text((*frame)->payload));
    }
  }
  EXPECT_EQ(got, kFrames);
}

INSTANTIATE_TEST_SUITE_P(BytesPerFeed, ServerFramesCut,
                         testing::Values(1, 2, 7, 4096, std::size_t{1} << 20));

TEST(ServerFrames, RefuseWhatOurServerDoesNotSend) {
  Buffer masked;
  append_client_ws_header(masked, WsOpcode::text, 2);
  append(masked, as_bytes("{}"));
  Buffer huge(10);
  write_ws_header(huge.data(), WsOpcode::text, ServerFrames::kMostFrame + 1);
  for (const auto& [bytes, code] :
       {std::pair{masked, Errc::protocol}, {huge, Errc::limit_exceeded}}) {
    ServerFrames frames;
    frames.feed(bytes);
    const auto frame = frames.next();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, code);
  }
}

}  // namespace
}  // namespace framewire::cli
