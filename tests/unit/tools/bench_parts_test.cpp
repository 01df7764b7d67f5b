// The load generator's pure parts: payload header, sizes, histogram, reader, options.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/pictures/picture_cutter.h"
#include "ingest/wire/ws_frame.h"
#include "relay/fanout/part.h"
#include "tools/bench/bench_client.h"
#include "tools/bench/bench_content.h"
#include "tools/bench/bench_histogram.h"
#include "tools/bench/bench_options.h"
#include "tools/bench/bench_pattern.h"
#include "tools/bench/bench_reader.h"

namespace framewire::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BenchPattern, AKeyframeBeginsEachGroup) {
  const SizePattern pattern{100, 900, 3};
  std::vector<std::size_t> sizes;
  for (std::uint64_t i = 0; i < 5; ++i) sizes.push_back(pattern.size_of(i));
  EXPECT_THAT(sizes, ElementsAre(900, 100, 100, 900, 100));
  EXPECT_EQ(pattern.largest(), 900u);
  EXPECT_EQ((SizePattern{100, 0, 0}.size_of(0)), 100u);
}

TEST(BenchHistogram, PercentilesAreAtMostOne64thAbove) {
  Histogram times;
  EXPECT_EQ(times.percentile(0.5), 0u);
  for (std::uint64_t i = 1; i <= 100'000; ++i) times.add(i * 1000);
  EXPECT_EQ(times.count(), 100'000u);
  EXPECT_EQ(times.max(), 100'000'000u);
  for (const double share : {0.001, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = share * 100'000'000;
    EXPECT_GE(static_cast<double>(times.percentile(share)), exact);
    EXPECT_LE(static_cast<double>(times.percentile(share)), exact * (1 + 1.0 / 64));
  }
}

TEST(BenchHistogram, SmallAndHugeValuesHaveAPlace) {
  Histogram times;
  for (const std::uint64_t ns : {std::uint64_t{0}, std::uint64_t{63}, ~std::uint64_t{0}}) {
    times.add(ns);
  }
  EXPECT_EQ(times.percentile(0.1), 0u);
  EXPECT_EQ(times.percentile(0.5), 63u);
  EXPECT_GE(times.percentile(1), std::uint64_t{1} << 41);
}

TEST(BenchHistogram, MergesWhatThreadsCounted) {
  Histogram one, other;
  one.add(10);
  other.add(30);
  one.merge(other);
  EXPECT_EQ(one.count(), 2u);
  EXPECT_EQ(one.max(), 30u);
  EXPECT_EQ(one.percentile(0.5), 10u);
}

Buffer payload_of(std::uint64_t sequence, std::size_t size) {
  Buffer payload(size);
  store_payload_header(payload.data(), {7, sequence, 99, static_cast<std::uint32_t>(size)});
  return payload;
}

// Framed by the relay itself, so that both sides agree on PROTOCOL.md.
Buffer server_bytes(Wire wire, const std::vector<std::size_t>& sizes) {
  const relay::Framing framing = wire == Wire::v1     ? relay::Framing::v1
                                 : wire == Wire::bare ? relay::Framing::bare
                                                      : relay::Framing::http;
  Buffer bytes;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Buffer payload = payload_of(i, sizes[i]);
    append(bytes, relay::Part::make({}, payload)->framed(framing));
  }
  return bytes;
}

class BenchReader : public testing::TestWithParam<Wire> {};

TEST_P(BenchReader, FindsEveryMessageHoweverItIsCut) {
  const std::vector<std::size_t> sizes = {32, 90, 126, 3000, 70'000, 32};
  const Buffer bytes = server_bytes(GetParam(), sizes);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    StreamReader reader(GetParam());
    std::vector<std::size_t> seen;
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      const Bytes piece = Bytes{bytes}.subspan(at, std::min(cut, bytes.size() - at));
      reader.feed(piece, [&](const ReaderEvent& event) {
        ASSERT_EQ(event.kind, ReaderEvent::Kind::message);
        EXPECT_EQ(event.header.stream, 7u);
        EXPECT_EQ(event.header.sequence, seen.size());
        EXPECT_EQ(event.header.sent_ns, 99u);
        seen.push_back(event.header.size);
      });
    }
    EXPECT_EQ(seen, sizes) << "cut into " << cut;
  }
}

TEST_P(BenchReader, PayloadsNeedNotBeHandedOver) {
  const Buffer bytes = server_bytes(GetParam(), {10'000, 50});
  StreamReader reader(GetParam());
  int messages = 0;
  const auto count = [&](const ReaderEvent&) { ++messages; };
  reader.feed(Bytes{bytes}.first(200), count);
  const std::size_t rest = reader.skippable();
  reader.skipped(rest - 1, count);
  EXPECT_EQ(messages, 0);
  reader.skipped(1, count);
  EXPECT_EQ(messages, 1);
  reader.feed(Bytes{bytes}.subspan(200 + rest), count);
  EXPECT_EQ(messages, 2);
}

INSTANTIATE_TEST_SUITE_P(EveryWire, BenchReader, testing::Values(Wire::bare, Wire::v1, Wire::http));

class JpegSink final : public PartSink {
 public:
  void on_epoch(const EpochInfo& info) override { EXPECT_EQ(info.format, Format::jpeg); }
  void on_part(Rendition, const CutPart& part) override { sizes.push_back(part.payload.size()); }
  std::vector<std::size_t> sizes;
};

TEST(BenchContent, APictureIsFoundByTheServerAndByTheReader) {
  const std::vector<std::size_t> sizes = {least_of(Content::jpeg), 300, 20'000};
  Buffer framed, published;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Buffer message(sizes[i]);
    fill(Content::jpeg, message);
    store_payload_header(message.data() + lead_of(Content::jpeg),
                         {7, i, 99, static_cast<std::uint32_t>(sizes[i])});
    append(published, message);
    append(framed, relay::Part::make({}, message)->framed(relay::Framing::v1));
  }
  JpegSink sink;
  const auto cutter = make_picture_cutter(Format::jpeg, {}, sink);
  EXPECT_TRUE(cutter->feed(published));
  EXPECT_EQ(sink.sizes, sizes);
  StreamReader reader(Wire::v1, lead_of(Content::jpeg));
  std::vector<std::size_t> seen;
  reader.feed(framed, [&](const ReaderEvent& event) { seen.push_back(event.header.size); });
  EXPECT_EQ(seen, sizes);
}

TEST(BenchReaderTexts, KnowsSkipsPingsAndCloses) {
  Buffer bytes;
  append_text_frame(bytes, R"({"from":1,"reason":"lag","to":9,"type":"skipped"})");
  append_text_frame(bytes, R"({"count":1,"type":"viewers"})");
  append(bytes, as_bytes(std::string("\x89\x02hi\x88\x02\x03\xf5", 8)));
  StreamReader reader(Wire::v1);
  std::vector<ReaderEvent::Kind> kinds;
  reader.feed(bytes, [&](const ReaderEvent& event) {
    kinds.push_back(event.kind);
    if (event.kind == ReaderEvent::Kind::ping) {
      EXPECT_EQ(as_text(event.control), "hi");
    }
    if (event.kind == ReaderEvent::Kind::close) {
      EXPECT_EQ(event.close_code, 1013);
    }
  });
  EXPECT_THAT(kinds, ElementsAre(ReaderEvent::Kind::skip, ReaderEvent::Kind::text,
                                 ReaderEvent::Kind::ping, ReaderEvent::Kind::close));
}

TEST(BenchReaderTexts, WhatNoServerMaySendIsBroken) {
  using namespace std::string_literals;
  const std::string foreign(40, 'x');
  for (const std::string& bytes :
       {"\x02\x01x"s, "\x82\x81xxxxx"s, "\xc2\x01x"s, "\x80\x01x"s, "\x82\x28"s + foreign,
        "\x82\x05short"s, "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s}) {
    StreamReader reader(Wire::bare);
    int broken = 0;
    reader.feed(as_bytes(bytes),
                [&](const ReaderEvent& e) { broken += e.kind == ReaderEvent::Kind::broken; });
    EXPECT_EQ(broken, 1);
  }
}

TEST(BenchClient, ClientHeadersAreMaskedWithZeros) {
  for (const auto& [size, header] : std::vector<std::pair<std::uint64_t, std::size_t>>{
           {125, 6}, {126, 8}, {65'535, 8}, {65'536, 14}}) {
    Buffer bytes;
    append_client_ws_header(bytes, WsOpcode::binary, size);
    EXPECT_EQ(bytes.size(), header);
    EXPECT_EQ(std::to_integer<unsigned>(bytes[0]), 0x82u);
    EXPECT_NE(std::to_integer<unsigned>(bytes[1]) & 0x80u, 0u);
    EXPECT_EQ(load_be<std::uint32_t>(Bytes{bytes}.last(4)), 0u);
  }
}

TEST(BenchProgress, AClosedLoopWaitsForTheSlowest) {
  Options options;
  options.closed_loop = true;
  options.window = 2;
  StreamProgress progress;
  progress.start(options, 2);
  EXPECT_EQ(progress.take_sequence(), 0u);
  EXPECT_EQ(progress.take_sequence(), 1u);
  EXPECT_FALSE(progress.may_send());
  progress.received(0, 2);
  EXPECT_FALSE(progress.may_send());
  progress.lost_viewer(0);  // the other one leaves: nobody waits for it
  EXPECT_TRUE(progress.may_send());
}

TEST(BenchProgress, AClosedLoopMayWaitForTheFirstOnly) {
  Options options;
  options.closed_loop = true;
  options.window = 1;
  options.acknowledged = Acknowledged::by_first;
  StreamProgress progress;
  progress.start(options, 2);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(progress.take_sequence(), i);
    EXPECT_FALSE(progress.may_send());
    progress.received(i, i + 1);
    EXPECT_TRUE(progress.may_send());
  }
  progress.received(0, 3);  // the second, late
  EXPECT_EQ(progress.take_sequence(), 3u);
  EXPECT_FALSE(progress.may_send());
}

struct WrongOptions {
  Flags flags;
  std::string says;
};

TEST(BenchOptions, WhatIsOutOfBoundsIsRefused) {
  const WrongOptions cases[] = {
      {{{"url", "ws://192.0.2.1:80"}}, "--url: only an address of this machine"},
      {{{"url", "ws://example.org:80"}}, "--url"},
      {{{"url", "127.0.0.1:80"}}, "--url: ws://"},
      {{{"seconds", "301"}}, "--seconds"},
      {{{"message", "31"}}, "--message"},
      {{{"message", "lots"}}, "--message"},
      {{{"rate", "-1"}}, "--rate"},
      {{{"slow", "60%"}, {"stalled", "60"}}, "more than 100 %"},
      {{{"stalled", "101%"}}, "--stalled"},
      {{{"viewers", "100000"}, {"streams", "10000"}}, "open files"},
      {{{"keyframe-every", "30"}}, "--keyframe"},
      {{{"closed-loop", "true"}, {"viewers", "0"}}, "--closed-loop"},
      {{{"threads", "0"}}, "--threads"},
      {{{"wire", "h2"}}, "--wire"},
  };
  for (const WrongOptions& c : cases) {
    const auto options = resolve_options(c.flags);
    ASSERT_FALSE(options) << c.says;
    EXPECT_THAT(options.error(), HasSubstr(c.says));
  }
}

TEST(BenchOptions, TakesALoad) {
  const auto options = resolve_options({{"url", "wss://[::1]:8443/"},
                                        {"keyframe", "40KB"},
                                        {"message", "6KB"},
                                        {"stalled", "10%"},
                                        {"seconds", "2.5"},
                                        {"closed-loop", "true"},
                                        {"acknowledged", "first"}});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->tls);
  EXPECT_EQ(options->address.host, "::1");
  EXPECT_EQ(options->pattern.size_of(60), 40'000u);
  EXPECT_DOUBLE_EQ(options->stalled_share, 0.1);
  EXPECT_EQ(options->duration, std::chrono::milliseconds{2500});
  EXPECT_EQ(options->acknowledged, Acknowledged::by_first);
}

}  // namespace
}  // namespace framewire::bench
