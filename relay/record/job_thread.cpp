#include "relay/record/job_thread.h"

#include <utility>

namespace framewire::relay {

JobThread::JobThread(std::size_t max_jobs) : max_jobs_(max_jobs), thread_([this] { run(); }) {}

void JobThread::stop() {
  if (!thread_.joinable()) return;
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  posted_.notify_one();
  thread_.join();
}

bool JobThread::post(std::function<void()> job) {
  {
    const Lock lock{mutex_};
    if (jobs_.size() >= max_jobs_) return false;
    jobs_.push_back(std::move(job));
  }
  posted_.notify_one();
  return true;
}

bool JobThread::idle() {
  const Lock lock{mutex_};
  return jobs_.empty() && !busy_;
}

void JobThread::run() {
  Lock lock{mutex_};
  while (!stopping_) {
    while (!stopping_ && jobs_.empty()) lock.wait(posted_);
    if (stopping_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    job();
    lock.lock();
    busy_ = false;
  }
}

}  // namespace framewire::relay
