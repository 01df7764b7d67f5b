// What is known of a film that the API ordered: taken from its process, told, kept, listed.
#include "relay/render/render_info.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

RenderInfo some_film(std::uint64_t id) {
  RenderInfo out;
  out.id = id;
  out.format = "mp4";
  out.asked_ms = 5;
  return out;
}

TEST(RenderInfo, TakesWhatTheProcessSays) {
  RenderInfo info = some_film(7);
  for (const char* line : {R"({"type":"film","frames":60,"width":320,"height":180,"fps":29.97})",
                           R"({"type":"progress","frame":12,"frames":60,"fps":4.5,"eta_ms":9000})",
                           R"({"type":"page","text":"page.html:3:1: Error: gone"})"})
    take_progress(line, info);
  EXPECT_EQ(info.frames, 60u);
  EXPECT_EQ(info.width, 320u);
  EXPECT_DOUBLE_EQ(info.fps, 29.97);
  EXPECT_EQ(info.frame, 12u);
  EXPECT_EQ(info.eta_ms, 9000);
  EXPECT_EQ(info.said, std::vector<std::string>{"page.html:3:1: Error: gone"});
  take_progress(R"({"type":"done","frames":60,"bytes":1234,"seconds":2})", info);
  EXPECT_EQ(info.frame, 60u);
  EXPECT_EQ(info.bytes, 1234u);
  take_progress(R"({"type":"failed","code":1,"message":"no more"})", info);
  EXPECT_EQ(info.error, "no more");
}

// The page's scripts do not write there, but FFmpeg's log might.
TEST(RenderInfo, IsNotFooledByOtherLines) {
  RenderInfo info = some_film(7);
  for (const char* line : {"", "{", "[1]", "{}", R"({"type":5})", R"({"type":"film","frames":-1})",
                           R"({"type":"film","frames":"many","width":1e9})",
                           R"({"type":"progress","frame":null})", R"({"type":"else","frame":3})"})
    take_progress(line, info);
  EXPECT_EQ(info.frames, 0u);
  EXPECT_EQ(info.frame, 0u);
  for (int i = 0; i < 1'000; ++i) take_progress(R"({"type":"page","text":"x"})", info);
  EXPECT_EQ(info.said.size(), kMostSaid);
}

TEST(RenderInfo, IsToldByItsSchemaAndReadBack) {
  RenderInfo info = some_film(1'764'570'000);
  info.title = "a \"title\"";
  info.page = "https://a.example/p";
  info.said = {"one"};
  for (const RenderState state : {RenderState::queued, RenderState::running, RenderState::done,
                                  RenderState::failed, RenderState::cancelled}) {
    info.state = state;
    if (state == RenderState::running) {
      info.begun_ms = 6;
      info.eta_ms = 0;
      info.frames = 10;
      info.fps = 60;
      info.width = info.height = 2;
    }
    if (state == RenderState::done) {
      info.recording = "render/1764570000.mp4";
      info.bytes = 99;
    }
    if (state == RenderState::failed) {
      info.error_code = "page-failed";
      info.error = "an error of the page";
    }
    const std::string text = render_json(info);
    EXPECT_EQ(why_not(schema_named("Render"), json::parse(text)), std::nullopt) << text;
    auto back = read_render_note(text);
    ASSERT_TRUE(back);
    back->eta_ms = info.eta_ms;  // is nobody's after a restart
    EXPECT_EQ(render_json(*back), text);
  }
  for (const char* bad : {"", "{}", "[]", R"({"id":0,"state":"done"})", R"({"id":1,"state":"x"})"})
    EXPECT_FALSE(read_render_note(bad)) << bad;
}

TEST(RenderInfo, IsListedPageByPage) {
  const RenderInfo three = some_film(3), two = some_film(2);
  RenderQuery query;
  query.limit = 1;
  json page = json::parse(renders_json({&three, &two}, query));
  EXPECT_EQ(why_not(schema_named("Renders"), page), std::nullopt);
  ASSERT_EQ(page["renders"].size(), 1u);
  EXPECT_EQ(page["renders"][0]["id"], 3);
  EXPECT_EQ(page["next"], "3");
  EXPECT_TRUE(json::parse(renders_json({&two}, query))["next"].is_null());
  Request request;
  request.arguments = {"limit=2", "cursor=3"};
  const auto asked = read_render_query(request);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->limit, 2u);
  EXPECT_EQ(asked->before, 3u);
  for (const char* bad :
       {"limit=0", "limit=1001", "limit=x", "cursor=", "cursor=-1", "cursor=1a"}) {
    request.arguments = {bad};
    EXPECT_FALSE(read_render_query(request)) << bad;
  }
}

TEST(RenderInfo, IsAnEvent) {
  RenderInfo info = some_film(4);
  info.state = RenderState::done;
  info.recording = "render/4.mp4";
  Event event = render_event(info);
  EXPECT_EQ(event.type, "render-finish");
  EXPECT_EQ(json::parse(event.data)["url"], "/recordings/render/4.mp4");
  info.state = RenderState::failed;
  info.error_code = "disk";
  event = render_event(info);
  EXPECT_EQ(event.type, "render-failed");
  EXPECT_EQ(json::parse(event.data)["code"], "disk");
}

}  // namespace
}  // namespace framewire::relay
