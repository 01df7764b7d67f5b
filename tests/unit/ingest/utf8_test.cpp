#include "ingest/base/utf8.h"

#include <gtest/gtest.h>

namespace framewire {
namespace {

TEST(Utf8, TakesWhatIsWellFormed) {
  for (const std::string_view text :
       {"", "plain", "h\xC3\xA9llo", "\xE2\x82\xAC", "\xF0\x9F\x8E\xA5", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xC2\x80", "\xE0\xA0\x80", "\xF0\x90\x80\x80",
        "a\x7F"})
    EXPECT_TRUE(is_utf8(as_bytes(text))) << testing::PrintToString(text);
  EXPECT_TRUE(is_utf8(as_bytes(std::string_view{"\0", 1})));
}

TEST(Utf8, RefusesTheRest) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE2\x82", "\xE2(\xA1",
        "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x8E",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "ok\xE2\x82", "\xE2\x82\xAC\xAC"})
    EXPECT_FALSE(is_utf8(as_bytes(text))) << testing::PrintToString(text);
}

}  // namespace
}  // namespace framewire
