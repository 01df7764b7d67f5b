// What the server writes, its children and subscribers read (ingest/wire/server_text.h).
#include "relay/fanout/messages.h"

#include <gtest/gtest.h>

#include "ingest/wire/server_text.h"

namespace framewire::relay {
namespace {

TEST(ServerTexts, AnEpochIsReadAsItIsWritten) {
  Epoch epoch;
  epoch.number = 3;
  epoch.info.format = Format::rgba;
  epoch.info.width = 640;
  epoch.info.height = 360;
  epoch.info.fps = 12.5;
  epoch.info.resize = Resize::pad;
  const ServerText text = read_server_text(stream_message("cam", Rendition::origin, epoch, 7));
  const auto* stream = std::get_if<StreamText>(&text);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->format, Format::rgba);
  EXPECT_EQ(stream->width, 640u);
  EXPECT_EQ(stream->height, 360u);
  EXPECT_EQ(stream->fps, 12.5);
  EXPECT_EQ(stream->resize, Resize::pad);
}

TEST(ServerTexts, TheEndAndOthers) {
  EXPECT_TRUE(std::holds_alternative<EndText>(read_server_text(end_message("published"))));
  EXPECT_TRUE(std::holds_alternative<OtherText>(read_server_text(viewers_message(4))));
  EXPECT_TRUE(std::holds_alternative<OtherText>(read_server_text(skipped_message("lag", 3, 9))));
}

TEST(ServerTexts, TheSideChannel) {
  const ServerText own = read_server_text(sender_message("1-7"));
  ASSERT_TRUE(std::holds_alternative<SenderText>(own));
  EXPECT_EQ(std::get<SenderText>(own).sender, "1-7");

  const auto said = [](std::string_view data) {
    SideStamp stamp;
    stamp.sender = "2-1";
    SideText side;
    side.name = "Ada";
    side.data = data;
    return read_server_text(side_message(stamp, side));
  };
  const ServerText words = said("\"hello\"");
  ASSERT_TRUE(std::holds_alternative<SaidText>(words));
  EXPECT_EQ(std::get<SaidText>(words).sender, "2-1");
  EXPECT_EQ(std::get<SaidText>(words).name, "Ada");
  EXPECT_EQ(std::get<SaidText>(words).data, "hello");
  EXPECT_EQ(std::get<SaidText>(said("{\"x\":[1,null]}")).data, "{\"x\":[1,null]}");
}

TEST(ServerTexts, WhatIsNoneIsOther) {
  for (const char* text : {"", "{", "[]", "7", "{}", R"({"type":7})", R"({"type":"message"})"})
    EXPECT_TRUE(std::holds_alternative<OtherText>(read_server_text(text))) << text;
  const ServerText odd = read_server_text(R"({"type":"stream","format":3,"width":"x","fps":null})");
  ASSERT_TRUE(std::holds_alternative<StreamText>(odd));
  EXPECT_FALSE(std::get<StreamText>(odd).format.has_value());
  EXPECT_EQ(std::get<StreamText>(odd).width, 0u);
}

}  // namespace
}  // namespace framewire::relay
