// Lossless capture of frames that are packets: their configs, their order, what is refused.
#include "ingest/packets/packets.h"
#include "tests/unit/relay/capture_page.h"

namespace framewire::relay {
namespace {

Buffer config_of(std::string_view codec, std::uint32_t width = 2, std::uint8_t tracks = 1) {
  Buffer out;
  append_packets_header(out, tracks);
  for (std::uint8_t n = 0; n < tracks; ++n) {
    PacketsConfig config;
    config.track = n;
    config.info.kind = TrackKind::video;
    config.info.codec = codec;
    config.info.width = width;
    config.info.height = 2;
    append_packets_config(out, config);
  }
  return out;
}
Buffer packet_of(std::string_view data, bool key = true) {
  Buffer out;
  append_packets_packet(out, {.key = key, .data = as_bytes(data)});
  return out;
}

class PacketCaptureTest : public LosslessTest {
 protected:
  static PublishHello wish() {
    PublishHello with = hello();
    with.format = Format::packets;
    with.capture.codec = "vp9";
    return with;
  }
  void send_config(PublisherId id, std::uint64_t number, Bytes config) {
    Buffer message = frame_message(number, 0, as_text(config));
    message[0] = static_cast<std::byte>(V1Kind::init);
    server_.hub().publish(id, message);
    server_.settle();
  }
  void send_packet(PublisherId id, std::uint64_t number, std::uint64_t frame, Bytes packet) {
    server_.hub().publish(id, frame_message(number, frame, as_text(packet)));
    server_.settle();
  }
};

TEST_F(PacketCaptureTest, TakesAConfigAndThenAPacketForEachFrame) {
  for (const char* codec : {"vp09.00.10.08", "i420"}) {
    FakePublisher page;
    const auto id = publish(page, wish());
    send_config(id, 0, config_of(codec));
    send_packet(id, 1, 0, packet_of("one"));
    send_packet(id, 2, 1, packet_of("two"));
    EXPECT_TRUE(page.endings.empty()) << codec;
    ASSERT_EQ(capture_writers_.configs.size(), 1u);
    EXPECT_EQ(capture_writers_.configs[0], as_text(config_of(codec)));
    EXPECT_EQ(capture_writers_.frames.size(), 2u);
    EXPECT_EQ(capture_writers_.frames[1], as_text(packet_of("two")));
    capture_writers_.configs.clear();
    capture_writers_.frames.clear();
    server_.hub().leave(id, PublisherExit::cancelled);
    server_.pass(std::chrono::hours{1});
  }
}

TEST_F(PacketCaptureTest, RefusesConfigsThatAreNotTheFilmsByName) {
  Buffer with_packet = config_of("vp09.00.10.08");
  append(with_packet, packet_of("one"));
  Buffer torn = config_of("vp09.00.10.08");
  torn.pop_back();
  const std::pair<Buffer, const char*> rows[] = {
      {config_of("avc1.640020"), "packets of avc1.640020"},
      {config_of("vp09.00.10.08", 4), "packets of 4x2"},
      {config_of("vp09.00.10.08", 2, 2), "2 tracks"},
      {with_packet, "more than a config"},
      {torn, "not one whole config"},
      {packet_of("one"), "no header of packets"},
  };
  for (const auto& [config, why] : rows) {
    FakePublisher page;
    const auto id = publish(page, wish());
    send_config(id, 0, config);
    ASSERT_EQ(page.endings.size(), 1u) << why;
    EXPECT_EQ(page.endings[0].code, "malformed-media");
    EXPECT_NE(page.endings[0].error.what.find(why), std::string::npos)
        << page.endings[0].error.what;
    EXPECT_TRUE(capture_writers_.configs.empty());
    server_.pass(std::chrono::hours{1});
  }
}

TEST_F(PacketCaptureTest, RefusesWhatIsNotDueByName) {
  enum class Sent { frame_first, sound_first, second, inside, two_packets };
  for (const auto& [sent, code] :
       {std::pair{Sent::frame_first, "protocol"}, std::pair{Sent::sound_first, "protocol"},
        std::pair{Sent::second, "protocol"}, std::pair{Sent::inside, "malformed-media"},
        std::pair{Sent::two_packets, "malformed-media"}}) {
    PublishHello with = wish();
    with.capture.audio = {"pcm-s16", 48'000, 1};
    FakePublisher page;
    const auto id = publish(page, with);
    const Buffer config = config_of("vp09.00.10.08");
    Buffer two = packet_of("one", false);  // which would be one part
    append(two, packet_of("two", false));
    if (sent == Sent::frame_first) send_packet(id, 0, 0, packet_of("one"));
    if (sent == Sent::sound_first) {
      Buffer sound = frame_message(0, 0, "ss");
      sound[0] = static_cast<std::byte>(V1Kind::sound);
      server_.hub().publish(id, sound);
      server_.settle();
    }
    if (page.endings.empty()) send_config(id, 0, config);
    if (sent == Sent::second) send_config(id, 1, config);
    if (sent == Sent::inside) send_packet(id, 1, 0, config);
    if (sent == Sent::two_packets) send_packet(id, 1, 0, two);
    ASSERT_EQ(page.endings.size(), 1u) << static_cast<int>(sent);
    EXPECT_EQ(page.endings[0].code, code) << page.endings[0].error.what;
    capture_writers_.configs.clear();
    server_.pass(std::chrono::hours{1});
  }
  FakePublisher rgba;
  const auto id = publish(rgba);
  send_config(id, 0, config_of("vp09.00.10.08"));
  ASSERT_EQ(rgba.endings.size(), 1u) << "pictures have no config";
  EXPECT_EQ(rgba.endings[0].code, "protocol");
}

}  // namespace
}  // namespace framewire::relay
