#include "tools/serving/option_file.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace framewire::cli {
namespace {

Parsed<FileEntries> parse(const std::string& text) {
  std::istringstream input(text);
  return parse_option_file(input, "fw.toml");
}

TEST(OptionFile, ReadsStringsWordsAndArrays) {
  const auto entries = parse(
      "# framewire\n"
      "[serve]  # the only section\n"
      "listen = \"[::1]:80\" # IPv6\n"
      "\tlinger=10s\r\n"
      "open = true\n"
      "publish-key = [\n  'a#b', # first\n  \"c,\\\"d\\\\\",\n]\n"
      "watch-key = []\n"
      "max-lag = 1s");
  ASSERT_TRUE(entries.has_value()) << entries.error();
  using Values = std::vector<std::string>;
  EXPECT_EQ(entries->at("listen").values, Values{"[::1]:80"});
  EXPECT_EQ(entries->at("listen").line, 3);
  EXPECT_EQ(entries->at("linger").values, Values{"10s"});
  EXPECT_EQ(entries->at("open").values, Values{"true"});
  EXPECT_EQ(entries->at("publish-key").values, (Values{"a#b", "c,\"d\\"}));
  EXPECT_EQ(entries->at("watch-key").values, Values{});
  EXPECT_EQ(entries->at("max-lag").values, Values{"1s"});
  EXPECT_EQ(entries->at("max-lag").line, 11);
  EXPECT_TRUE(parse("").has_value());
  EXPECT_TRUE(parse("\n# nothing\n").has_value());
}

TEST(OptionFile, RefusesWhatItDoesNotUnderstandWithTheLineAndWithoutTheValue) {
  const std::string bad[] = {
      "linger",
      "= 10s",
      "linger =",
      "linger = \n10s",
      "linger = 10s 11s",
      "key = \"secret",
      "key = \"sec\\ret\"",
      "key = \"secret\" \"secret\"",
      "key = 'secret\n'",
      "key = [\"secret\" \"secret\"]",
      "key = [\"secret\"",
      "key = [,]",
      "key = secret\nkey = secret",
      "[publish]",
      "[serve",
      "[serve] secret",
      "x",
  };
  for (const std::string& text : bad) {
    const auto entries = parse("\n" + text);
    ASSERT_FALSE(entries.has_value()) << text;
    EXPECT_EQ(entries.error().rfind("fw.toml:", 0), 0u) << entries.error();
    EXPECT_EQ(entries.error().find("secret"), std::string::npos) << entries.error();
  }
  EXPECT_EQ(parse("open = true\nx y").error(), "fw.toml:2: `name = value` expected");
}

TEST(OptionFile, NamesAFileThatCannotBeRead) {
  for (const char* path : {"/nonexistent/fw.toml", "/"}) {
    const auto entries = read_option_file(path);
    ASSERT_FALSE(entries.has_value());
    EXPECT_NE(entries.error().find(path), std::string::npos);
  }
  EXPECT_TRUE(read_option_file("/dev/null").has_value());
}

}  // namespace
}  // namespace framewire::cli
