#include "tools/serving/serve_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Variables = std::map<std::string, std::string>;

Environment environment_of(const Variables& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Parsed<ServeSettings> resolve(const Flags& flags, const Variables& variables = {}) {
  return resolve_serve_settings(flags, environment_of(variables));
}

// A --config file for as long as the object lives.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) { std::ofstream(path_) << text; }
  ~ConfigFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "serve_options_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
};

TEST(ServeOptions, WithoutAnythingAreTheDefaultsOfConfig) {
  const auto settings = resolve({});
  ASSERT_TRUE(settings.has_value());
  const relay::Config defaults;
  EXPECT_EQ(settings->config.host, defaults.host);
  EXPECT_EQ(settings->config.port, defaults.port);
  EXPECT_EQ(settings->config.max_lag, defaults.max_lag);
  EXPECT_EQ(settings->log_level, "info");
}

TEST(ServeOptions, VariablesOfNoOptionAreTold) {
  const char* const variables[] = {"PATH=/bin",
                                   "FRAMEWIRE_MAX_LAG=2s",
                                   "FRAMEWIRE_PUBLISH_KYE=SECRET",
                                   "FRAMEWIRE_TOKEN=SECRET",
                                   "FRAMEWIRE_COLOUR=SECRET",
                                   nullptr};
  EXPECT_THAT(
      strange_variables(variables),
      ElementsAre("FRAMEWIRE_PUBLISH_KYE is no option (did you mean FRAMEWIRE_PUBLISH_KEY?)",
                  "FRAMEWIRE_COLOUR is no option"));
}

TEST(ServeOptions, NamesAndVariablesAreUnique) {
  std::set<std::string> names;
  for (const OptionRow& row : serve_option_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.help.empty() || row.group.empty()) << row.name;
  }
  EXPECT_EQ(serve_option_rows().front().environment_name(), "FRAMEWIRE_LISTEN");
}

TEST(ServeOptions, EveryDefaultShownIsAccepted) {
  for (const OptionRow& row : serve_option_rows()) {
    if (row.default_text.empty()) continue;
    const auto settings = resolve({{row.name, {row.default_text}}});
    EXPECT_TRUE(settings.has_value()) << row.name << ": " << settings.error();
  }
}

TEST(ServeOptions, FlagGoesBeforeVariableBeforeFileBeforeDefault) {
  const ConfigFile file(
      "linger = \"1s\"\nmax-lag = 1s\nring-age = 11s\npublish-key = [\"f1\", \"f2\"]\n"
      "watch-key = \"f\"\n");
  const auto settings = resolve(
      {{"config", {file.path()}}, {"linger", {"3s"}}, {"publish-key", {"a", "b"}}},
      {{"FRAMEWIRE_LINGER", "2s"}, {"FRAMEWIRE_MAX_LAG", "2s"}, {"FRAMEWIRE_RING_AGE", ""}});
  ASSERT_TRUE(settings.has_value()) << settings.error();
  const relay::Config& config = settings->config;
  EXPECT_EQ(config.linger, milliseconds(3'000));     // flag
  EXPECT_EQ(config.max_lag, milliseconds(2'000));    // variable
  EXPECT_EQ(config.ring_age, milliseconds(11'000));  // file; an empty variable says nothing
  EXPECT_EQ(config.stall_timeout, relay::Config{}.stall_timeout);
  EXPECT_THAT(config.publish_keys, ElementsAre("a", "b"));
  EXPECT_THAT(config.watch_keys, ElementsAre("f"));
}

TEST(ServeOptions, AListInAVariableIsSeparatedByCommas) {
  const auto settings = resolve({}, {{"FRAMEWIRE_PUBLISH_KEY", "a, b,c"}});
  ASSERT_TRUE(settings.has_value()) << settings.error();
  EXPECT_THAT(settings->config.publish_keys, ElementsAre("a", "b", "c"));
}

TEST(ServeOptions, TheFileMayBeNamedByAVariable) {
  const ConfigFile file("[serve]\nopen = true\nlisten = \"[::]:9\"\n");
  const auto settings = resolve({}, {{"FRAMEWIRE_CONFIG", file.path()}});
  ASSERT_TRUE(settings.has_value()) << settings.error();
  EXPECT_TRUE(settings->config.open);
  EXPECT_EQ(settings->config.host, "::");
  EXPECT_EQ(settings->config.port, 9);
}

TEST(ServeOptions, EveryOptionReachesItsMember) {
  const auto settings = resolve({{"listen", {"0.0.0.0:1"}},
                                 {"open", {"true"}},
                                 {"allow-origin", {"https://a.example", "*"}},
                                 {"tls-self-signed", {"true"}},
                                 {"takeover", {"true"}},
                                 {"stall-timeout", {"7s"}},
                                 {"ring-size", {"64MiB"}},
                                 {"ping-interval", {"7s"}},
                                 {"max-message", {"7MiB"}},
                                 {"max-fragments", {"7"}},
                                 {"max-init", {"7KiB"}},
                                 {"max-element", {"17MiB"}},
                                 {"max-tracks", {"7"}},
                                 {"unacked", {"7MiB"}},
                                 {"text-size", {"7KiB"}},
                                 {"text-rate", {"0"}},
                                 {"stream-text-rate", {"8"}},
                                 {"max-muted", {"9"}},
                                 {"max-streams", {"7"}},
                                 {"max-viewers", {"8"}},
                                 {"max-connections-per-address", {"9"}},
                                 {"handshake-timeout", {"7s"}},
                                 {"max-head", {"9KiB"}},
                                 {"max-heads", {"11"}},
                                 {"max-heads-per-address", {"12"}},
                                 {"authorize-timeout", {"4s"}},
                                 {"max-authorizing", {"15"}},
                                 {"max-unfinished", {"13MiB"}},
                                 {"max-echo", {"14KiB"}},
                                 {"body-timeout", {"6s"}},
                                 {"half-closed-timeout", {"5s"}},
                                 {"lost-after", {"8s"}},
                                 {"loops", {"7"}},
                                 {"loop-fill", {"0"}},
                                 {"send-buffer", {"7KiB"}},
                                 {"write-size", {"8KiB"}},
                                 {"turn-size", {"1MiB"}},
                                 {"drain-timeout", {"0s"}},
                                 {"restream", {"a=rtmp://h/app/key", "all=srt://h:9"}},
                                 {"max-restreams", {"6"}},
                                 {"log-level", {"debug"}}});
  ASSERT_TRUE(settings.has_value()) << settings.error();
  const relay::Config& config = settings->config;
  EXPECT_EQ(config.port, 1);
  EXPECT_THAT(config.allowed_origins, ElementsAre("https://a.example", "*"));
  EXPECT_TRUE(config.open && config.tls_self_signed && config.takeover);
  EXPECT_EQ(config.stall_timeout, milliseconds(7'000));
  EXPECT_EQ(config.ring_bytes, 64u << 20);
  EXPECT_EQ(config.ping_interval, milliseconds(7'000));
  EXPECT_EQ(config.limits.message_bytes, 7u << 20);
  EXPECT_EQ(config.limits.message_fragments, 7u);
  EXPECT_EQ(config.limits.init_bytes, 7u << 10);
  EXPECT_EQ(config.limits.element_bytes, 17u << 20);
  EXPECT_EQ(config.limits.tracks, 7u);
  EXPECT_EQ(config.unacked_bytes, 7u << 20);
  EXPECT_EQ(config.side_text_bytes, 7u << 10);
  EXPECT_EQ(config.side_texts_per_second, 0u);
  EXPECT_EQ(config.stream_side_texts_per_second, 8u);
  EXPECT_EQ(config.max_muted, 9u);
  EXPECT_EQ(config.max_streams, 7u);
  EXPECT_EQ(config.max_viewers, 8u);
  EXPECT_EQ(config.max_connections_per_address, 9u);
  EXPECT_EQ(config.handshake_timeout, milliseconds(7'000));
  EXPECT_EQ(config.head_bytes, 9u << 10);
  EXPECT_EQ(config.max_heads, 11u);
  EXPECT_EQ(config.max_heads_per_address, 12u);
  EXPECT_EQ(config.authorize_timeout, milliseconds(4'000));
  EXPECT_EQ(config.max_authorizing, 15u);
  EXPECT_EQ(config.max_unfinished_bytes, 13u << 20);
  EXPECT_EQ(config.echo_bytes, 14u << 10);
  EXPECT_EQ(config.body_timeout, milliseconds(6'000));
  EXPECT_EQ(config.half_closed_timeout, milliseconds(5'000));
  EXPECT_EQ(config.lost_after, milliseconds(8'000));
  EXPECT_EQ(config.loops, 7u);
  EXPECT_EQ(config.loop_fill, 0u);
  ASSERT_EQ(config.restreams.size(), 2u);
  EXPECT_EQ(config.restreams[1].shown, "srt://h:9");
  EXPECT_EQ(config.max_restreams, 6u);
  EXPECT_EQ(config.send_buffer_bytes, 7u << 10);
  EXPECT_EQ(config.write_bytes, 8u << 10);
  EXPECT_EQ(config.drain_timeout, milliseconds(0));
  EXPECT_EQ(settings->log_level, "debug");
}

struct BadCase {
  std::string name, value, says;
};

const BadCase kBadCases[] = {
    {"listen", "nowhere", "--listen: \"nowhere\": HOST:PORT expected"},
    {"linger", "10", "--linger: \"10\" is no duration"},
    {"max-lag", "1ms", "--max-lag: 1ms is not from 100ms to 10m"},
    {"ring-size", "1KiB", "--ring-size: 1KiB is not from 64KiB to 4GiB"},
    {"ring-size", "1MiB", "--max-element 16MiB does not fit in --ring-size 1MiB"},
    {"max-tracks", "0", "--max-tracks: 0 is not from 1 to 64"},
    {"loops", "-1", "--loops: \"-1\" is no whole number"},
    {"open", "perhaps", "--open: \"perhaps\" is neither true nor false"},
    {"log-level", "loud", "--log-level: \"loud\" is none of trace, debug"},
    {"allow-origin", "example.com", "--allow-origin: \"example.com\" can match no page"},
    {"allow-origin", "https://a.example/", "--allow-origin:"},
    {"publish-key", "", "--publish-key: a key is"},
    {"publish-key", "two words", "--publish-key: a key is"},
    {"restream", "cam=ftp://h/x", "--restream: a restream goes to rtmp://, rtmps:// or srt://"},
    {"render", "true", "--render needs --record-dir"},
    {"render-origin", "https://a.example", "--render-origin goes with --render"},
    {"render-origin", "ftp://a.example", "--render-origin: \"ftp://a.example\" begins with"},
    {"render-jobs", "0", "--render-jobs: 0 is not from 1 to 64"},
    {"tls-cert", "cert.pem", "--tls-cert and --tls-key go together"},
    {"config", "/nonexistent/fw.toml", "/nonexistent/fw.toml cannot be read: No such file"},
};

TEST(ServeOptions, ABadValueIsNamedWithItsSourceAndWhatWouldBeRight) {
  for (const BadCase& c : kBadCases) {
    const auto settings = resolve({{c.name, {c.value}}});
    ASSERT_FALSE(settings.has_value()) << c.name << "=" << c.value;
    EXPECT_THAT(settings.error(), HasSubstr(c.says));
    EXPECT_THAT(settings.error(), Not(HasSubstr("\n")));
  }
  EXPECT_THAT(resolve({}, {{"FRAMEWIRE_LOOPS", "x"}}).error(), HasSubstr("FRAMEWIRE_LOOPS: \"x\""));
}

TEST(ServeOptions, AnErrorInTheFileNamesItsLine) {
  const ConfigFile file("open = true\nlinger = soon\n");
  EXPECT_EQ(resolve({{"config", {file.path()}}}).error(),
            file.path() + ":2: linger: \"soon\" is no duration such as 500ms, 10s, 2m or 1h");
}

TEST(ServeOptions, AnUnknownNameInTheFileIsAnError) {
  const ConfigFile file("open = true\nlingre = 10s\n");
  EXPECT_EQ(resolve({{"config", {file.path()}}}).error(),
            file.path() + ":2: there is no option \"lingre\" (did you mean linger?)");
}

TEST(ServeOptions, AListWhereOneValueIsDueIsAnError) {
  const ConfigFile file("linger = [1s, 2s]\n");
  EXPECT_EQ(resolve({{"config", {file.path()}}}).error(),
            file.path() + ":1: linger: one value expected");
}

TEST(ServeOptions, AKeyIsNeverPartOfAnError) {
  for (const char* name : {"publish-key", "watch-key"}) {
    const auto settings = resolve({{name, {"good", "SECRET WITH BLANKS"}}});
    ASSERT_FALSE(settings.has_value());
    EXPECT_THAT(settings.error(), Not(HasSubstr("SECRET")));
  }
}

TEST(ServeOptions, APublicAddressNeedsAKeyOrOpen) {
  for (const char* host : {"0.0.0.0:80", "[::]:80", "192.168.1.5:80"}) {
    const auto refused = resolve({{"listen", {host}}});
    ASSERT_FALSE(refused.has_value()) << host;
    EXPECT_THAT(refused.error(), HasSubstr("--publish-key"));
    EXPECT_THAT(refused.error(), HasSubstr("--open"));
    EXPECT_TRUE(resolve({{"listen", {host}}, {"open", {"true"}}}).has_value());
    EXPECT_TRUE(resolve({{"listen", {host}}, {"publish-key", {"k"}}}).has_value());
    EXPECT_FALSE(resolve({{"listen", {host}}, {"watch-key", {"k"}}}).has_value());
  }
  for (const char* host : {"127.0.0.1:80", "127.1.2.3:80", "[::1]:80", "localhost:80"}) {
    EXPECT_TRUE(resolve({{"listen", {host}}}).has_value()) << host;
  }
}

// What was said at the start, what is said now, what comes of it: names that changed, that were
// kept, or a part of the error.
struct RereadCase {
  const char* name;
  Flags start, now;
  std::vector<std::string> changed, kept;
  const char* error = "";
};

class RereadTest : public testing::TestWithParam<RereadCase> {};

TEST_P(RereadTest, KeepsWhatCannotChange) {
  const RereadCase& c = GetParam();
  const auto running = resolve(c.start);
  ASSERT_TRUE(running) << running.error();
  const auto fresh = reread_serve_settings(c.now, environment_of({}), *running);
  if (*c.error != 0) {
    ASSERT_FALSE(fresh);
    EXPECT_THAT(fresh.error(), HasSubstr(c.error));
    return;
  }
  ASSERT_TRUE(fresh) << fresh.error();
  EXPECT_EQ(fresh->changed, c.changed);
  EXPECT_EQ(fresh->kept, c.kept);
  // What was kept is asked about again the next time, and nothing else is.
  const auto again = reread_serve_settings(c.now, environment_of({}), fresh->settings);
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(again->changed.empty());
  EXPECT_EQ(again->kept, c.kept);
}

const Flags kPublic = {{"listen", {"0.0.0.0:1"}}, {"publish-key", {"k"}}};
const Flags kTls = {{"tls-cert", {"c"}}, {"tls-key", {"k"}}};

INSTANTIATE_TEST_SUITE_P(
    All, RereadTest,
    testing::Values(
        RereadCase{"nothing", {}, {}, {}, {}},
        RereadCase{"a_limit", {}, {{"max-viewers", {"7"}}}, {"max-viewers"}, {}},
        RereadCase{"a_limit_no_more", {{"max-viewers", {"7"}}}, {}, {"max-viewers"}, {}},
        RereadCase{"both_kinds",
                   {{"loops", {"1"}}, {"linger", {"1s"}}},
                   {{"loops", {"2"}}, {"linger", {"2s"}}},
                   {"linger"},
                   {"loops"}},
        RereadCase{"cuts",
                   {},
                   {{"max-cuts", {"2"}}, {"cut-size", {"1MiB"}}},
                   {},
                   {"max-cuts", "cut-size"}},
        RereadCase{"where_it_listens", {{"listen", {"1"}}}, {{"listen", {"2"}}}, {}, {"listen"}},
        RereadCase{"where_it_listens_no_more", {{"listen", {"1"}}}, {}, {}, {"listen"}},
        RereadCase{"another_certificate",
                   kTls,
                   {{"tls-cert", {"d"}}, {"tls-key", {"k"}}},
                   {"tls-cert"},
                   {}},
        RereadCase{"tls_off", kTls, {}, {}, {"tls-cert", "tls-key"}},
        RereadCase{"tls_on", {}, kTls, {}, {"tls-cert", "tls-key"}},
        RereadCase{"a_certificate_instead_of_one_made_here",
                   {{"tls-self-signed", {"true"}}},
                   kTls,
                   {},
                   {"tls-cert", "tls-key", "tls-self-signed"}},
        RereadCase{"the_last_key_of_a_public_address",
                   kPublic,
                   {},
                   {},
                   {},
                   "is a public address, and anyone could publish"},
        RereadCase{"tokens_in_place_of_the_last_key",
                   kPublic,
                   {{"listen", {"0.0.0.0:1"}}, {"jwks", {"cam.jwks"}}},
                   {"publish-key", "jwks"},
                   {}},
        RereadCase{"recordings_without_a_folder_at_the_start",
                   {},
                   {{"record-dir", {"d"}}, {"record", {"all"}}},
                   {},
                   {},
                   "record-dir cannot change while the server runs"},
        RereadCase{"a_mistake_in_what_is_kept", {}, {{"loops", {"many"}}}, {}, {}, "--loops"},
        RereadCase{"what_would_not_start",
                   {{"record-dir", {"d"}}, {"record", {"all"}}},
                   {{"record", {"all"}}},
                   {},
                   {},
                   "--record needs --record-dir"}),
    [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace framewire::cli
