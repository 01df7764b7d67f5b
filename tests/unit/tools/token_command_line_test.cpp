#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tools/command_line.h"

namespace framewire::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

Request parse(std::vector<const char*> words) {
  words.insert(words.begin(), {"framewire", "token"});
  return parse_command_line(static_cast<int>(words.size()), words.data(),
                            [](const std::string&) { return std::nullopt; });
}

template <class Options>
Options options_of(const Request& request) {
  const auto* error = std::get_if<UsageError>(&request);
  EXPECT_FALSE(error) << error->what;
  const auto* command = std::get_if<TokenCommand>(&request);
  EXPECT_TRUE(command && std::holds_alternative<Options>(*command));
  return command ? std::get<Options>(*command) : Options{};
}

TEST(TokenCommandLine, KeygenTakesItsWords) {
  const auto plain = options_of<KeygenOptions>(parse({"keygen", "cam"}));
  EXPECT_EQ(plain.name, "cam");
  EXPECT_EQ(plain.algorithm, jwt::Algorithm::es256);
  EXPECT_FALSE(plain.force);
  const auto all = options_of<KeygenOptions>(
      parse({"keygen", "a/b", "--alg", "EdDSA", "--kid", "one", "--force"}));
  EXPECT_EQ(all.algorithm, jwt::Algorithm::eddsa);
  EXPECT_EQ(all.key_id, "one");
  EXPECT_TRUE(all.force);
}

TEST(TokenCommandLine, LinkTakesOneStreamAndAction) {
  const auto page = options_of<LinkOptions>(
      parse({"link", "--key", "k", "--watch", "room/1", "--server", "https://a.example//"}));
  EXPECT_EQ(page.action, jwt::Action::watch);
  EXPECT_EQ(page.stream, "room/1");
  EXPECT_EQ(page.path, "/watch/{}");
  EXPECT_EQ(page.server, "https://a.example");
  EXPECT_EQ(page.life, std::chrono::hours{1});
  const auto hls = options_of<LinkOptions>(
      parse({"link", "--key", "k", "--watch", "cam", "--as", "hls", "--ttl", "2m"}));
  EXPECT_EQ(hls.path, "/live/{}/index.m3u8");
  EXPECT_EQ(hls.life, std::chrono::minutes{2});
  const auto publish = options_of<LinkOptions>(parse({"link", "--key", "k", "--publish", "cam"}));
  EXPECT_EQ(publish.action, jwt::Action::publish);
  EXPECT_EQ(publish.path, "/publish/{}");
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"link", "--key", "k"},
           {"link", "--watch", "cam"},
           {"link", "--key", "k", "--watch", "cam", "--publish", "cam"},
           {"link", "--key", "k", "--watch", "room/*"},
           {"link", "--key", "k", "--watch", "../cam"},
           {"link", "--key", "k", "--watch", "cam", "--as", "avi"},
           {"link", "--key", "k", "--publish", "cam", "--as", "hls"},
           {"link", "--key", "k", "--watch", "cam", "--ttl", "0s"}})
    EXPECT_TRUE(std::holds_alternative<UsageError>(parse(words))) << words.back();
}

TEST(TokenCommandLine, SignTakesEachRightSeveralTimes) {
  const auto sign = options_of<SignOptions>(
      parse({"sign",       "--key",   "cam.jwk",   "--publish", "room/*", "--publish=b", "--watch",
             "*",          "--talk",  "a",         "--record",  "c",      "--manage",    "d",
             "--moderate", "e",       "--metrics", "--ttl",     "90m",    "--sub",       "anna",
             "--iss",      "i",       "--aud",     "x",         "--aud",  "y",           "--kid",
             "k",          "--claim", "r"}));
  using jwt::Action;
  EXPECT_EQ(sign.rights, (std::vector<jwt::Right>{{Action::publish, "room/*"},
                                                  {Action::publish, "b"},
                                                  {Action::watch, "*"},
                                                  {Action::talk, "a"},
                                                  {Action::record, "c"},
                                                  {Action::manage, "d"},
                                                  {Action::moderate, "e"},
                                                  {Action::metrics, "*"}}));
  EXPECT_EQ(sign.life, std::chrono::minutes{90});
  EXPECT_EQ(sign.audiences, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(sign.claim, "r");
  EXPECT_EQ(sign.key_id, "k");
}

TEST(TokenCommandLine, VerifyTakesWhatIsExpected) {
  const auto plain = options_of<VerifyTokenOptions>(parse({"verify", "--jwks", "set"}));
  EXPECT_EQ(plain.token, "-");
  EXPECT_EQ(plain.rules.leeway, std::chrono::seconds{60});
  EXPECT_EQ(plain.rules.claim, "framewire");
  EXPECT_TRUE(plain.rules.issuer.empty() && plain.rules.audiences.empty());
  const auto all = options_of<VerifyTokenOptions>(
      parse({"verify", "a.b.c", "--jwks", "set", "--iss", "i", "--aud", "x", "--leeway", "5s"}));
  EXPECT_EQ(all.token, "a.b.c");
  EXPECT_EQ(all.rules.issuer, "i");
  EXPECT_EQ(all.rules.audiences, (std::vector<std::string>{"x"}));
  EXPECT_EQ(all.rules.leeway, std::chrono::seconds{5});
}

TEST(TokenCommandLine, WrongWordsAreAnErrorWithoutTheirValues) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"sing"},
           {"keygen"},
           {"keygen", "a", "b"},
           {"keygen", "a", "--alg", "s3cret"},
           {"sign", "--watch", "*"},
           {"sign", "--key", "k"},
           {"sign", "--key", "k", "--watch", "s3cret?"},
           {"sign", "--key", "k", "--watch", "a", "--ttl", "0s"},
           {"sign", "--key", "k", "--wach=s3cret"},
           {"verify"},
           {"verify", "--jwks", "k", "--leeway", "1"},
           {"verify", "--jwks", "k", "t", "s3cret"},
       }) {
    const Request request = parse(words);
    const auto* error = std::get_if<UsageError>(&request);
    ASSERT_TRUE(error) << words.front() << words.size();
    EXPECT_THAT(error->what, Not(HasSubstr("s3cret")));
  }
}

TEST(TokenCommandLine, HelpIsOfTheCommandAskedFor) {
  const auto help = [](std::vector<const char*> words) {
    const Request request = parse(std::move(words));
    const auto* text = std::get_if<ShowText>(&request);
    return text ? text->text : "";
  };
  for (const auto& words : {std::vector<const char*>{}, {"--help"}})
    EXPECT_THAT(help(words), HasSubstr("Usage: framewire token COMMAND"));
  EXPECT_THAT(help({"sign", "--help"}), HasSubstr("Usage: framewire token sign"));
  EXPECT_THAT(help({"keygen", "-h"}), HasSubstr("Usage: framewire token keygen NAME"));
  EXPECT_THAT(help({"verify", "-h"}), HasSubstr("Usage: framewire token verify"));
}

TEST(TokenCommandLine, IsDescribed) {
  const auto described = [](const char* what) {
    const char* const words[] = {"framewire", "describe", what};
    const Request request = parse_command_line(3, words, [](const auto&) { return std::nullopt; });
    const auto* text = std::get_if<ShowText>(&request);
    return text ? text->text : "";
  };
  const std::string man = described("man");
  for (const char* name : {"token", "token keygen", "token sign", "token verify"})
    EXPECT_THAT(man, HasSubstr(std::string{".TP\n\\fB"} + name + "\\fR\n"));
  const std::string completion = described("completion");
  EXPECT_THAT(completion,
              testing::ContainsRegex("\n    token\\) words=\"[^\"]*--publish[^\"]*keygen"));
  EXPECT_THAT(completion, Not(HasSubstr("token sign)")));
}

}  // namespace
}  // namespace framewire::cli
