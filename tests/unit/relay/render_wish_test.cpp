// The body of POST /api/v1/render: what is taken, what is refused and by which sentence.
#include "relay/render/render_wish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace framewire::relay {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Config config_with(std::vector<std::string> origins) {
  Config out;
  out.render = true;
  out.render_origins = std::move(origins);
  return out;
}

TEST(RenderWish, IsMadeArguments) {
  const auto plain = read_render_wish(R"({"html":"<p>"})", config_with({}));
  ASSERT_TRUE(plain) << plain.error().what;
  EXPECT_EQ(plain->html, "<p>");
  EXPECT_EQ(plain->info.format, "mp4");
  EXPECT_THAT(plain->arguments, Contains("--isolated"));
  EXPECT_THAT(plain->arguments, Not(Contains(HasSubstr("--reach"))));
  const auto all = read_render_wish(
      R"({"url":"HTTPS://A.example:443/p?key=1#x","title":"t","format":"webm","fps":29.97,
          "duration":2.5,"size":"640x360","canvas":"#c","alpha":true,"quality":"draft",
          "audio":"data:audio/wav;base64,UklGRg==","props":{"a":[1]},"seed":4294967295,"workers":2})",
      config_with({"https://*.b.example", "https://a.example"}));
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(all->url, "HTTPS://A.example:443/p?key=1#x");
  EXPECT_EQ(all->info.page, "https://a.example/p") << "nothing that may be a key";
  EXPECT_EQ(all->sound, "RIFF");
  EXPECT_EQ(all->props, R"({"a":[1]})");
  for (const char* word :
       {"--reach=https://a.example", "--fps=29.97", "--duration=2500ms", "--size=640x360",
        "--canvas=#c", "--alpha", "--quality=draft", "--seed=4294967295", "--workers=2"})
    EXPECT_THAT(all->arguments, Contains(word));
  const auto image =
      read_render_wish(R"({"html":"x","format":"gif","alpha":true,"loop":3})", config_with({}));
  ASSERT_TRUE(image) << image.error().what;
  EXPECT_EQ(image->info.format, "gif");
  EXPECT_THAT(image->arguments, Contains("--loop=3"));
  const auto fine =
      read_render_wish(R"({"html":"x","chroma":"444","bit_depth":10})", config_with({}));
  ASSERT_TRUE(fine) << fine.error().what;
  EXPECT_THAT(fine->arguments, Contains("--chroma=444"));
  EXPECT_THAT(fine->arguments, Contains("--bit-depth=10"));
  const auto of = read_render_wish(R"({"html":"x","audio":"cam/1.webm"})", config_with({}));
  ASSERT_TRUE(of);
  EXPECT_EQ(of->sound_of, "cam/1.webm");
}

TEST(RenderWish, NamesWhatIsWrong) {
  struct Case {
    const char* body;
    const char* what;
  };
  const Config config = config_with({"https://a.example"});
  for (const Case& one : {
           Case{"", "JSON"},
           {"[]", "object"},
           {"{}", "nothing"},
           {R"({"fps":5})", "\"url\" or \"html\" is missing"},
           {R"({"url":"https://a.example","html":"x"})", "exclude each other"},
           {R"({"html":5})", "\"html\" is an integer, not a string"},
           {R"({"html":""})", "\"html\" is too short"},
           {R"({"html":"x","html":"y"})", "html"},
           {R"({"html":"x","speed":1})", "no member \"speed\""},
           {R"({"html":"x","fps":0})", "\"fps\" is less than 0.1"},
           {R"({"html":"x","duration":0})", "\"duration\" is less than"},
           {R"({"html":"x","duration":86401})", "\"duration\" is more than"},
           {R"({"html":"x","duration":"5s"})", "\"duration\" is a string, not a number"},
           {R"({"html":"x","size":"1920"})", "\"size\" is such as 1920x1080"},
           {R"({"html":"x","size":"0x5"})", "\"size\""},
           {R"({"html":"x","size":"5x9000"})", "8192"},
           {R"({"html":"x","size":"5x5 --gpu"})", "\"size\""},
           {R"({"html":"x","format":"png"})", "\"format\" is none of"},
           {R"({"html":"x","alpha":true})", "no transparency"},
           {R"({"html":"x","format":"mov","alpha":true,"quality":"lossless"})", "never lossless"},
           {R"({"html":"x","format":"gif","fps":60})", "a GIF has 50 at most"},
           {R"({"html":"x","format":"webp","fps":30,"duration":101})", "of 3000 at most"},
           {R"({"html":"x","format":"apng","audio":"cam/1.webm"})", ".apng has no sound"},
           {R"({"html":"x","format":"webm","alpha":true,"bit_depth":10})", "no 10 bits"},
           {R"({"html":"x","bit_depth":9})", "\"bit_depth\" is none of"},
           {R"({"html":"x","chroma":"411"})", "\"chroma\" is none of"},
           {R"({"html":"x","loop":2})", "does not say how often it is played"},
           {R"({"html":"x","audio":"../x.wav"})", "\"audio\" is the id of a recording"},
           {R"({"html":"x","audio":"data:audio/wav;base64,=="})", "\"audio\""},
           {R"({"html":"x","audio":"data:audio/wav;base64,*"})", "\"audio\""},
           {R"({"html":"x","audio":"/etc/passwd.mp4"})", "\"audio\""},
           {R"({"html":"x","workers":3})", "--render-workers"},
           {R"({"html":"x","seed":-1})", "\"seed\" is less than 0"},
           {R"({"url":"file:///etc/passwd"})", "no http:// or https:// URL"},
           {R"({"url":"a.example"})", "no http:// or https:// URL"},
           {R"-({"url":"javascript:alert(1)"})-", "no http:// or https:// URL"},
           {R"({"url":"https://u:p@a.example/"})", "user's name"},
           {R"({"url":"https://a.example\u0000.evil.example/"})", "\"url\" has a zero byte"},
           {R"({"html":"x","canvas":"#a\u0000b"})", "\"canvas\" has a zero byte"},
       }) {
    const auto wish = read_render_wish(one.body, config);
    ASSERT_FALSE(wish) << one.body;
    EXPECT_EQ(wish.error().code, Errc::bad_text) << one.body;
    EXPECT_THAT(wish.error().what, HasSubstr(one.what)) << one.body;
  }
}

TEST(RenderWish, OpensOnlyWhatTheOperatorAllows) {
  const auto asked = [](const char* url, std::vector<std::string> origins) {
    return read_render_wish(std::string{R"({"url":")"} + url + "\"}",
                            config_with(std::move(origins)));
  };
  const auto none = asked("http://127.0.0.1:3000/", {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::refused);
  EXPECT_THAT(none.error().what, HasSubstr("allows no URL (--render-origin)"));
  for (const char* other : {"http://a.example/", "https://a.example:8443/", "https://b.example/",
                            "https://a.example.evil/", "https://169.254.169.254/"}) {
    const auto refused = asked(other, {"https://a.example"});
    ASSERT_FALSE(refused) << other;
    EXPECT_EQ(refused.error().code, Errc::refused) << other;
  }
  EXPECT_TRUE(asked("https://x.a.example/", {"https://*.a.example"}));
  EXPECT_TRUE(asked("http://[::1]:81/", {"http://[::1]:81"}));
  EXPECT_TRUE(asked("http://10.0.0.1/", {"*"}));
}

}  // namespace
}  // namespace framewire::relay
