#include "relay/access/origin_pattern.h"

#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

TEST(OriginPattern, RefusesWhatCanNeverMatch) {
  for (const char* good :
       {"*", "https://example.com", "http://localhost:8080", "https://EXAMPLE.com",
        "https://*.example.org", "http://*.example.org:81", "http://[::1]:8080", "http://[::1]",
        "chrome-extension://abcdef", "tauri://localhost", "https://a.example:80",
        "https://xn--bcher-kva.example"})
    EXPECT_EQ(why_no_origin(good), "") << good;
  for (const char* bad : {"",
                          "example.com",
                          "https://",
                          "://a",
                          "https://a.example/",
                          "https://a.example/path",
                          "https://a.example:443",
                          "http://a.example:80",
                          "https://a.example:0",
                          "https://a.example:x",
                          "https://a.example:70000",
                          "https://*",
                          "https://*.",
                          "https://a.*.example",
                          "https://*a.example",
                          "https://b\xc3\xbc"
                          "cher.example",
                          "https://u@a.example",
                          "https://a.example, https://b.example",
                          "https://a example",
                          "null",
                          "https://*.a.example/"})
    EXPECT_NE(why_no_origin(bad), "") << bad;
}

TEST(OriginPattern, MatchesHostsBelow) {
  struct Case {
    const char* entry;
    const char* origin;
    bool matches;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"*", "https://a.example", true},
           {"https://a.example", "https://a.example", true},
           {"https://a.example", "https://A.example", true},
           {"https://a.example", "http://a.example", false},
           {"https://a.example", "https://a.example:8443", false},
           {"https://*.a.example", "https://x.a.example", true},
           {"https://*.a.example", "https://x.y.A.example", true},
           {"https://*.a.example", "https://a.example", false},
           {"https://*.a.example", "https://.a.example", false},
           {"https://*.a.example", "https://xa.example", false},
           {"https://*.a.example", "http://x.a.example", false},
           {"https://*.a.example", "https://x.a.example:8443", false},
           {"https://*.a.example:8443", "https://x.a.example:8443", true},
           {"https://*.a.example", "https://evil.example/.a.example", false},
           {"https://*.a.example", "https://evil:1@x.a.example", false},
           {"https://*.a.example", "null", false},
       })
    EXPECT_EQ(origin_matches(c.entry, c.origin), c.matches) << c.entry << " " << c.origin;
}

}  // namespace
}  // namespace framewire::relay
