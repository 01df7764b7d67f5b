#include "tools/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <variant>

#include "tools/command_line.h"
#include "tools/serving/option_file.h"

namespace framewire::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string described(const char* what) {
  const char* const words[] = {"framewire", "describe", what};
  const Request request = parse_command_line(3, words, [](const auto&) { return std::nullopt; });
  const auto* text = std::get_if<ShowText>(&request);
  return text ? text->text : "";
}

// The line of an option, without what makes it a comment.
std::string line_of(const OptionRow& row) {
  std::istringstream lines{describe_config()};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("#" + row.name + " = ")) return line.substr(1) + "\n";
  return "";
}

FileEntries parsed(const std::string& text) {
  std::istringstream input{text};
  auto entries = parse_option_file(input, "file");
  EXPECT_TRUE(entries.has_value()) << (entries ? "" : entries.error()) << "\n" << text;
  return entries.value_or(FileEntries{});
}

TEST(Describe, ConfigSaysNothingAsItIs) {
  EXPECT_TRUE(parsed(described("config")).empty());
}

TEST(Describe, ConfigHasALineForEveryOptionThatCanBeTakenAsItStands) {
  for (const OptionRow& row : serve_option_rows()) {
    const std::string line = line_of(row);
    ASSERT_NE(line, "") << row.name;
    const FileEntries entries = parsed(line);
    ASSERT_TRUE(entries.contains(row.name)) << line;
    ServeSettings settings;
    const auto taken = row.set(settings, entries.at(row.name).values);
    EXPECT_TRUE(taken.has_value()) << line << (taken ? "" : taken.error());
  }
}

TEST(Describe, ConfigShowsTheDefaults) {
  for (const OptionRow& row : serve_option_rows())
    if (!row.default_text.empty()) {
      EXPECT_EQ(parsed(line_of(row)).at(row.name).values.front(), row.default_text);
    }
}

TEST(Describe, ManExplainsEveryOptionAndCommand) {
  const std::string man = described("man");
  EXPECT_THAT(man, HasSubstr(".TH FRAMEWIRE 1"));
  EXPECT_THAT(man, HasSubstr("\\fB\\-\\-max\\-lag\\fR \\fITIME\\fR\n"));
  for (const char* command : {"serve", "publish", "watch", "record", "bench"})
    EXPECT_THAT(man, HasSubstr(std::string{".TP\n\\fB"} + command + "\\fR\n")) << command;
  EXPECT_THAT(man, Not(HasSubstr("describe")));
}

TEST(Describe, CompletionKnowsCommandsAndTheirFlags) {
  const std::string text = described("completion");
  EXPECT_THAT(text, HasSubstr("serve"));
  EXPECT_THAT(text, HasSubstr("--publish-key"));
  EXPECT_THAT(text, HasSubstr("--server-pid"));  // of bench, from its help
  EXPECT_THAT(text, Not(HasSubstr("describe")));
}

TEST(Describe, TextsThatRoffWouldTakeForRequestsStayText) {
  const std::string man =
      describe_man("1", {{"x", "about", ".SH begins a line\n'so does this\na\\b"}});
  EXPECT_THAT(man, HasSubstr("\\&.SH begins a line\n\\&'so does this\na\\eb"));
}

TEST(Describe, AnythingElseIsAnError) {
  const char* const words[] = {"framewire", "describe", "everything"};
  const Request request = parse_command_line(3, words, [](const auto&) { return std::nullopt; });
  EXPECT_TRUE(std::holds_alternative<UsageError>(request));
}

}  // namespace
}  // namespace framewire::cli
