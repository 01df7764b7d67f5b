#include "ingest/packets/packets_cutter.h"

#include <gmock/gmock.h>

#include "ingest/packets/packets.h"
#include "tests/unit/ingest/cut_helpers.h"

namespace framewire::test {
namespace {

PacketsConfig video(std::uint8_t track, std::string codec, std::string_view description = "") {
  PacketsConfig config;
  config.track = track;
  config.info = {TrackKind::video, std::move(codec), 320, 180, 0, 0};
  config.description = as_bytes(description);
  return config;
}
PacketsConfig audio(std::uint8_t track) {
  PacketsConfig config;
  config.track = track;
  config.info = {TrackKind::audio, "opus", 0, 0, 48'000, 2};
  return config;
}
void packet(Buffer& to, std::uint8_t track, bool key, std::int64_t pts_us,
            std::string_view data = "data") {
  append_packets_packet(to, {track, key, pts_us, 33'333, as_bytes(data)});
}

// Sound and picture, a keyframe each third picture; then another epoch.
Buffer two_epochs() {
  Buffer out;
  append_packets_header(out, 2);
  append_packets_config(out, audio(0));
  append_packets_config(out, video(1, "avc1.42001f", "avcC"));
  for (int n = 0; n < 7; ++n) {
    packet(out, 0, true, n * 33'333);
    packet(out, 1, n % 3 == 0, n * 33'333, "a picture");
  }
  append_packets_header(out, 1);
  append_packets_config(out, video(0, "vp8"));
  packet(out, 0, true, 1'000'000);
  packet(out, 0, false, 1'033'333);
  return out;
}

TEST(PacketsCutter, CutsAtHeadersAndKeyframesHoweverTheBytesCome) {
  const Buffer bytes = two_epochs();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{40}}) {
    RecordingSink sink;
    const auto cutter = make_packets_cutter({}, sink);
    ASSERT_TRUE(feed_in(*cutter, bytes, size));
    ASSERT_TRUE(cutter->finish());
    EXPECT_EQ(sink.joined(), bytes);
    ASSERT_EQ(sink.epochs.size(), 2u);
    EXPECT_EQ(sink.epochs[0].format, Format::packets);
    EXPECT_EQ(sink.epochs[0].width, 320u);
    EXPECT_EQ(sink.epochs[0].tracks[0].codec, "opus");
    EXPECT_EQ(sink.epochs[1].tracks[0].codec, "vp8");
    std::vector<std::int64_t> groups;
    for (const RecordedPart& part : sink.parts)
      if (part.facts.group_start) groups.push_back(part.facts.pts_us);
    EXPECT_THAT(groups, testing::ElementsAre(0, 99'999, 199'998, 1'000'000));
  }
}

TEST(PacketsCutter, AJoinerGetsTheConfigsOfItsEpoch) {
  RecordingSink sink;
  const auto cutter = make_packets_cutter({}, sink);
  ASSERT_TRUE(feed_in(*cutter, two_epochs(), 0));
  for (const GroupStart& start : sink.group_starts()) {
    RecordingSink joined;
    const auto again = make_packets_cutter({}, joined);
    EXPECT_TRUE(again->feed(sink.joined_from(start.part)));
    EXPECT_TRUE(joined.parts.at(0).facts.init);
    EXPECT_TRUE(joined.parts.at(1).facts.group_start);
  }
}

TEST(PacketsCutter, SoundAloneIsAGroupEachPacket) {
  Buffer bytes;
  append_packets_header(bytes, 1);
  append_packets_config(bytes, audio(0));
  for (int n = 0; n < 3; ++n) packet(bytes, 0, true, n * 20'000);
  RecordingSink sink;
  const auto cutter = make_packets_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(bytes));
  EXPECT_EQ(sink.group_starts().size(), 3u);
}

TEST(Packets, ConfigsAndPacketsAreReadAsWritten) {
  Buffer bytes;
  append_packets_config(bytes, video(3, "vp09.00.31.08", "description"));
  const auto config = read_packets_config(bytes);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->track, 3);
  EXPECT_EQ(config->info.codec, "vp09.00.31.08");
  EXPECT_EQ(config->info.height, 180u);
  EXPECT_EQ(as_text(config->description), "description");
  bytes.clear();
  packet(bytes, 2, true, -5, "x");
  EXPECT_EQ(packets_record_bytes(bytes), bytes.size());
  const auto read = read_packets_packet(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->track, 2);
  EXPECT_TRUE(read->key);
  EXPECT_EQ(read->pts_us, -5);
  EXPECT_EQ(read->duration_us, 33'333u);
  EXPECT_EQ(as_text(read->data), "x");
}

struct BadCase {
  const char* what;
  void (*spoil)(Buffer& bytes);  // of two_epochs()
  Errc code;
  std::uint64_t offset;
};

class BadPackets : public testing::TestWithParam<BadCase> {};

TEST_P(BadPackets, AreRefusedWithTheirPlace) {
  Buffer bytes = two_epochs();
  GetParam().spoil(bytes);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}}) {
    RecordingSink sink;
    const auto cutter = make_packets_cutter({}, sink);
    const auto fed = feed_in(*cutter, bytes, size);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, GetParam().code) << fed.error().what;
    EXPECT_EQ(fed.error().offset, GetParam().offset) << fed.error().what;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPackets,
    testing::Values(
        BadCase{"magic", [](Buffer& b) { b[1] = std::byte{'X'}; }, Errc::malformed_media, 0},
        BadCase{"version", [](Buffer& b) { b[4] = std::byte{9}; }, Errc::malformed_media, 4},
        BadCase{"no track", [](Buffer& b) { b[5] = std::byte{0}; }, Errc::malformed_media, 5},
        BadCase{"tracks", [](Buffer& b) { b[5] = std::byte{200}; }, Errc::limit_exceeded, 0},
        BadCase{"config size", [](Buffer& b) { b[8] = std::byte{0x7f}; }, Errc::limit_exceeded, 0},
        BadCase{"config kind", [](Buffer& b) { b[12] = std::byte{7}; }, Errc::malformed_media, 12},
        BadCase{"config track", [](Buffer& b) { b[13] = std::byte{1}; }, Errc::malformed_media, 8},
        BadCase{"JSON size", [](Buffer& b) { b[17] = std::byte{9}; }, Errc::malformed_media, 16},
        BadCase{"JSON", [](Buffer& b) { b[20] = std::byte{'['}; }, Errc::malformed_media, 20}),
    [](const auto& param) {
      std::string name = param.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST(PacketsCutter, AnEndInsideAPacketIsNamed) {
  Buffer bytes = two_epochs();
  bytes.pop_back();
  RecordingSink sink;
  const auto cutter = make_packets_cutter({}, sink);
  ASSERT_TRUE(cutter->feed(bytes));
  const auto done = cutter->finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, testing::HasSubstr("ends inside a packet"));
}

}  // namespace
}  // namespace framewire::test
