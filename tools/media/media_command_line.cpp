#include "tools/media/media_command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "relay/tls/tls_files.h"
#include "tools/base/help_text.h"
#include "tools/base/option_values.h"

namespace framewire::cli {
namespace {

constexpr const char* kUrlText =
    "URL is http://HOST/publish/NAME, /live/NAME or /watch/NAME (https, ws and wss too), or a "
    "NAME\nalone for the server at http://127.0.0.1:8080.";

std::string footer_of(const char* examples) {
  return fmt::format("{}\n\n{}", kUrlText, examples);
}

CLI::Option& value(CLI::App& command, const char* name, std::string& to, const char* shape,
                   std::string help) {
  return *command.add_option(name, to, wrapped(std::move(help)))->option_text(shape);
}
CLI::Option& word(CLI::App& command, const char* name, std::string& to, const char* help) {
  return *command.add_option(name, to, help)->required()->option_text(" ");
}

constexpr const char* kPublishFooter =
    "  framewire publish film.mp4 cam\n"
    "  ffmpeg -f v4l2 -i /dev/video0 -f webm - | framewire publish - http://host:8080/publish/cam";
constexpr const char* kWatchFooter =
    "  framewire watch cam | ffplay -\n"
    "  framewire watch http://host:8080/live/cam.ts -o cam.ts --time 1m";
constexpr const char* kRecordFooter =
    "  framewire record cam cam.mp4\n\n"
    "SIGINT (Ctrl-C) ends the recording in good order. Until then it grows as FILE.part, which is\n"
    "kept if the file cannot be finished. A publisher that begins anew begins the next file:\n"
    "cam-2.mp4, cam-3.mp4. No file that is there is written over without --force.";
constexpr const char* kRemuxFooter =
    "  framewire remux cam.webm cam.mkv\n\n"
    "Packets stay as they are; the file becomes seekable. Both files are .webm .mkv .mp4 .flv .ts "
    "or .ogg.";
constexpr const char* kVerifyFooter =
    "  framewire verify film.webm\n"
    "  framewire verify cam --time 30s --json\n\n"
    "Reads and decodes all of it. Faults are: bytes that break the container, packets that do not\n"
    "decode, times that go back, keyframes that are none, gaps, drift. Exit code: 0 no faults, 1 "
    "faults.";

}  // namespace

struct MediaCommandLine::Words {
  std::string from;
  std::string to;
  std::string out = "-";
  std::string token;
  std::string ca_file;
  std::string cert;
  std::string cert_key;
  std::string retry = format_duration(kDefaultRetry);
  std::string wait = "0s";
  std::string time;
  std::string max_gap = "1s";
  std::string max_drift = "250ms";
  double fps = kDefaultPictureFps;
  bool insecure = false;
  bool quiet = false;
  bool fast = false;
  bool json = false;
  bool force = false;
  bool loop = false;
  bool record = false;
  std::string title;
  std::string transport = "auto";
};

MediaCommandLine::MediaCommandLine(CLI::App& app) : words_(std::make_unique<Words>()) {
  Words& w = *words_;

  CLI::App& publish =
      add(app, "publish", "Send a file, or stdin, as a live stream", kPublishFooter);
  word(publish, "FILE", w.from, "What to send; - is stdin");
  word(publish, "URL", w.to, "Where to");
  publish.add_flag("--fast", w.fast, "As fast as the server takes it, not at its own times");
  publish.add_option("--fps", w.fps, "Pictures a second, of a file of pictures [25]")
      ->check(CLI::Range(0.01, 1000.0))
      ->option_text("NUMBER");
  publish.add_flag("--loop", w.loop, "Begin again at its end, until Ctrl-C");
  value(publish, "--title", w.title, "TEXT", "What the stream is called in lists and pages");
  publish.add_flag("--record", w.record, "Ask the server to record it");
  value(publish, "--transport", w.transport, "auto|body|posts",
        "How it gets there: body, one request without an end; posts, short ones, through proxies "
        "that hold a long one back; auto, what gets through [auto]")
      .group("Connection");
  add_remote(publish);

  CLI::App& watch = add(app, "watch", "Write a live stream to a file or stdout", kWatchFooter);
  word(watch, "URL", w.from, "What to watch");
  value(watch, "-o,--out", w.out, "FILE", "Where to write [-, that is stdout]");
  value(watch, "--wait", w.wait, "TIME", "Wait that long for a publisher, at most 60s [0s]");
  value(watch, "--time", w.time, "TIME", "Stop after that long [when the stream ends]");
  watch.add_flag("--force", w.force, "Write over FILE if it is there");
  add_remote(watch);

  CLI::App& record = add(app, "record", "Write a live stream to a seekable file", kRecordFooter);
  word(record, "URL", w.from, "What to record");
  word(record, "FILE", w.to, "Such as out.mp4; its ending says the container");
  value(record, "--wait", w.wait, "TIME", "Wait that long for a publisher, at most 60s [0s]");
  value(record, "--time", w.time, "TIME", "Stop after that long [when the stream ends]");
  record.add_flag("--force", w.force, "Write over FILE if it is there");
  add_remote(record);

  CLI::App& remux = add(app, "remux", "Put a file into another container", kRemuxFooter);
  word(remux, "IN", w.from, "The file to read");
  word(remux, "OUT", w.to, "The file to write");
  remux.add_flag("--force", w.force, "Write over OUT if it is there");

  CLI::App& verify =
      add(app, "verify", "Decode a file or stream and report its faults", kVerifyFooter);
  word(verify, "FILE|URL", w.from, "What to look through");
  value(verify, "--time", w.time, "TIME", "Of a stream, that much [10s]");
  value(verify, "--max-gap", w.max_gap, "TIME", "A longer gap is a fault [1s]");
  value(verify, "--max-drift", w.max_drift, "TIME",
        "More between sound and picture is a fault [250ms]");
  verify.add_flag("--json", w.json, "Print JSON");
  add_remote(verify);
}

MediaCommandLine::~MediaCommandLine() = default;

CLI::App& MediaCommandLine::add(CLI::App& app, const char* name, const char* about,
                                const char* footer) {
  CLI::App& command = *app.add_subcommand(name, about)->group("Commands");
  const bool local = std::string_view{name} == "remux";
  command.footer(local ? footer : footer_of(footer));
  command.set_help_flag("-h,--help", "Show this help");
  command.allow_extras();
  commands_.push_back(&command);
  return command;
}

void MediaCommandLine::add_remote(CLI::App& command) {
  Words& w = *words_;
  const char* const group = "Connection";
  value(
      command, "--token", w.token, "KEY",
      "The key, if the server wants one; better in FRAMEWIRE_TOKEN, for a command line can be seen")
      .group(group);
  value(command, "--ca", w.ca_file, "FILE", "Trust the certificates in FILE").group(group);
  value(command, "--cert", w.cert, "FILE",
        "The client certificate (PEM), where the server asks for one")
      .group(group);
  value(command, "--cert-key", w.cert_key, "FILE",
        "Its key (PEM, no passphrase) [in the file of --cert]")
      .group(group);
  command.add_flag("--insecure", w.insecure, "Take any certificate")->group(group);
  value(command, "--retry", w.retry, "TIME", "For how long to try again when it is lost [30s]")
      .group(group);
  command.add_flag("--quiet", w.quiet, "No progress line")->group(group);
}

CLI::App* MediaCommandLine::parsed() const {
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [](const CLI::App* command) { return command->parsed(); });
  return found == commands_.end() ? nullptr : *found;
}

namespace {

template <class T>
Parsed<T> named(const char* option, Parsed<T> value) {
  if (value) return value;
  return tl::make_unexpected(fmt::format("{}: {}", option, value.error()));
}

Parsed<Transport> parse_transport(std::string_view text) {
  if (text == "auto") return Transport::by_itself;
  if (text == "body") return Transport::body;
  if (text == "posts") return Transport::posts;
  return tl::make_unexpected(std::string{"it is auto, body or posts"});
}

}  // namespace

Parsed<Remote> MediaCommandLine::remote(const Environment& environment) const {
  const Words& w = *words_;
  const bool publishes = parsed()->get_name() == "publish";
  auto url = named("URL", parse_live_url(publishes ? w.to : w.from, publishes));
  if (!url) return tl::make_unexpected(url.error());
  const auto retry = named("--retry", parse_duration(w.retry));
  if (!retry) return tl::make_unexpected(retry.error());
  std::string token = w.token.empty() ? environment("FRAMEWIRE_TOKEN").value_or("") : w.token;
  if (w.cert.empty() && !w.cert_key.empty())
    return tl::make_unexpected(std::string{"--cert-key is the key of --cert FILE: give both"});
  if (!w.cert.empty()) {
    if (!url->origin.starts_with("https:"))
      return tl::make_unexpected(
          fmt::format("--cert is shown to https: only, and not to {}", url->origin));
    const auto good = relay::check_tls_files(w.cert, w.cert_key.empty() ? w.cert : w.cert_key);
    if (!good) return tl::make_unexpected("--cert: " + good.error().what);
  }
  return Remote{*std::move(url),
                {std::move(token), w.insecure, w.ca_file, w.cert, w.cert_key},
                *retry,
                w.quiet};
}

Parsed<MediaCommand> MediaCommandLine::resolve(const Environment& environment) const {
  const Words& w = *words_;
  const std::string name = parsed()->get_name();
  if (name == "remux") return RemuxOptions{w.from, w.to, w.force};

  const auto time = w.time.empty() ? Parsed<std::chrono::milliseconds>{0}
                                   : named("--time", parse_duration(w.time));
  if (!time) return tl::make_unexpected(time.error());
  if (name == "verify") {
    VerifyOptions out;
    out.target = w.from;
    out.json = w.json;
    if (time->count() > 0) out.time = *time;
    const auto gap = named("--max-gap", parse_duration(w.max_gap));
    const auto drift = named("--max-drift", parse_duration(w.max_drift));
    if (!gap) return tl::make_unexpected(gap.error());
    if (!drift) return tl::make_unexpected(drift.error());
    out.max_gap = *gap;
    out.max_drift = *drift;
    // A name without a dot may be a stream's.
    const bool url = w.from.find("://") != std::string::npos;
    if (!url && (std::filesystem::exists(w.from) || w.from.starts_with('/') ||
                 w.from.find('.') != std::string::npos))
      return out;
    auto from = remote(environment);
    if (!from) return tl::make_unexpected(from.error());
    out.from = *std::move(from);
    return out;
  }

  auto other = remote(environment);
  if (!other) return tl::make_unexpected(other.error());
  if (name == "publish") {
    if (w.loop && w.from == "-") return tl::make_unexpected("--loop: stdin cannot begin again");
    const auto transport = named("--transport", parse_transport(w.transport));
    if (!transport) return tl::make_unexpected(transport.error());
    return PublishOptions{w.from, *std::move(other), *transport, !w.fast, w.fps,
                          w.loop, w.title,           w.record};
  }
  const auto wait = named("--wait", parse_duration(w.wait));
  if (!wait) return tl::make_unexpected(wait.error());
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait);
  if (name == "watch") return WatchOptions{*std::move(other), w.out, seconds, *time, w.force};
  return RecordOptions{*std::move(other), w.to, seconds, *time, w.force};
}

int run_media_command(const MediaCommand& command) {
  struct Run {
    int operator()(const PublishOptions& options) { return publish_command(options); }
    int operator()(const WatchOptions& options) { return watch_command(options); }
    int operator()(const RecordOptions& options) { return record_command(options); }
    int operator()(const RemuxOptions& options) { return remux_command(options); }
    int operator()(const VerifyOptions& options) { return verify_command(options); }
  };
  return std::visit(Run{}, command);
}

}  // namespace framewire::cli
