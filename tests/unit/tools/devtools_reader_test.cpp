#include "tools/render/devtools_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/render/film_writer.h"
#include "tools/render/page_console.h"
#include "tools/render/page_url.h"

namespace framewire::cli {
namespace {

using namespace std::string_literals;

std::vector<std::string> messages_of(std::string_view bytes, std::size_t cut) {
  DevtoolsReader reader;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    EXPECT_TRUE(reader.feed(as_bytes(bytes.substr(at, cut))));
    while (auto message = reader.next()) out.push_back(*message);
  }
  return out;
}

class DevtoolsCuts : public testing::TestWithParam<std::size_t> {};

TEST_P(DevtoolsCuts, AreNoMatter) {
  const std::string bytes = "{\"id\":1}\0{}\0\0{\"method\":\"a\\u0000b\"}\0rest"s;
  EXPECT_THAT(messages_of(bytes, GetParam()),
              testing::ElementsAre("{\"id\":1}", "{}", "", "{\"method\":\"a\\u0000b\"}"));
}
INSTANTIATE_TEST_SUITE_P(Bytes, DevtoolsCuts, testing::Values(1, 2, 3, 7, 11, 4096));

TEST(DevtoolsReader, HoldsNoMoreThanItsLimit) {
  DevtoolsReader reader{8};
  const std::string whole = "12345678\0"s;
  EXPECT_TRUE(reader.feed(as_bytes(whole)));
  EXPECT_EQ(reader.next(), "12345678");
  EXPECT_TRUE(reader.feed(as_bytes("1234567")));
  const auto fed = reader.feed(as_bytes("89"));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::limit_exceeded);
}

TEST(PlainMember, IsFoundWithoutParsing) {
  const std::string message = R"({"id":7,"result":{"data":"QUJD"},"sessionId":"x"})";
  EXPECT_EQ(plain_member(message, "data"), "QUJD");
  EXPECT_EQ(plain_member(message, "value"), std::nullopt);
  EXPECT_EQ(plain_member(R"({"data":"a\"b"})", "data"), std::nullopt);
  EXPECT_EQ(plain_member(R"({"data":"QUJ)", "data"), std::nullopt);
}

TEST(Base64, IsThatOfRfc4648) {
  const std::vector<std::pair<std::string, std::optional<std::string>>> kCases = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"////", "\xff\xff\xff"},
      {"Zg=", std::nullopt},
      {"Z===", std::nullopt},
      {"Zm9-", std::nullopt},
      {"Zm 9", std::nullopt},
      {"=Zg=", std::nullopt},
      {"====", std::nullopt},
      {"A===", std::nullopt},
      {" Zg=", std::nullopt},
      {"Zm9vZm9 ", std::nullopt},
      {"Zm9vZm\n=", std::nullopt},
      {"\tm9v", std::nullopt},
      {"Zm9vYmF-", std::nullopt},
      {"Zm9v====", std::nullopt},
      {"Zg==Zg==", std::nullopt}};
  for (const auto& [text, want] : kCases) {
    const auto got = base64_decode(text);
    ASSERT_EQ(got.has_value(), want.has_value()) << text;
    if (got) {
      EXPECT_EQ(as_text(*got), *want) << text;
    }
  }
}

TEST(Numbered, PutsTheNumberInItsPlace) {
  EXPECT_EQ(numbered("frames/%05d.png", 7), "frames/00007.png");
  EXPECT_EQ(numbered("%d.png", 123), "123.png");
  EXPECT_EQ(numbered("a%2db.png", 123), "a123b.png");
  for (const char* bad :
       {"a.png", "a%.png", "a%5.png", "a%s.png", "%d%d.png", "%99999999999d.png", "a%"})
    EXPECT_EQ(numbered(bad, 1), std::nullopt) << bad;
}

TEST(Base64, IsWrittenAsItIsRead) {
  for (const std::string text : {"", "a", "ab", "abc", "<p>\xc3\xa4</p>"}) {
    const auto back = base64_decode(base64_encode(as_bytes(text)));
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(as_text(*back), text);
  }
  EXPECT_EQ(base64_encode(as_bytes("ab")), "YWI=");
}

TEST(PageUrl, LeavesUrlsAsTheyAre) {
  EXPECT_EQ(url_of_page("http://host/a b?c"), "http://host/a b?c");
  EXPECT_EQ(url_of_page("data:text/html,x"), "data:text/html,x");
  const auto none = url_of_page("/no/such/file.html");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, kExitNotFound);
  EXPECT_EQ(container_of_film("a.b/film.mp4"), "mp4");
  EXPECT_EQ(container_of_film("film.avi"), "");
  EXPECT_TRUE(is_of_pictures("f/%03d.png"));
  EXPECT_FALSE(is_of_pictures("f.png"));
}

TEST(PageConsole, NamesFileAndLine) {
  using nlohmann::json;
  const json thrown = {
      {"text", "Uncaught"},
      {"lineNumber", 4},
      {"columnNumber", 9},
      {"url", "file:///film.html"},
      {"exception", {{"description", "Error: gone\n    at x (file:///film.html:5:10)"}}}};
  EXPECT_EQ(error_line(thrown), "file:///film.html:5:10: Error: gone");
  json inner = thrown;
  inner["stackTrace"] = {{"callFrames",
                          {{{"url", ""}, {"lineNumber", 0}, {"columnNumber", 0}},
                           {{"url", "http://h/a.js"}, {"lineNumber", 1}, {"columnNumber", 2}}}}};
  EXPECT_EQ(error_line(inner), "http://h/a.js:2:3: Error: gone");
  const json said = {{"type", "warning"},
                     {"args", {{{"type", "string"}, {"value", "a"}}, {{"value", 3}}}}};
  EXPECT_EQ(console_line("Runtime.consoleAPICalled", said), "a 3");
  EXPECT_EQ(console_line("Runtime.consoleAPICalled", {{"type", "log"}}), "");
}

}  // namespace
}  // namespace framewire::cli
