// One run: connect all, warm up, measure, wait for what is still on its way, end.
// Thread: the caller's, which sleeps meanwhile; the workers are threads of their own.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "ingest/base/error.h"
#include "tools/bench/bench_histogram.h"
#include "tools/bench/bench_options.h"

namespace framewire::bench {

struct Results {
  // Over the whole run; good viewers.
  std::uint64_t published = 0;
  std::uint64_t expected = 0;  // from each viewer's first message to the last published
  std::uint64_t received = 0;  // in order, once
  std::uint64_t lost = 0;      // expected and not received: skipped by the server, or still held
  std::uint64_t out_of_order = 0;
  std::uint64_t skips_told = 0;  // framewire.v1 only
  std::uint64_t viewers_opened = 0, viewers_failed = 0, viewers_closed = 0;
  std::uint64_t publishers_closed = 0;
  std::uint64_t broken = 0;
  std::uint64_t misfits = 0;  // slow and stalled viewers
  std::uint64_t misfit_messages = 0, misfit_bytes = 0;
  std::vector<std::string> failures;  // the first few

  // While measured. Delivered: whole messages, their payloads, all viewers.
  double seconds = 0;
  std::uint64_t delivered_messages = 0, delivered_bytes = 0;
  Histogram delay;         // sent to last byte read, good viewers
  Histogram misfit_delay;  // the others
  Histogram late;          // rate: how late a publisher made its message
  double server_cpu_s = 0;
  double generator_cpu_s = 0;
  std::uint64_t churned = 0, churn_failed = 0;

  // Connecting all viewers and publishers, before.
  double connect_seconds = 0;
  Histogram connect;  // of viewers
  double connect_server_cpu_s = 0;
  Histogram churn_connect;

  std::uint64_t rss_before = 0, rss_connected = 0, rss_after = 0, rss_most = 0;
  std::uint64_t tcp_before = 0, tcp_connected = 0, tcp_after = 0;
  double load_before = 0, load_after = 0;
};

// Errc::refused: nobody there, or a viewer or publisher was not let in.
Result<Results> run(const Options& options);

}  // namespace framewire::bench
