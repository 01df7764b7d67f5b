#include "tools/bench/bench_worker.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace framewire::bench {
namespace {

constexpr std::size_t kScratch = 64u << 10;
constexpr std::size_t kConnectingMost = 32;  // at a time: below any accept queue
constexpr std::size_t kChurningMost = 256;
constexpr std::uint64_t kTickNs = 10'000'000;
constexpr std::size_t kFailuresKept = 5;

// Connects as a viewer, says goodbye, and leaves.
class Churner final : public Client {
 public:
  Churner(Shared& shared, int epoll, ChurnCounts& counts)
      : Client(shared, epoll), counts_(counts) {}
  void connect() { start(fmt::format("/live/{}-0", shared_.options.stream), Wire::bare); }

 private:
  void on_open() override {
    counts_.opened.add();
    counts_.connect.add(connect_ns());
    send_control(WsOpcode::close, {});
    drop("left");
  }
  void on_bytes(Bytes) override {}
  void on_readable() override {}

  ChurnCounts& counts_;
};

// The first of a stream's viewers are the slow and the stalled ones.
Viewer::Kind kind_of(const Options& options, unsigned viewer) {
  const auto slow = static_cast<unsigned>(std::lround(options.slow_share * options.viewers));
  const auto stalled = static_cast<unsigned>(std::lround(options.stalled_share * options.viewers));
  if (viewer < slow) return Viewer::Kind::slow;
  return viewer < slow + stalled ? Viewer::Kind::stalled : Viewer::Kind::good;
}

}  // namespace

Worker::Worker(Shared& shared, unsigned index)
    : shared_(shared), index_(index), epoll_(epoll_create1(EPOLL_CLOEXEC)), scratch_(kScratch) {
  const Options& options = shared_.options;
  for (unsigned stream = 0; stream < options.streams; ++stream) {
    if (options.rate > 0 || options.closed_loop) {
      if (stream % options.threads == index_)
        publishers_.push_back(
            std::make_unique<Publisher>(shared_, epoll_, stream, publisher_counts_));
    }
    for (unsigned viewer = 0; viewer < options.viewers; ++viewer) {
      if ((stream + viewer) % options.threads != index_) continue;
      viewers_.push_back(std::make_unique<Viewer>(shared_, epoll_, stream, kind_of(options, viewer),
                                                  viewer_counts_, scratch_));
    }
  }
}

Worker::~Worker() {
  ::close(epoll_);
}

void Worker::note_failure(const std::string& why) {
  if (failures_.size() < kFailuresKept) failures_.push_back(why);
}

// A few at a time: viewers first, then publishers.
void Worker::connect_more() {
  std::erase_if(connecting_, [&](Client* client) {
    if (client->state() == Client::State::closed) note_failure(client->ended());
    return client->state() == Client::State::open || client->state() == Client::State::closed;
  });
  while (connecting_.size() < kConnectingMost && next_connect_ < viewers_.size()) {
    viewers_[next_connect_]->connect();
    connecting_.push_back(viewers_[next_connect_++].get());
  }
  while (next_connect_ >= viewers_.size() && connecting_.size() < kConnectingMost &&
         next_connect_ < viewers_.size() + publishers_.size()) {
    Publisher& publisher = *publishers_[next_connect_++ - viewers_.size()];
    publisher.connect();
    connecting_.push_back(&publisher);
  }
  if (connecting_.empty()) connected_ = true;
}

void Worker::pump(std::uint64_t now_ns) {
  if (!publishing_) {
    publishing_ = true;
    for (auto& publisher : publishers_) publisher->begin(now_ns);
  }
  const bool closed_loop = shared_.options.closed_loop;
  if (!closed_loop && now_ns < next_due_ns_) return;
  next_due_ns_ = now_ns + kTickNs;
  for (auto& publisher : publishers_)
    next_due_ns_ = std::min(next_due_ns_, publisher->pump(now_ns));
}

void Worker::tick(std::uint64_t now_ns) {
  if (now_ns - ticked_ns_ < kTickNs) return;
  if (shared_.options.slow_share > 0)
    for (auto& viewer : viewers_) viewer->tick(now_ns);
  if (shared_.options.churn > 0 && ticked_ns_ != 0 && publishing_) churn(now_ns);
  ticked_ns_ = now_ns;
}

void Worker::churn(std::uint64_t now_ns) {
  std::erase_if(churning_, [&](const std::unique_ptr<Client>& client) {
    if (client->state() == Client::State::closed && client->ended() != "left") {
      churn_counts_.failed.add();
      note_failure("churn: " + client->ended());
    }
    return client->state() == Client::State::closed;
  });
  const double rate = shared_.options.churn / shared_.options.threads;
  churn_owed_ += rate * static_cast<double>(now_ns - ticked_ns_) / 1e9;
  churn_owed_ = std::min(churn_owed_, static_cast<double>(kChurningMost));
  for (; churn_owed_ >= 1 && churning_.size() < kChurningMost; churn_owed_ -= 1) {
    auto client = std::make_unique<Churner>(shared_, epoll_, churn_counts_);
    client->connect();
    churning_.push_back(std::move(client));
  }
}

void Worker::run() {
  std::array<epoll_event, 256> events{};
  for (Phase phase = Phase::connecting; phase != Phase::over; phase = shared_.phase.load()) {
    std::uint64_t now_ns = steady_ns();
    std::uint64_t wait_ns = kTickNs;
    if (phase == Phase::publishing && publishing_)
      wait_ns = next_due_ns_ > now_ns ? std::min(kTickNs, next_due_ns_ - now_ns) : 0;
    const timespec timeout{0, static_cast<long>(wait_ns)};
    const int count =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i)
      static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr)
          ->on_event(events[static_cast<std::size_t>(i)].events);
    now_ns = steady_ns();
    if (!is_connected()) connect_more();
    if (phase == Phase::publishing) {
      pump(now_ns);
      if (shared_.options.closed_loop) next_due_ns_ = now_ns + kTickNs;
    }
    tick(now_ns);
  }
  for (auto& viewer : viewers_)
    if (viewer->state() == Client::State::closed) note_failure(viewer->ended());
  for (auto& publisher : publishers_) {
    if (publisher->state() == Client::State::closed) note_failure(publisher->ended());
    publisher->say_goodbye();
  }
}

}  // namespace framewire::bench
