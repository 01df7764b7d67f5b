#include "tools/media/live_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace framewire::cli {
namespace {

struct Case {
  const char* text;
  const char* publish;
  const char* live;
};

class LiveUrlText : public testing::TestWithParam<Case> {};

TEST_P(LiveUrlText, NamesWhereToPublishAndWhereToWatch) {
  const Case& c = GetParam();
  const auto url = parse_live_url(c.text);
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->publish(), c.publish);
  EXPECT_EQ(url->live(), c.live);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, LiveUrlText,
    testing::Values(
        Case{"cam", "http://127.0.0.1:8080/publish/cam", "http://127.0.0.1:8080/live/cam"},
        Case{"room/cam.ts", "http://127.0.0.1:8080/publish/room/cam",
             "http://127.0.0.1:8080/live/room/cam.ts"},
        Case{"http://h/watch/cam", "http://h/publish/cam", "http://h/live/cam"},
        Case{"https://h:8443/publish/a/b", "https://h:8443/publish/a/b", "https://h:8443/live/a/b"},
        Case{"ws://h:81/live/cam.mp4?token=k", "http://h:81/publish/cam?token=k",
             "http://h:81/live/cam.mp4?token=k"},
        Case{"wss://h/embed/cam", "https://h/publish/cam", "https://h/live/cam"},
        Case{"http://[::1]:8080/live/cam", "http://[::1]:8080/publish/cam",
             "http://[::1]:8080/live/cam"}));

TEST(LiveUrl, TheExtensionTypedGoesBeforeTheOneWanted) {
  EXPECT_EQ(parse_live_url("cam")->live("mp4"), "http://127.0.0.1:8080/live/cam.mp4");
  EXPECT_EQ(parse_live_url("cam.ts")->live("mp4"), "http://127.0.0.1:8080/live/cam.ts");
}

TEST(LiveUrl, RefusesWhatIsNoneWithoutRepeatingIt) {
  for (const char* text :
       {"", "a b", "/etc/passwd", "http://", "ftp://h/live/cam", "http://h/", "http://h/live/",
        "http://h/other/cam?token=secret", "a//b", "http://h/live/a%20b"}) {
    const auto url = parse_live_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error(), testing::Not(testing::HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace framewire::cli
