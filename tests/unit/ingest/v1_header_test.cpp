// The header as tests/media/wire/v1_header.json has it, which player-web/sdk/wire.js is tested
// against as well (tests/web/wire.test.mjs).
#include "ingest/wire/v1_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace framewire {
namespace {

Buffer bytes_of(const std::string& hex) {
  Buffer out(hex.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    unsigned value = 0;
    std::from_chars(&hex[2 * i], &hex[2 * i] + 2, value, 16);
    out[i] = static_cast<std::byte>(value);
  }
  return out;
}

nlohmann::json vectors() {
  std::ifstream file{FRAMEWIRE_MEDIA_DIR "/wire/v1_header.json"};
  return nlohmann::json::parse(file);
}

TEST(V1Header, ReadsWhatIsValid) {
  const auto all = vectors().at("valid");
  ASSERT_GE(all.size(), 5u);
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("name"));
    const Buffer message = bytes_of(vector.at("message"));
    const auto part = read_v1_part(message);
    ASSERT_TRUE(part) << part.error().what;
    EXPECT_EQ(static_cast<int>(part->header.kind), vector.at("kind"));
    EXPECT_EQ(part->header.group_start(), vector.at("group_start"));
    EXPECT_EQ(part->header.lead_in(), vector.at("lead_in"));
    EXPECT_FALSE(part->header.more());
    EXPECT_EQ(part->header.captured(), vector.value("captured", false));
    EXPECT_EQ(part->header.bytes, vector.at("header_bytes"));
    EXPECT_EQ(part->header.epoch, vector.at("epoch"));
    EXPECT_EQ(part->header.sequence, vector.at("sequence"));
    EXPECT_EQ(part->header.pts_us, vector.at("pts_us"));
    EXPECT_EQ(part->header.clock_us, vector.at("capture_us"));
    EXPECT_TRUE(std::ranges::equal(part->payload, bytes_of(vector.at("payload"))));
  }
}

TEST(V1Header, WritesTheSameBytes) {
  const auto all = vectors().at("valid");
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("name"));
    const Buffer expected = bytes_of(vector.at("message"));
    V1Header header{.kind = static_cast<V1Kind>(vector.at("kind").get<int>()),
                    .bytes = vector.at("header_bytes"),
                    .epoch = vector.at("epoch"),
                    .sequence = vector.at("sequence"),
                    .pts_us = vector.at("pts_us"),
                    .clock_us = vector.at("capture_us")};
    if (vector.at("group_start")) header.flags |= kV1GroupStart;
    if (vector.at("lead_in")) header.flags |= kV1LeadIn;
    if (vector.value("captured", false)) header.flags |= kV1Captured;
    Buffer written(kV1FieldBytes, std::byte{0xff});
    write_v1_header(written.data(), header);
    EXPECT_TRUE(std::ranges::equal(written, Bytes{expected}.first(kV1FieldBytes)));
  }
}

TEST(V1Header, RefusesWhatIsNot) {
  const auto all = vectors().at("invalid");
  ASSERT_GE(all.size(), 7u);
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("name"));
    const Buffer message = bytes_of(vector.at("message"));
    const auto part = read_v1_part(message);
    ASSERT_FALSE(part);
    EXPECT_EQ(part.error().code, Errc::protocol);
  }
}

// What the page writes for a lossless capture.
TEST(V1Header, ReadsWhatOnlyAPublisherSends) {
  const auto all = vectors().at("captures");
  ASSERT_GE(all.size(), 3u);
  for (const auto& vector : all) {
    SCOPED_TRACE(vector.at("name"));
    const Buffer message = bytes_of(vector.at("message"));
    const auto header = read_v1_header(message);
    ASSERT_TRUE(header) << header.error().what;
    EXPECT_EQ(static_cast<int>(header->kind), vector.at("kind"));
    EXPECT_EQ(header->more(), vector.at("more"));
    EXPECT_EQ(header->bytes, vector.at("header_bytes"));
    EXPECT_EQ(header->sequence, vector.at("sequence"));
    EXPECT_EQ(header->pts_us, vector.at("frame"));
    const auto hash = v1_frame_hash(message, *header);
    EXPECT_EQ(hash.has_value(), !vector.at("hash").is_null());
    if (hash) {
      EXPECT_EQ(*hash, vector.at("hash"));
    }
    EXPECT_TRUE(
        std::ranges::equal(Bytes{message}.subspan(header->bytes), bytes_of(vector.at("payload"))));
  }
}

TEST(V1Header, ReadsTheBeginningOfAMessageThatHasNotComeWhole) {
  Buffer start(kV1FieldBytes);
  write_v1_header(start.data(), {.bytes = 42});
  EXPECT_TRUE(read_v1_header(start, 42));
  EXPECT_FALSE(read_v1_header(start, 41));
}

}  // namespace
}  // namespace framewire
