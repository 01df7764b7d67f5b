#include "tools/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "tools/base/exit_codes.h"
#include "tools/base/help_text.h"
#include "tools/base/nearest.h"
#include "tools/bench/bench_command.h"
#include "tools/cluster_words.h"
#include "tools/describe.h"
#include "tools/media/media_command_line.h"
#include "tools/render/render_command_line.h"
#include "tools/serving/serve_command.h"
#include "tools/token/token_command_line.h"

namespace framewire::cli {
namespace {

using Kind = OptionRow::Kind;

constexpr const char* kAbout =
    "framewire: live video over WebSockets, from a browser, ffmpeg or curl to any number of "
    "viewers.";

std::string main_footer() {
  return fmt::format(
      "Try it:\n"
      "  framewire serve\n"
      "then open http://127.0.0.1:8080/publish/cam, press Go live, and watch at\n"
      "http://127.0.0.1:8080/watch/cam.\n\n"
      "`framewire COMMAND --help` lists a command's options.\n\n{}",
      kExitCodesText);
}

constexpr const char* kServeFooter =
    "TIME is 500ms, 10s, 2m or 1h; SIZE is 4096, 64KiB, 16MiB or 1MB. [In brackets: the "
    "default.]\n\n"
    "Each option is also a variable (--max-lag 2s is FRAMEWIRE_MAX_LAG=2s; several keys or "
    "origins\n"
    "are separated by commas) and a line of the --config file:\n\n"
    "  listen = \"0.0.0.0:443\"\n"
    "  publish-key = [\"first\", \"second\"]\n"
    "  max-lag = \"2s\"\n\n"
    "A flag goes before a variable, a variable before the file. `framewire serve --help-all` "
    "shows\n"
    "all options: sizes, times and limits of everything.\n\n"
    "SIGHUP, or `framewire reload`, reads file and certificates anew: nobody is disconnected.\n"
    "SIGTERM or SIGINT closes all connections in good order (viewers are told to come back) and\n"
    "ends the server; a second one ends it at once.";

constexpr const char* kReloadFooter =
    "The same as SIGHUP: the --config file, keys, origins, limits, restreams, patterns of "
    "recordings,\n"
    "the log's level and the certificate are read anew, and nobody is disconnected. Where there is "
    "a\n"
    "mistake all stays as it was; the server's log says what changed, or file and line of the "
    "mistake.";

constexpr const char* kDoctorFooter =
    "Looks at the server at URL (http://127.0.0.1:8080, or where --config says), at the proxy in\n"
    "front of it, and, without a URL or with --config, at this machine. Each line begins with ok,\n"
    "warning or wrong, and says what to do. Nothing is changed. Exit code 1: something is wrong.";

constexpr const char* kBenchFooter =
    "SIZE is 4096, 64KiB or 1MB; TIME is 500ms or 10s; SHARE is 10%. [In brackets: the "
    "default.]\n\n"
    "Loads a server of this machine and checks each message at each viewer for loss, order and "
    "delay:\n\n"
    "  framewire bench --server-pid PID --viewers 1000 --keyframe 40KB --message 6KB\n\n"
    "Streams are published as bench-0, bench-1 and so on.";

constexpr std::size_t kColumn = 38;

// "token sign"; of the program itself nothing.
std::string command_words(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string before = command_words(*app.get_parent());
  return before.empty() ? app.get_name() : before + " " + app.get_name();
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// CLI11's headings and columns, without its blank second line between groups.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(kColumn); }
  std::string make_usage(const CLI::App* app, std::string) const override {
    std::string words = command_words(*app);
    if (!commands_of(*app).empty()) words += words.empty() ? "COMMAND" : " COMMAND";
    for (const CLI::Option* option : app->get_options())
      if (option->get_positional() && option != app->get_help_ptr())
        words += " " + option->get_name(true);
    return fmt::format("\nUsage: framewire {} [OPTIONS]\n", words);
  }
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
    for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
    return text;
  }
};

template <class Row>
std::string help_of(const Row& row) {
  return wrapped(row.default_text.empty() ? row.help
                                          : fmt::format("{} [{}]", row.help, row.default_text));
}

// What `serve --help` shows; the rest is for --help-all.
constexpr std::array<std::string_view, 12> kEveryday = {
    "listen",   "open",    "publish-key",     "watch-key",  "allow-origin", "trust-proxy",
    "tls-cert", "tls-key", "tls-self-signed", "record-dir", "record",       "log-level"};

// In CLI11 an option without a group is not shown.
void show_everyday_only(CLI::App& serve) {
  for (const OptionRow& row : serve_option_rows())
    if (std::find(kEveryday.begin(), kEveryday.end(), row.name) == kEveryday.end())
      serve.get_option("--" + row.name)->group("");
}

void add_rows(CLI::App& serve) {
  for (const OptionRow& row : serve_option_rows()) {
    CLI::Option* option = nullptr;
    if (row.kind == Kind::toggle) {
      option = serve.add_flag("--" + row.name);
      option->description(help_of(row));
    } else {
      option = serve.add_option("--" + row.name, CLI::callback_t{}, help_of(row));
      option->option_text(row.shape)->type_name(row.shape);
    }
    option->group(row.group)->allow_extra_args(false);
    option->multi_option_policy(row.kind == Kind::list ? CLI::MultiOptionPolicy::TakeAll
                                                       : CLI::MultiOptionPolicy::TakeLast);
  }
  serve.add_option("--config", CLI::callback_t{}, "Read options from FILE too (see below)")
      ->option_text("FILE")
      ->type_name("FILE")
      ->group("Running");
}

constexpr const char* kHelpAll = "help-all";

Flags flags_of(const CLI::App& serve) {
  Flags flags;
  for (const CLI::Option* option : serve.get_options()) {
    if (option->count() == 0 || option == serve.get_help_ptr() ||
        option->get_single_name() == kHelpAll)
      continue;
    flags[option->get_single_name()] = option->reduced_results();
  }
  return flags;
}

void add_bench_rows(CLI::App& bench) {
  for (const bench::OptionRow& row : bench::option_rows()) {
    CLI::Option* option = nullptr;
    if (row.shape.empty()) {
      option = bench.add_flag("--" + row.name)->description(help_of(row));
    } else {
      option = bench.add_option("--" + row.name, CLI::callback_t{}, help_of(row));
      option->option_text(row.shape)->type_name(row.shape);
    }
    option->group(row.group)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

Request bench_request(const CLI::App& bench) {
  bench::Flags flags;
  for (const CLI::Option* option : bench.get_options()) {
    if (option->count() == 0 || option == bench.get_help_ptr()) continue;
    const auto texts = option->reduced_results();
    flags[option->get_single_name()] = texts.empty() ? "true" : texts.back();
  }
  auto options = bench::resolve_options(flags);
  if (!options) return UsageError{options.error()};
  return Bench{*std::move(options)};
}

std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// CLI11's own text would show what stands behind a misspelt --publish-key. `command`: whose options
// it may have meant.
std::optional<UsageError> unknown_argument(const CLI::App& app, const CLI::App& command,
                                           const std::string& see) {
  const std::vector<std::string> rest = app.remaining();
  if (rest.empty()) return std::nullopt;
  std::string name = rest.front();
  if (!name.starts_with('-')) return UsageError{"an argument belongs to no option; see " + see};
  name.erase(std::min(name.find('='), name.size()));
  return UsageError{fmt::format("there is no option {}{}; see {}", name,
                                did_you_mean(name, flag_names(command)), see)};
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app))
    if (!command->get_group().empty()) names.push_back(command->get_name());
  return names;
}

// What packages are made from; not in the help.
constexpr const char* kDescribe = "describe";

Request describe_request(const CLI::App& app, const std::string& what) {
  std::vector<CommandHelp> commands;
  const auto add = [&](const CLI::App& command) {
    commands.push_back({command_words(command), command.get_description(), command.help()});
  };
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == kDescribe) continue;
    add(*command);
    for (const CLI::App* part : commands_of(*command)) add(*part);
  }
  if (auto text = describe(what, FRAMEWIRE_VERSION, commands)) return ShowText{*std::move(text)};
  return UsageError{"describe: config, man, completion or options is wanted"};
}

// `command`: `token` itself, or one of its own.
Request token_request(const TokenCommandLine& token, const CLI::App& command, const CLI::App& app) {
  const std::string see = fmt::format("framewire {} --help", command_words(command));
  if (!commands_of(command).empty()) {
    const auto rest = command.remaining();
    if (rest.empty()) return ShowText{command.help()};
    return UsageError{fmt::format("token: keygen, sign, verify or link is wanted{}; see {}",
                                  did_you_mean(rest.front(), command_names(command)), see)};
  }
  for (const CLI::App* part : {&command, command.get_parent(), &app})
    if (auto error = unknown_argument(*part, command, see)) return *std::move(error);
  auto options = token.resolve();
  if (!options) return UsageError{options.error()};
  return *std::move(options);
}

std::string version_line() {
  return fmt::format("framewire {}\n", FRAMEWIRE_VERSION);
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

Request parse_command_line(int argc, const char* const* argv, const Environment& environment) {
  CLI::App app(kAbout, "framewire");
  app.formatter(std::make_shared<HelpFormatter>());
  app.footer(main_footer());
  app.set_help_flag("-h,--help", "Show this help");
  bool version = false;
  app.add_flag("--version", version, "Show the version");
  app.allow_extras();
  CLI::App& serve = *app.add_subcommand("serve", "Run the server")->group("Commands");
  serve.footer(kServeFooter);
  serve.allow_extras();
  add_rows(serve);
  serve.set_help_flag("-h,--help", "Show the options one needs")->group("Running");
  bool all_of_them = false;
  serve.add_flag(std::string{"--"} + kHelpAll, all_of_them, "Show all of them")->group("Running");
  CLI::App& bench = *app.add_subcommand("bench", "Load a server of this machine and measure it")
                         ->group("Commands");
  bench.footer(kBenchFooter);
  bench.allow_extras();
  add_bench_rows(bench);
  bench.set_help_flag("-h,--help", "Show this help")->group("The run");
  CLI::App& reload = *app.add_subcommand("reload", "Have a running server read its options anew")
                          ->group("Commands");
  reload.footer(kReloadFooter);
  reload.allow_extras();
  reload.set_help_flag("-h,--help", "Show this help");
  int reload_pid = 0;
  reload.add_option("PID", reload_pid, "Its process; needed where several run")
      ->check(CLI::PositiveNumber)
      ->option_text(" ");
  CLI::App& doctor =
      *app.add_subcommand("doctor", "Say what is wrong with a server, its proxy and this machine")
           ->group("Commands");
  doctor.footer(kDoctorFooter);
  doctor.allow_extras();
  doctor.set_help_flag("-h,--help", "Show this help");
  DoctorOptions examined;
  doctor.add_option("URL", examined.url, "As its users type it: https://cam.example.org")
      ->option_text(" ");
  doctor.add_option("--config", examined.config, "The server's file of options")
      ->option_text("FILE");
  doctor.add_option("--token", examined.access.token, "A key; safer in FRAMEWIRE_TOKEN")
      ->option_text("KEY");
  doctor.add_flag("--insecure", examined.access.insecure, "Take any certificate");
  doctor.add_option("--ca", examined.access.ca_file, "Trust the certificates in FILE")
      ->option_text("FILE");
  doctor.add_option("--cert", examined.access.cert_file, "The client certificate (PEM)")
      ->option_text("FILE");
  doctor.add_option("--cert-key", examined.access.cert_key, "Its key [in the file of --cert]")
      ->option_text("FILE");
  ClusterStatusOptions looked_at;
  CLI::App& cluster = add_cluster_command(app, looked_at);
  const MediaCommandLine media{app};
  const RenderCommandLine render{app};
  const TokenCommandLine token{app};
  std::string described;
  CLI::App& describing = *app.add_subcommand(kDescribe)->group("");
  describing.add_option("WHAT", described);

  if (argc < 2) return ShowText{app.help()};
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    if (serve.parsed()) show_everyday_only(serve);
    const CLI::App* asked = serve.parsed()     ? &serve
                            : bench.parsed()   ? &bench
                            : reload.parsed()  ? &reload
                            : doctor.parsed()  ? &doctor
                            : cluster.parsed() ? &cluster
                            : token.parsed()   ? token.parsed()
                            : render.parsed()  ? render.parsed()
                                               : media.parsed();
    return ShowText{(asked ? *asked : app).help()};
  } catch (const CLI::ParseError& error) {
    return UsageError{error.what()};
  }
  if (version) return ShowText{version_line()};
  if (describing.parsed()) return describe_request(app, described);
  if (const CLI::App* command = media.parsed()) {
    const std::string see = fmt::format("framewire {} --help", command->get_name());
    for (const CLI::App* part : {command, static_cast<const CLI::App*>(&app)})
      if (auto error = unknown_argument(*part, *command, see)) return *std::move(error);
    auto options = media.resolve(environment);
    if (!options) return UsageError{options.error()};
    return *std::move(options);
  }
  if (const CLI::App* command = render.parsed()) {
    for (const CLI::App* part : {command, static_cast<const CLI::App*>(&app)})
      if (auto error = unknown_argument(*part, *command, "framewire render --help"))
        return *std::move(error);
    auto options = render.resolve();
    if (!options) return UsageError{options.error()};
    return *std::move(options);
  }
  if (const CLI::App* command = token.parsed()) return token_request(token, *command, app);
  if (reload.parsed()) {
    for (const CLI::App* part : {&reload, &app})
      if (auto error = unknown_argument(*part, reload, "framewire reload --help"))
        return *std::move(error);
    return ReloadOptions{reload_pid > 0 ? std::optional{reload_pid} : std::nullopt};
  }
  if (doctor.parsed()) {
    for (const CLI::App* part : {&doctor, &app})
      if (auto error = unknown_argument(*part, doctor, "framewire doctor --help"))
        return *std::move(error);
    if (examined.access.token.empty())
      examined.access.token = environment("FRAMEWIRE_TOKEN").value_or("");
    return examined;
  }
  if (cluster.parsed()) {
    for (const CLI::App* part : {&cluster, &app})
      if (auto error = unknown_argument(*part, cluster, "framewire cluster --help"))
        return *std::move(error);
    if (auto wrong = complete(looked_at, environment); !wrong.empty()) return UsageError{wrong};
    return looked_at;
  }
  if (bench.parsed()) {
    for (CLI::App* part : {&bench, &app}) {
      if (auto error = unknown_argument(*part, bench, "framewire bench --help"))
        return *std::move(error);
    }
    return bench_request(bench);
  }
  if (serve.parsed() && all_of_them) return ShowText{serve.help()};
  if (!serve.parsed()) {
    const std::string word = app.remaining().empty() ? "" : app.remaining().front();
    if (word.starts_with('-') || word.empty()) {
      return unknown_argument(app, app, "framewire --help")
          .value_or(UsageError{"a command is missing"});
    }
    return UsageError{fmt::format("there is no command \"{}\"{}; see framewire --help", word,
                                  did_you_mean(word, command_names(app)))};
  }
  for (CLI::App* part : {&serve, &app}) {
    if (auto error = unknown_argument(*part, serve, "framewire serve --help-all"))
      return *std::move(error);
  }
  Flags flags = flags_of(serve);
  auto settings = resolve_serve_settings(flags, environment);
  if (!settings) return UsageError{settings.error()};
  return Serve{*std::move(settings), std::move(flags)};
}

int run(int argc, const char* const* argv) try {
  const Request request = parse_command_line(argc, argv, process_environment);
  if (const auto* show = std::get_if<ShowText>(&request)) {
    std::fputs(show->text.c_str(), stdout);
    return kExitDone;
  }
  if (const auto* error = std::get_if<UsageError>(&request)) {
    fmt::print(stderr, "framewire: {}\n", error->what);
    return kExitUsage;
  }
  if (const auto* load = std::get_if<Bench>(&request)) return bench::bench_command(load->options);
  if (const auto* media = std::get_if<MediaCommand>(&request)) return run_media_command(*media);
  if (const auto* render = std::get_if<RenderOptions>(&request)) return render_command(*render);
  if (const auto* token = std::get_if<TokenCommand>(&request)) return run_token_command(*token);
  if (const auto* reload = std::get_if<ReloadOptions>(&request)) return reload_command(*reload);
  if (const auto* look = std::get_if<ClusterStatusOptions>(&request))
    return cluster_status_command(*look);
  if (const auto* doctor = std::get_if<DoctorOptions>(&request))
    return doctor_command(*doctor, process_environment);
  for (const std::string& sentence : strange_variables(environ))
    fmt::print(stderr, "framewire: warning: {}\n", sentence);
  const Serve& serve = std::get<Serve>(request);
  return serve_command(serve.settings, serve.flags, process_environment);
} catch (const std::exception& error) {
  fmt::print(stderr, "framewire: {}\n", error.what());
  return kExitFailed;
}

}  // namespace framewire::cli
