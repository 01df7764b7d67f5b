#include "tools/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace framewire::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Request parse(std::vector<const char*> words) {
  words.insert(words.begin(), "framewire");
  return parse_command_line(static_cast<int>(words.size()), words.data(),
                            [](const std::string&) { return std::nullopt; });
}

TEST(CommandLine, WithoutACommandShowsHelp) {
  for (const auto& words : {std::vector<const char*>{}, {"--help"}, {"-h"}}) {
    const Request request = parse(words);
    ASSERT_TRUE(std::holds_alternative<ShowText>(request));
    EXPECT_THAT(std::get<ShowText>(request).text, HasSubstr("Usage: framewire COMMAND"));
  }
}

TEST(CommandLine, ServeHelpShowsADozenOptions) {
  const Request request = parse({"serve", "--help"});
  ASSERT_TRUE(std::holds_alternative<ShowText>(request));
  const std::string& text = std::get<ShowText>(request).text;
  for (const char* name :
       {"--listen", "--publish-key", "--tls-self-signed", "--record-dir", "--config", "--help-all"})
    EXPECT_THAT(text, HasSubstr(name));
  std::size_t shown = 0;
  for (const OptionRow& row : serve_option_rows())
    shown += text.find("  --" + row.name + " ") != std::string::npos ? 1 : 0;
  EXPECT_LE(shown, 12u);
}

TEST(CommandLine, ServeHelpAllShowsEveryOptionWithItsDefault) {
  const Request request = parse({"serve", "--help-all"});
  ASSERT_TRUE(std::holds_alternative<ShowText>(request));
  const std::string& text = std::get<ShowText>(request).text;
  for (const OptionRow& row : serve_option_rows()) {
    EXPECT_THAT(text, HasSubstr("--" + row.name));
    EXPECT_THAT(text, HasSubstr(row.group + ":"));
    EXPECT_THAT(text, HasSubstr(row.default_text.empty() ? "" : "[" + row.default_text + "]"));
  }
}

TEST(CommandLine, BenchHelpShowsEveryOptionWithItsDefault) {
  const Request request = parse({"bench", "--help"});
  ASSERT_TRUE(std::holds_alternative<ShowText>(request));
  const std::string& text = std::get<ShowText>(request).text;
  EXPECT_THAT(text, HasSubstr("Usage: framewire bench"));
  for (const bench::OptionRow& row : bench::option_rows()) {
    EXPECT_THAT(text, HasSubstr("--" + row.name));
    EXPECT_THAT(text, HasSubstr(row.default_text.empty() ? "" : "[" + row.default_text + "]"));
  }
}

TEST(CommandLine, EachMediaCommandHasHelp) {
  for (const char* name : {"publish", "watch", "record", "remux", "verify"}) {
    const Request request = parse({name, "--help"});
    ASSERT_TRUE(std::holds_alternative<ShowText>(request)) << name;
    EXPECT_THAT(std::get<ShowText>(request).text,
                HasSubstr(std::string{"Usage: framewire "} + name));
  }
}

TEST(CommandLine, MediaCommandsTakeTheirWords) {
  const Request request = parse({"record", "cam", "out.mp4", "--time", "1m", "--wait=2s"});
  ASSERT_TRUE(std::holds_alternative<MediaCommand>(request));
  const auto& record = std::get<RecordOptions>(std::get<MediaCommand>(request));
  EXPECT_EQ(record.from.url.stream, "cam");
  EXPECT_EQ(record.out, "out.mp4");
  EXPECT_EQ(record.time, std::chrono::minutes{1});
  EXPECT_EQ(record.wait, std::chrono::seconds{2});
  EXPECT_EQ(record.from.retry, kDefaultRetry);
}

TEST(CommandLine, PublishTakesTheWayThatItIsTold) {
  const auto transport_of = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"publish", "a.webm", "cam"});
    return std::get<PublishOptions>(std::get<MediaCommand>(parse(words))).transport;
  };
  EXPECT_EQ(transport_of({}), Transport::by_itself);
  EXPECT_EQ(transport_of({"--transport", "auto"}), Transport::by_itself);
  EXPECT_EQ(transport_of({"--transport", "body"}), Transport::body);
  EXPECT_EQ(transport_of({"--transport=posts"}), Transport::posts);
}

TEST(CommandLine, MediaCommandsSayWhatIsWrongButNoKey) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{"publish", "a.webm"}, "URL is required"},
      {{"publish", "a.webm", "http://h/x?token=secret"}, "URL: the URL's path"},
      {{"watch", "cam", "--time", "soon"}, "--time: "},
      {{"watch", "cam", "--tokne=secret"}, "there is no option --tokne"},
      {{"publish", "--fps", "0", "a", "cam"}, "--fps"},
      {{"publish", "--transport", "ws", "a", "cam"}, "--transport: it is auto, body or posts"},
      {{"remux", "a", "b", "c"}, "framewire remux --help"},
  };
  for (const auto& [words, what] : cases) {
    const Request request = parse(words);
    ASSERT_TRUE(std::holds_alternative<UsageError>(request)) << what;
    EXPECT_THAT(std::get<UsageError>(request).what, HasSubstr(what));
    EXPECT_THAT(std::get<UsageError>(request).what, Not(HasSubstr("secret")));
  }
}

TEST(CommandLine, TheKeyMayComeFromTheEnvironment) {
  const char* words[] = {"framewire", "watch", "cam"};
  const Request request = parse_command_line(3, words, [](const std::string& name) {
    return name == "FRAMEWIRE_TOKEN" ? std::optional<std::string>{"k"} : std::nullopt;
  });
  const auto& watch = std::get<WatchOptions>(std::get<MediaCommand>(request));
  EXPECT_EQ(watch.from.access.token, "k");
}

TEST(CommandLine, BenchTakesSwitchesAndValues) {
  const Request request = parse({"bench", "--closed-loop", "--viewers=5", "--message", "1KB"});
  ASSERT_TRUE(std::holds_alternative<Bench>(request));
  const bench::Options& options = std::get<Bench>(request).options;
  EXPECT_TRUE(options.closed_loop);
  EXPECT_EQ(options.viewers, 5u);
  EXPECT_EQ(options.pattern.message_bytes, 1000u);
}

TEST(CommandLine, ShowsItsVersion) {
  const Request request = parse({"--version"});
  ASSERT_TRUE(std::holds_alternative<ShowText>(request));
  EXPECT_THAT(std::get<ShowText>(request).text, testing::StartsWith("framewire "));
}

TEST(CommandLine, ServeTakesFlagsInBothSpellings) {
  const Request request =
      parse({"serve", "--listen", "127.0.0.1:1", "--listen=127.0.0.1:2", "--publish-key", "a",
             "--publish-key=-b", "--open", "--takeover=false"});
  ASSERT_TRUE(std::holds_alternative<Serve>(request));
  const relay::Config& config = std::get<Serve>(request).settings.config;
  EXPECT_EQ(config.port, 2);  // the last one counts
  EXPECT_THAT(config.publish_keys, ElementsAre("a", "-b"));
  EXPECT_TRUE(config.open);
  EXPECT_FALSE(config.takeover);
}

struct WrongCase {
  std::vector<const char*> words;
  std::string says;
};

const WrongCase kWrongCases[] = {
    {{"rekord"}, "there is no command \"rekord\" (did you mean record?)"},
    {{"xyz"}, "there is no command \"xyz\"; see"},
    {{"--bogus"}, "there is no option --bogus"},
    {{"serve", "--bogus"}, "there is no option --bogus"},
    {{"serve", "--publish-kye", "SECRET"},
     "there is no option --publish-kye (did you mean --publish-key?)"},
    {{"watch", "cam", "--forec"}, "(did you mean --force?)"},
    {{"publish", "-", "cam", "--loop"}, "--loop: stdin"},
    {{"publish", "a.webm", "my.show"}, "URL: a stream's name"},
    {{"publish", "a.webm", "http://h/publish/my.show"}, "URL: a stream's name"},
    {{"publish", "a.webm", "cam.mp4"}, "URL: a stream's name"},
    {{"watch", "http://h/watch/my.show"}, "URL: a stream's name"},
    {{"watch", "my.show"}, "URL: a stream's name holds no dot"},
    {{"serve", "--publish-kye=SECRET"}, "there is no option --publish-kye"},
    {{"serve", "--publish-key", "a", "SECRET"}, "an argument belongs to no option"},
    {{"serve", "--open", "SECRET"}, "an argument belongs to no option"},
    {{"serve", "--", "SECRET"}, "an argument belongs to no option"},
    {{"bench", "--bogus"}, "there is no option --bogus"},
    {{"bench", "--viewers", "many"}, "--viewers: \"many\""},
    {{"bench", "more"}, "an argument belongs to no option"},
    {{"serve", "--listen"}, "--listen"},
    {{"serve", "--max-lag", "never"}, "--max-lag: \"never\""},
};

TEST(CommandLine, WhatIsWrongIsOneLineWithoutValuesOfUnknownOptions) {
  for (const WrongCase& c : kWrongCases) {
    const Request request = parse(c.words);
    ASSERT_TRUE(std::holds_alternative<UsageError>(request)) << c.says;
    const std::string& what = std::get<UsageError>(request).what;
    EXPECT_THAT(what, HasSubstr(c.says));
    EXPECT_THAT(what, Not(HasSubstr("SECRET")));
    EXPECT_THAT(what, Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace framewire::cli
