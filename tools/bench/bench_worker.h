// One thread of the generator: an epoll set with its share of the viewers, publishers and churn.
// Thread: run() is the thread; the counts may be read meanwhile, the histograms, failures() and
// viewers() after it has ended.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/bench/bench_publisher.h"
#include "tools/bench/bench_shared.h"
#include "tools/bench/bench_viewer.h"

namespace framewire::bench {

struct ChurnCounts {
  Count opened, failed;
  Histogram connect;
};

class Worker {
 public:
  Worker(Shared& shared, unsigned index);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void run();

  bool is_connected() const { return connected_.load(); }
  const ViewerCounts& viewer_counts() const { return viewer_counts_; }
  const PublisherCounts& publisher_counts() const { return publisher_counts_; }
  const ChurnCounts& churn_counts() const { return churn_counts_; }
  const std::vector<std::unique_ptr<Viewer>>& viewers() const { return viewers_; }
  // Why connections failed or ended, the first few.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void connect_more();
  void pump(std::uint64_t now_ns);
  void tick(std::uint64_t now_ns);
  void churn(std::uint64_t now_ns);
  void note_failure(const std::string& why);

  Shared& shared_;
  const unsigned index_;
  const int epoll_;
  std::vector<std::byte> scratch_;
  std::vector<std::unique_ptr<Viewer>> viewers_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::vector<std::unique_ptr<Client>> churning_;
  ViewerCounts viewer_counts_;
  PublisherCounts publisher_counts_;
  ChurnCounts churn_counts_;
  std::vector<std::string> failures_;
  std::atomic<bool> connected_{false};

  std::vector<Client*> connecting_;
  std::size_t next_connect_ = 0;
  bool publishing_ = false;
  std::uint64_t next_due_ns_ = 0;
  std::uint64_t ticked_ns_ = 0;
  double churn_owed_ = 0;
};

}  // namespace framewire::bench
