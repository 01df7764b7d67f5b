#include "relay/http/chunked.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relay/http/http_intake.h"

namespace framewire::relay {
namespace {

struct Case {
  const char* name;
  std::string_view encoded;
  std::string_view payload;
  bool done;
  std::optional<std::uint64_t> error_offset;
  std::string_view left = {};  // behind the body
};

constexpr Case kCases[] = {
    {"one_chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", true, {}},
    {"two_chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", true, {}},
    {"hex_either_case",
     "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
     "01234567890123456789",
     true,
     {}},
    {"extension", "5;name=\"v\"\r\nhello\r\n0;x\r\n\r\n", "hello", true, {}},
    {"blanks_before_an_extension", "5 \t;x\r\nhello\r\n0 \r\n\r\n", "hello", true, {}},
    {"a_blank_inside_a_size", "5 6\r\nhello\r\n", "", false, 2},
    {"trailers", "1\r\na\r\n0\r\nX: y\r\nZ: w\r\n\r\n", "a", true, {}},
    {"unfinished", "5\r\nhel", "hel", false, {}},
    {"empty_body", "0\r\n\r\n", "", true, {}},
    {"no_size", "\r\n", "", false, 0},
    {"not_hex", "5\r\nhello\r\nxyz", "hello", false, 10},
    {"data_too_long", "2\r\nabc\r\n", "ab", false, 5},
    {"bare_lf", "5\nhello", "", false, 1},
    {"endless_size", "1234567890123456\r\n", "", false, 15},
    {"after_the_end", "0\r\n\r\nx", "", true, {}, "x"},
    {"the_next_request", "1\r\na\r\n0\r\n\r\nGET /", "a", true, {}, "GET /"},
    {"bare_lf_in_an_extension", "5;a\nhello\r\n", "", false, 3},
    {"bare_lf_in_a_trailer", "0\r\nX: y\nZ: w\r\n\r\n", "", false, 7},
};

class Chunked : public testing::TestWithParam<std::tuple<Case, std::size_t>> {};

TEST_P(Chunked, Decodes) {
  const auto& [c, cut] = GetParam();
  ChunkedDecoder decoder;
  std::string payload;
  Result<void> fed;
  std::string left;
  for (std::size_t at = 0; at < c.encoded.size() && fed; at += cut) {
    Bytes piece = as_bytes(c.encoded.substr(at, cut));
    fed = decoder.feed(piece, [&](Bytes data) { payload += as_text(data); });
    if (fed) left += as_text(piece);
  }
  EXPECT_EQ(left, c.left);
  EXPECT_EQ(payload, c.payload);
  EXPECT_EQ(decoder.done(), c.done);
  EXPECT_EQ(fed.has_value(), !c.error_offset);
  if (c.error_offset && !fed) {
    EXPECT_EQ(fed.error().offset, *c.error_offset);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Chunked,
                         testing::Combine(testing::ValuesIn(kCases), testing::Values(1, 2, 3, 100)),
                         [](const auto& param) {
                           return std::string{std::get<0>(param.param).name} + "_by_" +
                                  std::to_string(std::get<1>(param.param));
                         });

TEST(HttpIntake, SmallChunksThatComeTogetherAreOnePiece) {
  Request request;
  request.transfer_encoding = "chunked";
  HttpIntake intake{1 << 14};
  intake.begin_body(request);
  std::string body;
  for (int i = 0; i < 1'000; ++i) body += "1\r\na\r\n";
  body += fmt::format("{:x}\r\n{}\r\n1\r\nb\r\n0\r\n\r\n", 5'000, std::string(5'000, 'c'));
  Bytes bytes = as_bytes(body);
  std::vector<std::string> pieces;
  ASSERT_TRUE(intake.feed_body(bytes, [&](Bytes p) { pieces.emplace_back(as_text(p)); }));
  EXPECT_TRUE(intake.body_is_whole());
  EXPECT_EQ(pieces,
            (std::vector{std::string(1'000, 'a'), std::string(5'000, 'c'), std::string{"b"}}));
}

}  // namespace
}  // namespace framewire::relay
