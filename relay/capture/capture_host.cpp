#include "relay/capture/capture_host.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "relay/capture/capture_job.h"

namespace framewire::relay {

CaptureHost::CaptureHost(uv_loop_t& loop, Hub& hub, Recorder* recorder)
    : uv_(loop),
      hub_(hub),
      recorder_(recorder),
      jobs_(std::make_shared<std::map<std::uint64_t, CaptureJob*>>()) {
  hub.set_capture_writers(this);
}

// Their streams may outlive the loop's uv handles.
CaptureHost::~CaptureHost() {
  hub_.set_capture_writers(nullptr);
  for (const auto& [number, job] : std::exchange(*jobs_, {})) job->abandon();
}

std::unique_ptr<CaptureWriter> CaptureHost::open(const CaptureRequest& request,
                                                 CaptureDelegate& delegate) {
  if (!recorder_) return nullptr;
  auto job = std::make_unique<CaptureJob>(*this, request, delegate);
  job->start();
  return job;
}

std::uint64_t CaptureHost::add(CaptureJob& job) {
  (*jobs_)[++last_number_] = &job;
  return last_number_;
}

void CaptureHost::remove(std::uint64_t number) {
  jobs_->erase(number);
}

std::size_t CaptureHost::encoding() const {
  return static_cast<std::size_t>(std::count_if(
      jobs_->begin(), jobs_->end(), [](const auto& entry) { return !entry.second->over(); }));
}

std::function<void(CaptureHost::JobTask)> CaptureHost::poster(std::uint64_t number) {
  return [jobs = jobs_, number, &loop = hub_.loop()](JobTask task) {
    loop.post([jobs, number, task = std::move(task)] {
      const auto found = jobs->find(number);
      task(found == jobs->end() ? nullptr : found->second);
    });
  };
}

}  // namespace framewire::relay
