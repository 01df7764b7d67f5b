// The derived renditions of one loop's streams: its codec workers, child processes, and the jobs in
// them. What is copied shares one worker, and so do posters; each encoder has its own, so that the
// memory and the death of one are nobody else's. Each has a GiB at most (SandboxLimits). A worker
// is started for its first job and ends with the last; when it dies it is started again and its
// jobs begin anew at their next group, at once, but for one whose media brought it down, which
// waits longer each time. Thread: the loop's. Lifetime: ends before the uv loop is closed, and
// before the hub.
#pragma once
#include <uv.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "codec/job.h"
#include "relay/child/child_watch.h"
#include "relay/streams/hub.h"
#include "relay/streams/rendition_provider.h"

namespace framewire::relay {

class RenditionJob;

class RenditionHost final : public RenditionProvider {
 public:
  RenditionHost(uv_loop_t& loop, Hub& hub);
  ~RenditionHost() override;
  RenditionHost(const RenditionHost&) = delete;
  RenditionHost& operator=(const RenditionHost&) = delete;

  void request_rendition(const std::string& origin, const std::string& output) override;
  void tick();

  // ---- for jobs
  uv_loop_t& uv() { return uv_; }
  Hub& hub() { return hub_; }
  std::uint64_t next_number() { return ++last_number_; }
  bool may_encode() const;
  // Why it may not.
  std::string full_sentence() const;
  // Hands the job's socket to its worker, which is started if need be. False: no worker now.
  bool enlist(const RenditionJob& job, const codec::JobSpec& spec, int socket);

 private:
  struct Worker {
    std::unique_ptr<ChildWatch> watch;  // null: it does not run
    UniqueFd control;
    Time start_from{};  // it is not started before
  };

  // Its key in workers_. No stream has the name of a shared one: a derived name has a dot.
  static std::string worker_of(const RenditionJob& job);
  bool is_watched(const RenditionJob& job) const;
  bool start_worker(const std::string& key, Worker& worker);
  void on_worker_end(const std::string& key, const codec::ChildEnd& end);
  void stop_idle_workers();

  uv_loop_t& uv_;
  Hub& hub_;
  std::map<std::string, std::unique_ptr<RenditionJob>> jobs_;  // by the derived stream's name
  std::set<std::string> again_;  // asked for while their jobs were on their way out
  std::uint64_t last_number_ = 0;
  std::map<std::string, Worker> workers_;
};

}  // namespace framewire::relay
