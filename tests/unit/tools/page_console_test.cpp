#include "tools/render/page_console.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tools/render/film_page.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

std::string thrown(const std::string& text) {
  return error_line(json{{"exception", {{"type", "string"}, {"value", text}}}});
}

TEST(PageConsole, SaysWhatWasThrownInALineThatATerminalShows) {
  struct Case {
    std::string thrown, line;
  };
  const Case kCases[] = {
      {"Error: no", "Error: no"},
      {"first\nsecond", "first"},
      {"\x1b[2J\x07 gone", "?[2J? gone"},
      {"\xc2\x9b"
       "2J",
       "?2J"},
      {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
  };
  for (const Case& one : kCases) EXPECT_EQ(thrown(one.thrown), one.line);
}

TEST(PageConsole, CutsWhatHasNoEndBetweenTwoCharacters) {
  std::string longest = "x";
  for (int i = 0; i < 5'000; ++i) longest += "\xc3\xbc";
  const std::string line = thrown(longest);
  EXPECT_LE(line.size(), 2'000u);
  EXPECT_TRUE(line.ends_with("\xc3\xbc"));
}

TEST(PageConsole, SaysWarningsAndErrorsOfTheConsole) {
  const json args = {{{"type", "string"}, {"value", "a\x1b"}}, {{"type", "number"}, {"value", 7}}};
  EXPECT_EQ(console_line("Runtime.consoleAPICalled", {{"type", "error"}, {"args", args}}), "a? 7");
  EXPECT_EQ(console_line("Runtime.consoleAPICalled", {{"type", "log"}, {"args", args}}), "");
}

}  // namespace
}  // namespace framewire::cli
