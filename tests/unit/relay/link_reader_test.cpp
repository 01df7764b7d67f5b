#include "relay/cluster/link_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ingest/wire/v1_header.h"
#include "relay/base/overloaded.h"
#include "relay/cluster/epoch_text.h"

namespace framewire::relay {
namespace {

constexpr std::byte kGroup = kV1GroupStart;

Buffer message(std::uint32_t epoch, std::uint64_t sequence, std::byte flags = {},
               V1Kind kind = V1Kind::media) {
  Buffer out(kV1FieldBytes);
  write_v1_header(out.data(), {.kind = kind,
                               .flags = flags,
                               .bytes = static_cast<std::uint8_t>(kV1FieldBytes),
                               .epoch = epoch,
                               .sequence = sequence,
                               .pts_us = 0,
                               .clock_us = 5});
  append(out, as_bytes(fmt::format("p{}", sequence)));
  return out;
}

// What came, a word each.
std::string words(const LinkNews& news) {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  for (const LinkEvent& event : news.events)
    std::visit(Overloaded{[&](const LinkEpoch& e) { add(fmt::format("epoch{}", e.number)); },
                          [&](const LinkPart& p) {
                            const PartFacts& facts = p.part->facts();
                            add(fmt::format("{}{}:{}", facts.lead_in ? "old-" : "", facts.sequence,
                                            as_text(p.part->payload())));
                          },
                          [&](const LinkGap& gap) { add("gap-" + gap.reason); },
                          [&](const LinkState&) { add("state"); },
                          [&](const LinkText& text) { add(text.json); },
                          [&](const LinkTitle& title) { add("title-" + title.title); },
                          [&](const LinkViewers& v) { add(fmt::format("viewers{}", v.count)); },
                          [&](const LinkCleared&) { add("cleared"); },
                          [&](const LinkEnd& end) { add("end-" + end.reason); }},
               event);
  return out;
}

class LinkReaderTest : public testing::Test {
 protected:
  void connect(const std::string& began = "1") {
    reader_.begin();
    text({{"type", "home"}, {"title", "t"}, {"began", began}});
  }
  void text(const nlohmann::json& object) { EXPECT_TRUE(reader_.take_text(object.dump())); }
  void epoch(std::uint32_t number) {
    EpochInfo info;
    info.format = Format::webm;
    text({{"type", "epoch"}, {"number", number}, {"info", epoch_json(info)}});
  }
  void part(std::uint32_t epoch, std::uint64_t sequence, std::byte flags = {}) {
    EXPECT_TRUE(reader_.take_binary(message(epoch, sequence, flags)));
  }
  void init(std::uint32_t epoch, std::uint64_t sequence) {
    EXPECT_TRUE(reader_.take_binary(message(epoch, sequence, {}, V1Kind::init)));
  }
  std::string said() { return words(reader_.take()); }

  LinkReader reader_;
};

TEST_F(LinkReaderTest, PartsAreNumberedAnewFromNought) {
  connect();
  epoch(3);
  init(3, 0);
  part(3, 40, kGroup | kV1LeadIn);
  part(3, 41, kV1LeadIn);
  part(3, 42);
  EXPECT_EQ(said(), "title-t epoch1 0:p0 old-1:p40 old-2:p41 3:p42");
}

TEST_F(LinkReaderTest, AReconnectionGoesOnWhereItWas) {
  connect();
  epoch(1);
  init(1, 0);
  part(1, 1, kGroup);
  part(1, 2);
  (void)said();
  connect();
  epoch(1);
  init(1, 0);
  part(1, 1, kGroup | kV1LeadIn);
  part(1, 2, kV1LeadIn);
  part(1, 3);
  EXPECT_EQ(said(), "title-t 3:p3") << "nothing twice, no second init, nothing skipped";
}

TEST_F(LinkReaderTest, WhatWasMissedIsAGapThatAGroupEnds) {
  connect();
  epoch(1);
  part(1, 1, kGroup);
  (void)said();
  connect();
  epoch(1);
  part(1, 9, kGroup | kV1LeadIn);
  part(1, 10);
  EXPECT_EQ(said(), "title-t gap-link 1:p9 2:p10");
  text({{"type", "skipped"}, {"reason", "lag"}, {"from", 11}, {"to", 20}});
  part(1, 20, kGroup);
  EXPECT_EQ(said(), "gap-lag 3:p20");
  EXPECT_FALSE(reader_.take_binary(message(1, 30))) << "no group begins there";
}

TEST_F(LinkReaderTest, AnotherHomeBeginsAnEpochOfTheSameNumber) {
  connect("1");
  epoch(1);
  part(1, 0, kGroup);
  (void)said();
  connect("2");
  epoch(1);
  part(1, 0, kGroup);
  EXPECT_EQ(said(), "title-t epoch2 1:p0");
}

TEST_F(LinkReaderTest, TextsArePassedOn) {
  connect();
  (void)said();
  text({{"type", "viewers"}, {"count", 7}});
  text({{"type", "message"}, {"data", 1}, {"history", true}});
  text({{"type", "waiting"}, {"reason", "publisher-lost"}});
  text({{"type", "waiting"}, {"reason", "next-group"}});
  text({{"type", "end"}, {"reason", "ended"}});
  EXPECT_EQ(said(), R"(viewers7 {"data":1,"type":"message"} state end-ended)");
  text({{"type", "to"}, {"sender", "0-1@n"}, {"text", "{}"}});
  const LinkNews news = reader_.take();
  ASSERT_EQ(news.direct.size(), 1u);
  EXPECT_EQ(news.direct[0].first, "0-1@n");
}

TEST_F(LinkReaderTest, WhatNoNodeSendsIsAnError) {
  EXPECT_FALSE(reader_.take_text("[]"));
  EXPECT_FALSE(reader_.take_text(R"({"type":"epoch","number":0,"info":{}})"));
  EXPECT_FALSE(reader_.take_text(R"({"type":"epoch","number":1,"info":{"format":"none"}})"));
  EXPECT_FALSE(reader_.take_binary({}));
  EXPECT_FALSE(reader_.take_binary(message(1, 0)));
}

TEST(EpochText, ComesBackAsItWas) {
  EpochInfo info;
  info.format = Format::mp4;
  info.mime = "video/mp4";
  info.fps = 12.5;
  info.has_webm_rendition = true;
  info.tracks.push_back({TrackKind::audio, "opus", 0, 0, 48'000, 2});
  const auto back = read_epoch(epoch_json(info));
  ASSERT_TRUE(back);
  EXPECT_EQ(epoch_json(*back), epoch_json(info));
}

}  // namespace
}  // namespace framewire::relay
