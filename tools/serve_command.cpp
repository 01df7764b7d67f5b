#include "tools/serve_command.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "relay/server/memory_reserve.h"
#include "relay/server/server.h"
#include "relay/tls_files.h"
#include "relay/tls_self_signed.h"

namespace framewire::cli {
namespace {

using relay::Config;
using relay::Server;

constexpr std::size_t kLogQueue = 8192;  // lines
constexpr int kExitBySignal = 130;

// The default logger for as long as the object lives; the end writes what is queued.
class AsyncLog {
 public:
  explicit AsyncLog(const std::string& level) {
    spdlog::init_thread_pool(kLogQueue, 1);
    // The non-blocking kind: overrun_oldest.
    spdlog::set_default_logger(
        spdlog::create_async_nb<spdlog::sinks::stderr_color_sink_mt>("framewire"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    spdlog::set_level(spdlog::level::from_str(level));
  }
  ~AsyncLog() { spdlog::shutdown(); }
  AsyncLog(const AsyncLog&) = delete;
  AsyncLog& operator=(const AsyncLog&) = delete;
};

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Before any thread is started, so that all inherit it: stop signals only reach SignalThread.
void block_signals() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// Waits for stop signals on a thread of its own: the first drains the server, the second ends the
// process.
class SignalThread {
 public:
  explicit SignalThread(Server& server) : thread_([this, &server] { wait_for_signals(server); }) {}
  ~SignalThread() {
    finished_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void wait_for_signals(Server& server) {
    const sigset_t signals = stop_signals();
    for (bool draining = false;; draining = true) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (finished_) return;
      if (draining) std::_Exit(kExitBySignal);
      server.drain();
    }
  }

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

Result<std::optional<relay::SelfSignedCertificate>> prepare_tls(Config& config) {
  std::optional<relay::SelfSignedCertificate> made;
  if (config.tls_self_signed) {
    auto certificate = relay::SelfSignedCertificate::make(config.host);
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
  std::fflush(stdout);
  if (!tls && !is_loopback(config.host)) {
    spdlog::warn(
        "without TLS browsers give their camera only to pages of this machine "
        "(--tls-cert and --tls-key, --tls-self-signed, or a proxy that ends TLS)");
  }
}

}  // namespace

int serve_command(const ServeSettings& settings) {
  relay::MemoryReserve::install();
  block_signals();
  const AsyncLog log(settings.log_level);
  raise_descriptor_limit(settings.config.max_viewers);
  const auto server = start(settings.config);
  if (!server) {
    fmt::print(stderr, "framewire: {}\n", server.error().what);
    return 1;
  }
  announce(**server, settings.config);
  const SignalThread signals(**server);
  return (*server)->wait();
}

}  // namespace framewire::cli
