#include "tools/bench/bench_run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

#include "tools/bench/bench_process.h"
#include "tools/bench/bench_worker.h"

namespace framewire::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Workers = std::vector<std::unique_ptr<Worker>>;

constexpr auto kConnectTimeout = 60s;
constexpr auto kDrainMost = 5s;
constexpr auto kDrainQuiet = 300ms;  // nothing came for so long: nothing more will
constexpr auto kIdleSettle = 500ms;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

template <class F>
std::uint64_t sum(const Workers& workers, F&& of) {
  std::uint64_t total = 0;
  for (const auto& worker : workers) total += of(*worker).get();
  return total;
}

std::uint64_t messages_of(const Workers& workers) {
  return sum(
             workers, [](const Worker& w) -> auto& { return w.viewer_counts().messages; }) +
         sum(
             workers, [](const Worker& w) -> auto& { return w.viewer_counts().misfit_messages; });
}

std::uint64_t bytes_of(const Workers& workers) {
  return sum(
             workers, [](const Worker& w) -> auto& { return w.viewer_counts().bytes; }) +
         sum(
             workers, [](const Worker& w) -> auto& { return w.viewer_counts().misfit_bytes; });
}

std::uint64_t churned_of(const Workers& workers) {
  return sum(
      workers, [](const Worker& w) -> auto& { return w.churn_counts().opened; });
}

bool all_connected(const Workers& workers) {
  return std::all_of(workers.begin(), workers.end(),
                     [](const auto& worker) { return worker->is_connected(); });
}

class Run {
 public:
  explicit Run(const Options& options) : shared_(options), pid_(options.server_pid) {
    for (unsigned stream = 0; stream < options.streams; ++stream)
      shared_.streams[stream].start(options, good_viewers());
    for (unsigned i = 0; i < options.threads; ++i)
      workers_.push_back(std::make_unique<Worker>(shared_, i));
    results_.load_before = load_average();
    results_.rss_before = rss();
    results_.tcp_before = tcp_memory_bytes();
    for (auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
  }
  ~Run() { stop(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<Results> result() {
    if (auto connected = connect(); !connected) return tl::make_unexpected(connected.error());
    shared_.phase = Phase::publishing;
    std::this_thread::sleep_for(shared_.options.warm_up);
    measure();
    shared_.phase = Phase::draining;
    drain();
    results_.rss_after = rss();
    results_.tcp_after = tcp_memory_bytes();
    stop();
    collect();
    return std::move(results_);
  }

 private:
  unsigned good_viewers() const {
    const Options& o = shared_.options;
    return o.viewers - static_cast<unsigned>(std::lround(o.slow_share * o.viewers)) -
           static_cast<unsigned>(std::lround(o.stalled_share * o.viewers));
  }
  std::uint64_t rss() const { return pid_ != 0 ? rss_bytes(pid_) : 0; }
  double server_cpu() const { return pid_ != 0 ? cpu_seconds(pid_) : 0; }

  Result<void> connect() {
    const auto start = Clock::now();
    const double cpu = server_cpu();
    while (!all_connected(workers_) && Clock::now() - start < kConnectTimeout)
      std::this_thread::sleep_for(5ms);
    results_.connect_seconds = seconds_since(start);
    if (!all_connected(workers_))
      return fail(Errc::refused, "not all connections were opened within 60 s");
    std::this_thread::sleep_for(kIdleSettle);
    results_.connect_server_cpu_s = server_cpu() - cpu;
    results_.rss_connected = rss();
    results_.tcp_connected = tcp_memory_bytes();
    const auto opened = sum(
        workers_, [](const Worker& w) -> auto& { return w.publisher_counts().opened; });
    const bool publish = shared_.options.rate > 0 || shared_.options.closed_loop;
    if (publish && opened != shared_.options.streams) return refused("a publisher was not let in");
    const auto viewers = sum(
        workers_, [](const Worker& w) -> auto& { return w.viewer_counts().opened; });
    if (viewers == 0 && shared_.options.viewers != 0) return refused("no viewer was let in");
    return {};
  }

  tl::unexpected<Error> refused(std::string_view what) {
    stop();
    for (const auto& worker : workers_)
      if (!worker->failures().empty())
        return fail(Errc::refused, fmt::format("{}: {}", what, worker->failures().front()));
    return fail(Errc::refused, std::string{what});
  }

  void measure() {
    const auto start = Clock::now();
    shared_.measure_from = steady_ns();
    const std::uint64_t messages = messages_of(workers_), bytes = bytes_of(workers_);
    const std::uint64_t churned = churned_of(workers_);
    const double cpu = server_cpu(), own = own_cpu_seconds();
    while (Clock::now() - start < shared_.options.duration) {
      std::this_thread::sleep_for(
          std::min<Clock::duration>(100ms, shared_.options.duration - (Clock::now() - start)));
      results_.rss_most = std::max(results_.rss_most, rss());
    }
    results_.delivered_messages = messages_of(workers_) - messages;
    results_.delivered_bytes = bytes_of(workers_) - bytes;
    results_.churned = churned_of(workers_) - churned;
    results_.server_cpu_s = server_cpu() - cpu;
    results_.generator_cpu_s = own_cpu_seconds() - own;
    results_.seconds = seconds_since(start);
    shared_.measure_until = steady_ns();
  }

  void drain() {
    const auto start = Clock::now();
    auto changed = start;
    for (std::uint64_t before = messages_of(workers_);
         Clock::now() - start < kDrainMost && Clock::now() - changed < kDrainQuiet;) {
      std::this_thread::sleep_for(20ms);
      const std::uint64_t now = messages_of(workers_);
      if (now != before) changed = Clock::now();
      before = now;
    }
  }

  void stop() {
    shared_.phase = Phase::over;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void collect() {
    Results& r = results_;
    for (const auto& worker : workers_) {
      const ViewerCounts& viewers = worker->viewer_counts();
      r.out_of_order += viewers.out_of_order.get();
      r.skips_told += viewers.skips_told.get();
      r.broken += viewers.broken.get();
      r.viewers_opened += viewers.opened.get();
      r.viewers_failed += worker->viewers().size() - viewers.opened.get();
      r.viewers_closed += viewers.closed_by_server.get();
      r.misfit_messages += viewers.misfit_messages.get();
      r.misfit_bytes += viewers.misfit_bytes.get();
      r.delay.merge(viewers.delay);
      r.misfit_delay.merge(viewers.misfit_delay);
      r.connect.merge(viewers.connect);
      r.publishers_closed += worker->publisher_counts().closed_by_server.get();
      r.published += worker->publisher_counts().messages.get();
      r.late.merge(worker->publisher_counts().late);
      r.churn_failed += worker->churn_counts().failed.get();
      r.churn_connect.merge(worker->churn_counts().connect);
      r.failures.insert(r.failures.end(), worker->failures().begin(), worker->failures().end());
      for (const auto& viewer : worker->viewers()) {
        if (viewer->kind() != Viewer::Kind::good) {
          ++r.misfits;
          continue;
        }
        r.expected += viewer->expected(shared_.streams[viewer->stream()].published());
        r.received += viewer->received();
      }
    }
    r.lost = r.expected - r.received;
    r.load_after = load_average();
  }

  Shared shared_;
  const pid_t pid_;
  Workers workers_;
  std::vector<std::thread> threads_;
  Results results_;
};

}  // namespace

Result<Results> run(const Options& options) {
  raise_descriptor_limit();
  if (options.server_pid != 0 && !process_exists(options.server_pid))
    return fail(Errc::refused, fmt::format("there is no process {}", options.server_pid));
  const auto run = std::make_unique<Run>(options);
  return run->result();
}

}  // namespace framewire::bench
