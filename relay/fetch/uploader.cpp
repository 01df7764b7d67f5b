#include "relay/fetch/uploader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace framewire::relay {
namespace {

constexpr Duration kFirstUploadPause{1'000}, kLongestUploadPause{300'000};
constexpr Duration kTellEvery{250};  // how far it is
constexpr Duration kIdleWait{60'000};

}  // namespace

Duration upload_pause(unsigned failures) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0u, 16u);
  return std::min<Duration>(kFirstUploadPause * (1u << doublings), kLongestUploadPause);
}

Uploader::Uploader(std::unique_ptr<UploadSender> sender, Limits limits)
    : sender_(std::move(sender)), limits_(limits) {
  for (std::size_t i = 0; i < limits_.parallel; ++i) threads_.emplace_back([this] { run(); });
}

Uploader::~Uploader() {
  {
    const Lock lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Uploader::set_listener(Listener listener) {
  const bool pause = !listener;
  {
    const Lock lock{mutex_};
    paused_ = pause;
    if (pause) std::erase_if(tasks_, [](const auto& task) { return !task.second->running; });
  }
  {
    const Lock lock{listener_mutex_};
    listener_ = std::move(listener);
  }
  changed_.notify_all();
}

bool Uploader::add(UploadJob job) {
  {
    const Lock lock{mutex_};
    if (const auto found = tasks_.find(job.id); found != tasks_.end()) {
      found->second->next = {};
    } else {
      if (tasks_.size() >= limits_.queue) return false;
      auto task = std::make_shared<Task>();
      task->key = job.id;
      task->now = std::move(job.so_far);
      task->job = std::move(job);
      task->next = Clock::now();
      tasks_.emplace(task->key, std::move(task));
    }
  }
  changed_.notify_one();
  return true;
}

void Uploader::forget(const std::string& id) {
  {
    const Lock lock{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const TaskPtr task = found->second;
    task->gone = true;
    tasks_.erase(found);
    if (!task->running && task->now.parts.id.empty()) return;
    rename_forgotten(task);
  }
  changed_.notify_one();
}

void Uploader::rename_forgotten(const TaskPtr& task) {
  task->key = fmt::format("/forgotten/{}", ++forgotten_);
  task->next = {};
  tasks_.emplace(task->key, task);
}

void Uploader::run() {
  while (const TaskPtr task = wait_for_due()) {
    work(*task);
    const Lock lock{mutex_};
    task->running = false;
    if (task->gone || paused_ || task->now.state != UploadState::waiting) drop(*task);
  }
}

void Uploader::drop(const Task& task) {
  const auto found = tasks_.find(task.key);
  if (found != tasks_.end() && found->second.get() == &task) tasks_.erase(found);
}

Uploader::TaskPtr Uploader::wait_for_due() {
  Lock lock{mutex_};
  while (!stop_) {
    const Time now = Clock::now();
    Time wake = now + kIdleWait;
    TaskPtr due;
    for (const auto& [key, task] : tasks_) {
      if (task->running) continue;
      if (task->next <= now && (!due || task->next < due->next)) due = task;
      wake = std::min(wake, task->next);
    }
    if (due && !paused_) {
      due->running = true;
      return due;
    }
    lock.wait_until(changed_, paused_ ? now + kIdleWait : wake);
  }
  return nullptr;
}

void Uploader::work(Task& task) {
  if (!task.gone) {
    const Time now = Clock::now();
    if (task.first == Time{}) task.first = now;
    ++task.now.tries;
    task.now.state = UploadState::sending;
    tell(task, false);
    const UploadResult result = sender_->send(task.job, task.now, context_of(task));
    if (!task.gone) settle(task, result);
  }
  if (task.gone) sender_->abandon(task.now, last_context());
}

void Uploader::settle(Task& task, const UploadResult& result) {
  using Kind = UploadResult::Kind;
  const Time now = Clock::now();
  Upload& state = task.now;
  state.error = result.error;
  if (result.kind == Kind::stopped) {  // another process, or another server, goes on with it
    --state.tries;
    state.state = UploadState::waiting;
    return;
  }
  const bool too_late = result.kind == Kind::again && now - task.first >= limits_.give_up;
  if (result.kind == Kind::done) {
    state.state = UploadState::done;
    spdlog::info("upload of {}: {} has all {} bytes{}{}", task.job.id, state.url, task.job.bytes,
                 state.error.empty() ? "" : "; ", state.error);
  } else if (result.kind == Kind::failed || too_late) {
    spdlog::error("upload of {} to {} is given up: {}", task.job.id, state.url, state.error);
    sender_->abandon(state, last_context());
    state.parts = {};
    state.bytes = 0;
    state.state = UploadState::failed;
  } else {
    const Duration pause = std::max(limits_.pause(++task.failures), result.retry_after);
    if (task.failures == 1)
      spdlog::warn("upload of {} to {}: {}; it is tried again", task.job.id, state.url,
                   state.error);
    state.state = UploadState::waiting;
    const Lock lock{mutex_};
    task.next = now + pause;
  }
  if (state.state != UploadState::waiting) {  // whoever is told may add it again at once
    const Lock lock{mutex_};
    drop(task);
  }
  tell(task, true);
}

void Uploader::tell(const Task& task, bool lasting) {
  const Lock lock{listener_mutex_};
  if (listener_ && !task.gone) listener_(task.job.id, task.now, lasting);
}

UploadContext Uploader::context_of(Task& task) {
  return {[this, &task] { return stop_ || paused_ || task.gone; },
          [this, &task, last = Time{}](const Upload&, bool lasting) mutable {
            const Time now = Clock::now();
            if (!lasting && now - last < kTellEvery) return;
            last = now;
            tell(task, lasting);
          }};
}

UploadContext Uploader::last_context() {
  return {[this] { return stop_.load(); }, [](const Upload&, bool) {}};
}

}  // namespace framewire::relay
