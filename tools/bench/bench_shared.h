// What the threads of one run share: the phase, and how far each stream is.
//
//   connecting -> publishing (warm-up, then [measure_from, measure_until)) -> draining -> over
//
// Thread: any, through atomics. Counts: written by one worker, read by the main thread.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "tools/bench/bench_options.h"
#include "tools/bench/bench_socket.h"

namespace framewire::bench {

enum class Phase : std::uint8_t { connecting, publishing, draining, over };

// A count with one writer: cheaper than an atomic addition.
class Count {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// One stream's progress. Closed loop: a message is complete once it was received by whom
// --acknowledged names; the publisher keeps `window` messages incomplete.
class StreamProgress {
 public:
  void start(const Options& options, unsigned acknowledging) {
    window_ = options.closed_loop ? options.window : 0;
    by_first_ = options.acknowledged == Acknowledged::by_first;
    required_ = static_cast<int>(acknowledging);
    remaining_ = std::make_unique<std::atomic<int>[]>(window_);
  }

  bool may_send() const {
    return published_.load() - completed_.load() < window_ && required_.load() > 0;
  }
  std::uint64_t published() const { return published_.load(std::memory_order_relaxed); }
  // The number of a message about to be sent. Thread: the publisher's.
  std::uint64_t take_sequence() {
    const std::uint64_t sequence = published_.load();
    if (window_ != 0) remaining_[sequence % window_] = by_first_ ? 1 : required_.load();
    published_.store(sequence + 1);
    return sequence;
  }
  // A viewer has received (or was made to skip) [from, to). Thread: the viewer's.
  void received(std::uint64_t from, std::uint64_t to) {
    if (window_ == 0) return;
    for (std::uint64_t s = from; s < to; ++s) {
      if (by_first_ && s < completed_.load()) continue;  // its slot counts a later one
      if (remaining_[s % window_].fetch_sub(1) == 1) completed_.fetch_add(1);
    }
  }
  // An acknowledging viewer is gone, which had received all before `from`.
  void lost_viewer(std::uint64_t from) {
    if (window_ == 0) return;
    required_.fetch_sub(1);
    if (!by_first_) received(from, published_.load());
  }

 private:
  unsigned window_ = 0;
  bool by_first_ = false;
  std::atomic<int> required_{0};
  std::atomic<std::uint64_t> published_{0};  // also the next sequence
  std::atomic<std::uint64_t> completed_{0};
  std::unique_ptr<std::atomic<int>[]> remaining_;
};

struct Shared {
  explicit Shared(const Options& o)
      : options(o),
        target(target_of(o.address)),
        streams(std::make_unique<StreamProgress[]>(o.streams)) {
    if (o.tls) tls = make_client_context();
  }

  bool is_measured(std::uint64_t sent_ns) const {
    return sent_ns >= measure_from.load(std::memory_order_relaxed) &&
           sent_ns < measure_until.load(std::memory_order_relaxed);
  }

  const Options options;
  const Target target;
  SslContext tls;
  std::atomic<Phase> phase{Phase::connecting};
  std::atomic<std::uint64_t> measure_from{std::numeric_limits<std::uint64_t>::max()};
  std::atomic<std::uint64_t> measure_until{std::numeric_limits<std::uint64_t>::max()};
  std::unique_ptr<StreamProgress[]> streams;
};

}  // namespace framewire::bench
