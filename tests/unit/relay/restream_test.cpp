#include "relay/base/restream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace framewire::relay {
namespace {

using testing::HasSubstr;
using testing::Not;

struct GoodCase {
  const char *text, *pattern, *shown, *output;
};
const GoodCase kGood[] = {
    {"cam=rtmp://a.example/app/key", "cam", "rtmp://a.example", "flv"},
    {"all=rtmp://a.example:1936/app/%path", "all", "rtmp://a.example:1936", "flv"},
    {"cam/*=rtmps://live-api.example:443/rtmp/K-1?s=b&t=c", "cam/*", "rtmps://live-api.example:443",
     "flv"},
    {"cam=rtmp://me:secret@a.example/app/key", "cam", "rtmp://a.example", "flv"},
    {"cam=rtmp://[::1]:1935/app", "cam", "rtmp://[::1]:1935", "flv"},
    {"cam=rtmp://[::1]/app", "cam", "rtmp://[::1]", "flv"},
    {"a/b=srt://10.0.0.1:9000?streamid=secret&passphrase=secret", "a/b", "srt://10.0.0.1:9000",
     "ts"},
    {"x=srt://h:9?streamid=a=b", "x", "srt://h:9", "ts"},
};

TEST(Restream, AnAddressIsTakenApart) {
  for (const GoodCase& c : kGood) {
    const auto target = parse_restream(c.text);
    ASSERT_TRUE(target) << c.text << ": " << target.error().what;
    EXPECT_EQ(target->pattern, c.pattern);
    EXPECT_EQ(target->shown, c.shown);
    EXPECT_EQ(target->output, c.output);
    EXPECT_EQ(target->pattern + "=" + target->url, c.text);
  }
}

TEST(Restream, ThePathOfTheStreamGoesIntoTheAddress) {
  EXPECT_EQ(parse_restream("all=rtmp://h/app/%path")->address_for("cam/1"), "rtmp://h/app/cam/1");
  EXPECT_EQ(parse_restream("all=rtmp://h/app/%pa")->address_for("cam"), "rtmp://h/app/%pa");
}

struct BadCase {
  std::string text, says;
};
const BadCase kBad[] = {
    {"", "NAME=URL"},
    {"rtmp://h/secret", "NAME=URL"},
    {"a b=rtmp://h/secret", "neither all nor a stream's name"},
    {"=rtmp://h/secret", "neither all nor a stream's name"},
    {"a//b=rtmp://h/secret", "neither all nor a stream's name"},
    {"cam=", "rtmp://, rtmps:// or srt://"},
    {"cam=http://h/secret", "rtmp://, rtmps:// or srt://"},
    {"cam=file:///etc/secret", "rtmp://, rtmps:// or srt://"},
    {"cam=concat:rtmp://h/secret", "rtmp://, rtmps:// or srt://"},
    {"cam=RTMP://h/secret", "rtmp://, rtmps:// or srt://"},
    {"cam= rtmp://h/secret", "rtmp://, rtmps:// or srt://"},
    {"cam=rtmp:///secret", "has a host"},
    {"cam=rtmp://secret@/app", "has a host"},
    {"cam=rtmp://a,b/secret", "has a host"},
    {"cam=rtmp://[::1/secret", "has a host"},
    {"cam=rtmp://h:/secret", "from 1 to 65535"},
    {"cam=rtmp://h:0/secret", "from 1 to 65535"},
    {"cam=rtmp://h:65536/secret", "from 1 to 65535"},
    {"cam=rtmp://h:1935x/secret", "from 1 to 65535"},
    {"cam=srt://h?passphrase=secret", "SRT has no default"},
    {"cam=rtmp://h", "an application"},
    {"cam=rtmp://h/", "an application"},
    {"cam=rtmp://h/app/secret live=1", "without blanks"},
    {"cam=rtmp://h/app/secret\n", "without blanks"},
    {"cam=rtmp://h/\xc3\xa4/secret", "without blanks"},
    {"cam=rtmp://h/%path/%path/secret", "stands once"},
    {"cam=rtmp://h/" + std::string(2'000, 's'), "at most 2,000"},
};

TEST(Restream, ABadAddressIsNamedWithoutShowingIt) {
  for (const BadCase& c : kBad) {
    const auto target = parse_restream(c.text);
    ASSERT_FALSE(target) << c.text;
    EXPECT_THAT(target.error().what, HasSubstr(c.says)) << c.text;
    EXPECT_THAT(target.error().what, Not(HasSubstr("secret")));
  }
}

// Whatever is said: it is refused, or what is shown of it is its scheme and host.
TEST(Restream, NothingOfAMangledAddressIsShown) {
  constexpr std::string_view kBytes = "/@:?#[]=%*.-_ ,\n\t\\\"'rs\x7f\xff";
  std::mt19937 random{20'261'122};
  std::size_t taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = kGood[random() % std::size(kGood)].text;
    for (unsigned n = random() % 4 + 1; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
          break;
        default:
          text.erase(at, random() % 3 + 1);
      }
      if (text.empty()) text = "x";
    }
    const auto target = parse_restream(text);
    if (!target) continue;
    ++taken;
    EXPECT_EQ(target->shown.find_first_of("@?#% ,\n\"'\\"), std::string::npos) << text;
    const std::size_t host = target->shown.find("://") + 3;
    EXPECT_EQ(target->shown.find('/', host), std::string::npos) << text;
    EXPECT_TRUE(target->url.starts_with(target->shown.substr(0, host))) << text;
    EXPECT_NE(target->url.find(target->shown.substr(host)), std::string::npos) << text;
  }
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace framewire::relay
