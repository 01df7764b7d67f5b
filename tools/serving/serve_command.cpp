#include "tools/serving/serve_command.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "relay/access/machine_addresses.h"
#include "relay/server/memory_reserve.h"
#include "relay/server/server.h"
#include "relay/tls/tls_files.h"
#include "relay/tls/tls_self_signed.h"
#include "tools/base/exit_codes.h"
#include "tools/serving/ban_file.h"
#include "tools/serving/hook_source.h"
#include "tools/serving/key_source.h"
#include "tools/serving/reloader.h"
#include "tools/serving/secret_files.h"
#include "tools/serving/upload_start.h"
#include "tools/serving/webhook_start.h"

namespace framewire::cli {
namespace {

using relay::Config;
using relay::Server;

constexpr std::size_t kLogQueue = 8192;  // lines
constexpr int kExitBySignal = 130;

// A line of the log as a JSON object, for programs that read it.
class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& to) override {
    using namespace std::chrono;
    const auto since = line.time.time_since_epoch();
    const auto level = spdlog::level::to_string_view(line.level);
    nlohmann::ordered_json object;
    object["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                                 fmt::gmtime(duration_cast<seconds>(since).count()),
                                 duration_cast<milliseconds>(since).count() % 1000);
    object["level"] = std::string{level.data(), level.size()};
    object["message"] = std::string{line.payload.data(), line.payload.size()};
    // What strangers call themselves need not be UTF-8.
    const std::string text =
        object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    to.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

// The default logger for as long as the object lives; the end writes what is queued.
class AsyncLog {
 public:
  AsyncLog(const std::string& level, const std::string& format) {
    spdlog::init_thread_pool(kLogQueue, 1);
    // The non-blocking kind: overrun_oldest.
    spdlog::set_default_logger(
        spdlog::create_async_nb<spdlog::sinks::stderr_color_sink_mt>("framewire"));
    if (format == "json")
      spdlog::set_formatter(std::make_unique<JsonLines>());
    else
      spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    spdlog::set_level(spdlog::level::from_str(level));
  }
  ~AsyncLog() { spdlog::shutdown(); }
  AsyncLog(const AsyncLog&) = delete;
  AsyncLog& operator=(const AsyncLog&) = delete;
};

sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGUSR1);  // the API has handed something in
  return signals;
}

// Before any thread is started, so that all inherit it: these signals only reach SignalThread.
void block_signals() {
  const sigset_t signals = awaited_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// Waits for signals on a thread of its own: SIGHUP reloads; the first that stops drains the server,
// the second ends the process. Between them it looks at certificate and keys.
class SignalThread {
 public:
  SignalThread(Server& server, Reloader& reloader)
      : desk_(server.config_desk()),
        thread_([this, &server, &reloader] { wait_for_signals(server, reloader); }) {
    desk_.serve([thread = thread_.native_handle()] { pthread_kill(thread, SIGUSR1); });
  }
  ~SignalThread() {
    desk_.serve({});
    finished_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void wait_for_signals(Server& server, Reloader& reloader) {
    const sigset_t signals = awaited_signals();
    const timespec look_every{1, 0};
    for (bool draining = false;;) {
      const int signal = sigtimedwait(&signals, nullptr, &look_every);
      if (finished_) return;
      if (signal == SIGHUP && !terminal_went()) {
        reloader.reload();
      } else if (signal == SIGUSR1) {
        reloader.take_orders();
      } else if (signal < 0) {
        reloader.look_at_files();
      } else {
        if (std::exchange(draining, true)) std::_Exit(kExitBySignal);
        spdlog::info("ends: all are told to come back");
        server.drain();
      }
    }
  }

  // A window that is closed says SIGHUP too, and means the end.
  bool terminal_went() const { return had_terminal_ && isatty(STDERR_FILENO) == 0; }

  relay::ConfigDesk& desk_;
  const bool had_terminal_ = isatty(STDERR_FILENO) == 1;
  std::atomic<bool> finished_ = false;
  std::thread thread_;  // the last member: it uses the others
};

// A viewer is a file descriptor: as many as the system lets us have.
void raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < wanted) {
    spdlog::warn("the system allows {} open files, fewer than --max-viewers {} (ulimit -n)",
                 limit.rlim_max, wanted);
  }
}

// Where a program keeps what it should find again; empty: nowhere. Source: systemd.exec(5),
// StateDirectory=; the XDG base directory specification.
std::filesystem::path state_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::filesystem::path{value ? value : ""};
  };
  if (const auto given = variable("STATE_DIRECTORY"); !given.empty()) return given;
  if (const auto given = variable("XDG_STATE_HOME"); given.is_absolute())
    return given / "framewire";
  if (const auto home = variable("HOME"); home.is_absolute())
    return home / ".local" / "state" / "framewire";
  return {};
}

// Only one that is this server's: several of a user share the others.
std::string ban_folder(const Config& config) {
  const char* const service = std::getenv("STATE_DIRECTORY");
  return config.state_dir.empty() && service ? service : config.state_dir;
}

Result<relay::SelfSignedCertificate> self_signed_for(const std::string& host) {
  std::vector<std::string> hosts{host};
  if (is_wildcard(host)) {
    hosts = relay::machine_addresses();
    const auto names = relay::machine_names();
    hosts.insert(hosts.end(), names.begin(), names.end());
  }
  const std::filesystem::path folder = state_folder();
  if (folder.empty()) return relay::SelfSignedCertificate::make(host);
  auto kept = relay::SelfSignedCertificate::kept_in(folder, hosts);
  if (kept) return kept;
  spdlog::warn("{}; it lasts until the server ends", kept.error().what);
  return relay::SelfSignedCertificate::make(host);
}

// So that a recording does not fail hours later. Made if it is not there, as the recorder would.
Result<void> check_record_dir(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) {
    std::string file = folder + "/.framewire-XXXXXX";
    const int descriptor = ::mkostemp(file.data(), O_CLOEXEC);
    if (descriptor >= 0) {
      ::close(descriptor);
      ::unlink(file.c_str());
      return {};
    }
    error = {errno, std::generic_category()};
  }
  return fail(Errc::refused, fmt::format("--record-dir {}: {}", folder, error.message()));
}

Result<std::optional<relay::SelfSignedCertificate>> prepare_tls(Config& config) {
  std::optional<relay::SelfSignedCertificate> made;
  if (config.tls_self_signed) {
    auto certificate = self_signed_for(config.host);
    if (!certificate) return tl::make_unexpected(certificate.error());
    config.tls_cert = certificate->cert_path();
    config.tls_key = certificate->key_path();
    spdlog::info("self-signed certificate, SHA-256 fingerprint {}", certificate->fingerprint());
    made = *std::move(certificate);
  } else if (!config.tls_cert.empty()) {
    if (auto checked = relay::check_tls_files(config.tls_cert, config.tls_key); !checked) {
      return tl::make_unexpected(checked.error());
    }
  }
  return made;
}

Result<std::unique_ptr<Server>> start(Config config) {
  // The files of a certificate made here are read while the server starts, and are gone once it
  // runs.
  const auto certificate = prepare_tls(config);
  if (!certificate) return tl::make_unexpected(certificate.error());
  return relay::start_server(config);
}

void announce(const Server& server, const Config& config) {
  const bool tls = config.tls_self_signed || !config.tls_cert.empty();
  const std::string host = !is_wildcard(config.host)                    ? config.host
                           : config.host.find(':') == std::string::npos ? "127.0.0.1"
                                                                        : "::1";
  const std::string page =
      fmt::format("{}://{}", tls ? "https" : "http", format_address({host, server.port()}));
  fmt::print("framewire listening on {}\n", server.url());
  fmt::print("go live at {0}/publish/cam, watch at {0}/watch/cam\n", page);
  if (is_wildcard(config.host)) {
    for (const std::string& address : relay::machine_addresses())
      fmt::print("from other machines: {}://{}/watch/cam\n", tls ? "https" : "http",
                 format_address({address, server.port()}));
  }
  std::fflush(stdout);
  if (config.render && ::geteuid() == 0)
    spdlog::warn(
        "--render: this server runs as root, for which Chromium has no sandbox: give it a user of "
        "its own, or make films only of pages that you trust");
  if (!tls && !is_loopback(config.host)) {
    spdlog::warn(
        "without TLS browsers give their camera only to pages of this machine "
        "(--tls-cert and --tls-key, --tls-self-signed, or a proxy that ends TLS)");
  }
}

}  // namespace

int serve_command(ServeSettings settings, const Flags& flags, const Environment& environment) {
  relay::MemoryReserve::install();
  block_signals();
  const AsyncLog log(settings.log_level, settings.log_format);
  raise_descriptor_limit(settings.config.max_viewers);
  if (const std::string& folder = settings.config.record_dir; !folder.empty())
    if (const auto writable = check_record_dir(folder); !writable) {
      fmt::print(stderr, "framewire: {}\n", writable.error().what);
      return kExitDisk;
    }
  if (const auto read = read_secret_files(settings.config); !read) {
    fmt::print(stderr, "framewire: {}\n", read.error().what);
    return kExitFailed;
  }
  KeySource keys;
  auto first_keys = keys.read(settings.config);
  if (!first_keys) {
    fmt::print(stderr, "framewire: {}\n", first_keys.error().what);
    return kExitFailed;
  }
  keys.use(*std::move(first_keys), settings.config);
  HookSource hook;
  hook.use(settings.config);
  auto webhook = start_webhook(settings.config, state_folder());
  if (!webhook) {
    fmt::print(stderr, "framewire: {}\n", webhook.error().what);
    return kExitFailed;
  }
  settings.config.event_sink = *std::move(webhook);
  auto uploads = start_uploads(settings.config, environment);
  if (!uploads) {
    fmt::print(stderr, "framewire: {}\n", uploads.error().what);
    return kExitFailed;
  }
  settings.config.uploads = *std::move(uploads);
  const auto server = start(settings.config);
  if (!server) {
    fmt::print(stderr, "framewire: {}\n", server.error().what);
    return kExitFailed;
  }
  announce(**server, settings.config);
  spdlog::info("framewire {} serves at {}, process {}", FRAMEWIRE_VERSION, (*server)->url(),
               getpid());
  const BanFile bans{ban_folder(settings.config)};
  if (const auto read = bans.read((*server)->bans()); !read)
    spdlog::error("{}: the bans that were made by the API are lost, as far as they follow",
                  read.error().what);
  Reloader reloader(**server, settings, flags, environment, keys, hook, bans);
  const SignalThread signals(**server, reloader);
  const int code = (*server)->wait();
  // What the server and the reloader still hold of it goes with them, before the log does.
  settings.config.event_sink.reset();
  settings.config.uploads.reset();
  spdlog::info("ended");
  return code;
}

}  // namespace framewire::cli
