#include "relay/access/target.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

using namespace std::string_literals;
using Route = Target::Route;

const std::string kLong(64, 'x');
const std::string kTooLong(65, 'x');

struct Case {
  std::string path;
  Route route;
  std::string stream = {};
  std::string extension = {};
  std::string asset = {};
};

const Case kCases[] = {
    {"/", Route::streams_page},
    {"/recordings", Route::recordings_page},
    {"/recordings/", Route::recordings_page},
    {"/api/v1/recordings/a/b.webm", Route::api_recording},
    {"/api/v1/recordings/a/b.webm/upload", Route::api_upload},
    {"/api/v1/recordings/upload/b.webm", Route::api_recording},
    {"/api/v1/recordings/upload", Route::none},
    {"/api/v1/recordings/a/upload", Route::none},
    {"/api/v1/recordings/a/b.webm/upload/", Route::none},
    {"/metrics", Route::metrics},
    {"/healthz", Route::healthz},
    {"/echo", Route::echo},
    {"/api/v1/streams", Route::api_streams},
    {"/api/v1/streams/a/b", Route::api_stream, "a/b"},
    {"/api/v1/sessions", Route::api_sessions},
    {"/api/v1/sessions/3-17", Route::api_session},
    {"/api/v1/chat/a/b", Route::api_chat, "a/b"},
    {"/api/v1/restreams", Route::api_restreams},
    {"/api/v1/restreams/7", Route::api_restream},
    {"/api/v1/bans", Route::api_bans},
    {"/api/v1/bans/12", Route::api_ban},
    {"/api/v1/bans/", Route::none},
    {"/api/v1/bans/1/2", Route::none},
    {"/api/v1/bans/192.0.2.1", Route::none},
    {"/api/v1/config", Route::api_config},
    {"/api/v1/events", Route::api_events},
    {"/api/v1/openapi.json", Route::api_openapi},
    {"/api", Route::api_page},
    {"/admin/", Route::admin_page},
    {"/render", Route::render_page},
    {"/render/", Route::render_page},
    {"/api/v1/render", Route::api_renders},
    {"/api/v1/render/1764570000", Route::api_render},
    {"/api/v1/render/", Route::none},
    {"/api/v1/render/01", Route::none},
    {"/api/v1/render/1.mp4", Route::none},
    {"/api/v1/sessions/", Route::none},
    {"/api/v1/sessions/3", Route::none},
    {"/api/v1/sessions/03-1", Route::none},
    {"/api/v1/sessions/3-+1", Route::none},
    {"/api/v1/sessions/3-1/x", Route::none},
    {"/api/v1/sessions/3-99999999999999999999", Route::none},
    {"/api/v1/restreams/-1", Route::none},
    {"/api/v1/restreams/1x", Route::none},
    {"/api/v1/config/", Route::none},
    {"/publish/cam", Route::publish, "cam"},
    {"/watch/cam", Route::watch, "cam"},
    {"/embed/a/cam", Route::embed, "a/cam"},
    {"/live/cam", Route::live, "cam"},
    {"/live/cam.webm", Route::live, "cam", "webm"},
    {"/live/a/b.webm", Route::live, "a/b", "webm"},
    {"/live/a/b/c/d", Route::live, "a/b/c/d"},
    {"/live/A-Z_09", Route::live, "A-Z_09"},
    {"/live/" + kLong, Route::live, kLong},
    {"/live/" + kLong + ".webm", Route::live, kLong, "webm"},
    {"/framewire.js", Route::asset, {}, {}, "framewire.js"},
    {"/samples/", Route::asset, {}, {}, "samples/index.html"},
    {"/sdk/wire.js", Route::asset, {}, {}, "sdk/wire.js"},
    {"/favicon.ico", Route::asset, {}, {}, "favicon.ico"},
    // Nothing of ours.
    {"", Route::none},
    {"live/cam", Route::none},
    {"/live", Route::none},
    {"/lives/cam", Route::none},
    {"/metrics/", Route::none},
    {"/api/v1", Route::none},
    {"/live/cam.avi", Route::none},
    {"/live/cam.WEBM", Route::none},
    {"/live/cam/index.mpd", Route::none},
    {"/../etc/passwd.txt", Route::none},
    {"/sdk/../x.js", Route::none},
    {"/sdk/..x.js", Route::none},
    {"/sdk//x.js", Route::none},
    {"/.git/config.js", Route::none},
    {"/sdk/x.js/", Route::none},
    {"/sdk.d/x", Route::none},
    {"/x.", Route::none},
    {"/x.js\0"s, Route::none},
    {"/" + std::string(200, 'x') + ".js", Route::none},
};

TEST(ParseTarget, Routes) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.path);
    const auto target = parse_target(c.path);
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->route, c.route);
    EXPECT_EQ(target->stream, c.stream);
    EXPECT_EQ(target->extension, c.extension);
    EXPECT_EQ(target->asset, c.asset);
  }
}

const std::string kBadNames[] = {
    "",    ".",    "..",          "../cam", "a/../b",        "a/..",  "/a",
    "a/",  "a//b", "a/b/c/d/e",   kTooLong, "a/" + kTooLong, "a b",   "a\0"s,
    "\0"s, "a%2e", "caf\xc3\xa9", "a\\b",   "a?b",           "a.b/c", ".webm",
};

TEST(ParseTarget, RefusesNamesOutsideTheGrammar) {
  for (const std::string& name : kBadNames) {
    EXPECT_FALSE(is_stream_name(name)) << name;
    for (const char* route : {"/live/", "/publish/", "/watch/", "/embed/", "/api/v1/streams/"}) {
      const auto target = parse_target(route + name);
      ASSERT_FALSE(target.has_value()) << route << name;
      EXPECT_EQ(target.error().code, Errc::refused);
    }
  }
  for (const char* path : {"/live/cam.", "/live/a.b.webm", "/live/a/.webm", "/publish/cam.webm"}) {
    EXPECT_FALSE(parse_target(path).has_value()) << path;
  }
  EXPECT_FALSE(parse_target("/live/" + kTooLong + ".webm").has_value());
}

}  // namespace
}  // namespace framewire::relay
