// What keeps a stranger's page from the network: Chromium's flags, by the origins that it may
// reach.
#include "tools/render/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace framewire::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Isolation, OriginsAreRules) {
  struct Case {
    const char* origin;
    const char* scheme;
    const char* host;
    const char* port;
  };
  for (const Case& one : {Case{"https://a.example", "https", "a.example", "443"},
                          {"http://a.example", "http", "a.example", "80"},
                          {"http://127.0.0.1:3000", "http", "127.0.0.1", "3000"},
                          {"https://*.a.example:8443", "https", "*.a.example", "8443"},
                          {"http://[::1]", "http", "[::1]", "80"},
                          {"http://[::1]:81", "http", "[::1]", "81"},
                          {"*", "*", "*", ""}}) {
    const auto rule = reach_rule(one.origin);
    ASSERT_TRUE(rule) << one.origin;
    EXPECT_EQ(rule->scheme, one.scheme);
    EXPECT_EQ(rule->host, one.host);
    EXPECT_EQ(rule->port, one.port);
  }
  // What could say more to Chromium than one origin is none.
  for (const char* bad : {"", "a.example", "ftp://a", "file://", "https://", "https://a/",
                          "https://a;http://b", "https://a,b", "https://a:0", "https://a:99999",
                          "https://a:x", "https://u@a", "https://a b", "https://*", "https://a.*",
                          "https://[a;b]", "https://<local>", "http://a, EXCLUDE b"})
    EXPECT_FALSE(reach_rule(bad)) << bad;
}

TEST(Isolation, NothingIsReachedButWhatIsNamed) {
  const auto none = isolation_flags({});
  EXPECT_THAT(none, Contains("--proxy-server=http://none.film.invalid:9"));
  EXPECT_THAT(none, Contains("--proxy-bypass-list=<-loopback>"));
  EXPECT_THAT(none, Contains("--host-resolver-rules=MAP * ~NOTFOUND"));
  EXPECT_THAT(none, Contains(HasSubstr("disable_non_proxied_udp")));
  const auto one = isolation_flags({"https://a.example", "http://[::1]:81"});
  EXPECT_THAT(one, Contains("--proxy-bypass-list=<-loopback>;https://a.example:443;"
                            "wss://a.example:443;http://[::1]:81;ws://[::1]:81"));
  EXPECT_THAT(one, Contains("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE a.example, "
                            "EXCLUDE [::1]"));
  EXPECT_THAT(isolation_flags({"https://a.example", "*"}), IsEmpty());
}

TEST(Isolation, SaysInWordsWhatWasKeptBack) {
  EXPECT_EQ(in_words_of_isolation("http://h/a.png: net::ERR_PROXY_CONNECTION_FAILED"),
            "http://h/a.png: kept back: an isolated page may not reach this server");
  EXPECT_EQ(in_words_of_isolation("https://film.invalid/page.html:5:10: Error: gone"),
            "page.html:5:10: Error: gone");
  EXPECT_EQ(in_words_of_isolation("else"), "else");
}

}  // namespace
}  // namespace framewire::cli
