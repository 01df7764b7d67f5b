// Sends recordings away (--upload-url), some at a time, each on a thread of its own, the one that
// is due first before the others. What fails is tried again, later and later, until it is given up.
// Nothing is kept here over a restart: the recorder does that, in the note beside a recording.
// Thread: any; one makes and destroys it, which takes a second at most while something is sent.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingest/base/mutex.h"
#include "relay/base/clock.h"
#include "relay/base/upload.h"
#include "relay/fetch/upload_sender.h"

namespace framewire::relay {

// After so many failures in a row.
Duration upload_pause(unsigned failures);

class Uploader final : public UploadSink {
 public:
  struct Limits {
    std::size_t parallel = 1;
    std::size_t queue = 10'000;
    Duration give_up{86'400'000};  // after the first try
    Duration (*pause)(unsigned failures) = upload_pause;
  };
  Uploader(std::unique_ptr<UploadSender> sender, Limits limits);
  ~Uploader() override;
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  void set_listener(Listener listener) override;
  bool add(UploadJob job) override;
  void forget(const std::string& id) override;

 private:
  // While it runs, job, now, failures and first are its thread's alone.
  struct Task {
    std::string key;  // in tasks_
    UploadJob job;
    Upload now;
    unsigned failures = 0;
    Time first{};  // of the first try
    Time next{};
    bool running = false;
    std::atomic<bool> gone{false};  // forgotten: its parts are abandoned, then it goes
  };
  using TaskPtr = std::shared_ptr<Task>;

  void run();
  TaskPtr wait_for_due();
  void work(Task& task);
  void settle(Task& task, const UploadResult& result);
  void drop(const Task& task) FW_REQUIRES(mutex_);
  void rename_forgotten(const TaskPtr& task) FW_REQUIRES(mutex_);
  void tell(const Task& task, bool lasting);
  UploadContext context_of(Task& task);
  UploadContext last_context();

  const std::unique_ptr<UploadSender> sender_;
  const Limits limits_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> paused_{true};  // nobody follows
  Mutex listener_mutex_;            // held while somebody is told
  Listener listener_ FW_GUARDED_BY(listener_mutex_);
  Mutex mutex_;
  std::condition_variable changed_;
  // By id. One that is forgotten and not over yet is there by a name that no recording has.
  std::map<std::string, TaskPtr> tasks_ FW_GUARDED_BY(mutex_);
  std::uint64_t forgotten_ FW_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;  // the last member: they use the others
};

}  // namespace framewire::relay
