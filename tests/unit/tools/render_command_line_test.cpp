#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tools/command_line.h"

namespace framewire::cli {
namespace {

using testing::HasSubstr;

Request parse_render(std::vector<const char*> words) {
  words.insert(words.begin(), {"framewire", "render"});
  return parse_command_line(static_cast<int>(words.size()), words.data(),
                            [](const std::string&) { return std::nullopt; });
}

RenderOptions render_options(const std::vector<const char*>& words) {
  const Request request = parse_render(words);
  const auto* error = std::get_if<UsageError>(&request);
  EXPECT_FALSE(error) << error->what;
  const auto* options = std::get_if<RenderOptions>(&request);
  EXPECT_TRUE(options);
  return options ? *options : RenderOptions{};
}

TEST(RenderCommandLine, TakesItsWords) {
  const auto plain = render_options({"film.html", "-o", "film.mp4"});
  EXPECT_EQ(plain.page, "film.html");
  EXPECT_EQ(plain.codec, "h264");
  EXPECT_EQ(plain.fps, std::nullopt);
  EXPECT_EQ(plain.workers, 1u);
  const auto all = render_options(
      {"http://h/p", "-o",      "a.webm",  "--fps",   "30000/1001", "--duration",
       "20s",        "--size",  "640x360", "--scale", "2",          "--audio",
       "a.wav",      "--alpha", "--props", "p.json",  "--workers",  "2",
       "--canvas",   "#c",      "--seed",  "9",       "--date",     "2026-02-03T04:05:06Z",
       "--quality",  "draft",   "--force"});
  EXPECT_NEAR(*all.fps, 29.97, 0.001);
  EXPECT_EQ(all.duration, std::chrono::seconds{20});
  EXPECT_EQ(all.width, 640u);
  EXPECT_EQ(all.height, 360u);
  EXPECT_EQ(all.codec, "vp9");
  EXPECT_EQ(all.date_ms, 1770091506000);
  EXPECT_EQ(all.seed, 9u);
  EXPECT_TRUE(all.alpha);
  EXPECT_EQ(render_options({"f", "-o", "a.mov", "--alpha"}).codec, "prores");
  EXPECT_EQ(render_options({"f", "--dry-run"}).out, "");
  const auto fine = render_options({"f", "-o", "a.mp4", "--chroma", "444", "--bit-depth", "10"});
  EXPECT_EQ(fine.chroma, "444");
  EXPECT_EQ(fine.bit_depth, 10u);
  const auto image = render_options({"f", "-o", "a.gif", "--loop", "3", "--alpha"});
  EXPECT_EQ(image.codec, "gif");
  EXPECT_EQ(image.plays, 3u);
  EXPECT_EQ(render_options({"f", "-o", "a.avif"}).codec, "av1");
  EXPECT_EQ(plain.report, ReportKind::line);
  EXPECT_FALSE(plain.isolated);
  const auto shut_in = render_options({"f", "-o", "a.mp4", "--progress=json", "--isolated",
                                       "--reach", "https://a.example", "--reach=http://b:81"});
  EXPECT_EQ(shut_in.report, ReportKind::json);
  EXPECT_TRUE(shut_in.isolated);
  EXPECT_EQ(shut_in.reach, (std::vector<std::string>{"https://a.example", "http://b:81"}));
}

// Other users of the machine see command lines: a server that has a URL with a key in it opened.
TEST(RenderCommandLine, TakesThePageFromTheEnvironment) {
  ::setenv("FRAMEWIRE_RENDER_PAGE", "https://a.example/?key=1", 1);
  EXPECT_EQ(render_options({"--out=a.mp4"}).page, "https://a.example/?key=1");
  EXPECT_EQ(render_options({"f", "--out=a.mp4"}).page, "f");
  ::unsetenv("FRAMEWIRE_RENDER_PAGE");
}

TEST(RenderCommandLine, SaysWhatIsWrong) {
  struct Case {
    std::vector<const char*> words;
    const char* what;
  };
  const std::vector<Case> kCases = {
      {{"f"}, "-o FILE is missing"},
      {{"-o", "a.mp4"}, "PAGE"},
      {{"f", "-o", "a.avi"}, ".mp4 .webm"},
      {{"f", "-o", "a.mp4", "--chroma", "411"}, "h264 has no chroma 411, only 420, 422, 444"},
      {{"f", "-o", "a.mp4", "--bit-depth", "12"}, "--bit-depth: it is 8 or 10"},
      {{"f", "-o", "a.mov", "--codec", "prores", "--chroma", "420"}, "only 444, 422"},
      {{"f", "-o", "a.mov", "--codec", "prores", "--bit-depth", "8"}, "prores has no 8 bits"},
      {{"f", "-o", "a.webm", "--codec", "vp8", "--bit-depth", "10"}, "vp8 has no 10 bits"},
      {{"f", "-o", "a.webm", "--alpha", "--chroma", "444"}, "with transparency has no chroma 444"},
      {{"f", "-o", "a.webm", "--alpha", "--bit-depth", "10"}, "with transparency has no 10 bits"},
      {{"f", "-o", "a.gif", "--chroma", "444"}, "gif has its own colours"},
      {{"f", "-o", "a.gif", "--fps", "60"}, "a GIF has 50 at most"},
      {{"f", "-o", "a.gif", "--quality", "lossless"}, "gif is never lossless"},
      {{"f", "-o", "a.webp", "--audio", "a.wav"}, ".webp has no sound"},
      {{"f", "-o", "a.avif", "--alpha"}, "no transparency"},
      {{"f", "-o", "a.mp4", "--loop", "2"}, ".mp4 does not say how often it is played"},
      {{"f", "-o", "a.gif", "--loop", "65536"}, "--loop: 0 to 65535"},
      {{"f", "-o", "%d.png", "--chroma", "444"}, "--chroma: pictures are PNG"},
      {{"f", "-o", "a.png"}, "frames/%05d.png"},
      {{"f", "-o", "a.mp4", "--alpha"}, "no transparency"},
      {{"f", "-o", "a.mp4", "--codec", "vp8"}, "holds no vp8, only h264, vp9, av1"},
      {{"f", "-o", "a.mp4", "--quality", "best"}, "no quality best"},
      {{"f", "-o", "a.mov", "--alpha", "--quality", "lossless"}, "never lossless"},
      {{"f", "-o", "a.mp4", "--fps", "0"}, "--fps: 0.1 to 1000"},
      {{"f", "-o", "a.mp4", "--fps", "30/0"}, "--fps: 0.1 to 1000"},
      {{"f", "-o", "a.mp4", "--fps", "x"}, "is no number"},
      {{"f", "-o", "a.mp4", "--size", "1920"}, "--size: such as"},
      {{"f", "-o", "a.mp4", "--size", "0x5"}, "--size: such as"},
      {{"f", "-o", "a.mp4", "--size", "9000x5"}, "8192"},
      {{"f", "-o", "a.mp4", "--duration", "20"}, "--duration"},
      {{"f", "-o", "a.mp4", "--workers", "0"}, "--workers: 1 to 32"},
      {{"f", "-o", "a.mp4", "--date", "today"}, "--date: such as"},
      {{"f", "-o", "a.mp4", "--capture", "bmp"}, "--capture"},
      {{"f", "-o", "%d.png", "--audio", "a.wav"}, "pictures have no sound"},
      {{"f", "-o", "a.mp4", "--progress", "dots"}, "--progress: it is line or json"},
      {{"f", "-o", "a.mp4", "--reach", "https://a"}, "--reach: it goes with --isolated"},
      {{"f", "-o", "a.mp4", "--isolated", "--reach", "a.example"}, "\"a.example\" is no origin"},
      {{"f", "-o", "a.mp4", "--szie", "1x1"}, "did you mean --size?"},
  };
  for (const Case& one : kCases) {
    const Request request = parse_render(one.words);
    const auto* error = std::get_if<UsageError>(&request);
    ASSERT_TRUE(error) << one.what;
    EXPECT_THAT(error->what, HasSubstr(one.what));
  }
}

}  // namespace
}  // namespace framewire::cli
