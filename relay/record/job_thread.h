// A thread that runs one job after another: what may block for long (a disk, a child process), kept
// away from loops and from the recorder. Thread: any, but for stop().
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>

#include "ingest/base/mutex.h"

namespace framewire::relay {

class JobThread {
 public:
  // At most max_jobs wait.
  explicit JobThread(std::size_t max_jobs);
  ~JobThread() { stop(); }
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  // False: too many wait already.
  bool post(std::function<void()> job);
  // Drops what waits; the job that runs is told by stopping(), and ends first.
  void stop();
  // Nothing waits and nothing runs.
  bool idle();
  // Jobs that take long look at this now and then, and give up.
  const std::atomic<bool>& stopping() const { return stopping_; }

 private:
  void run();

  const std::size_t max_jobs_;
  std::atomic<bool> stopping_ = false;
  Mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> jobs_ FW_GUARDED_BY(mutex_);
  bool busy_ FW_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
