// The lossless captures of one loop's streams, each with a child process of its own.
// Thread: the loop's. Lifetime: ends before the uv loop is closed, and before the hub.
#pragma once
#include <uv.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "relay/streams/capture.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

class CaptureJob;
class Recorder;

class CaptureHost final : public CaptureWriterFactory {
 public:
  // recorder: null: no files can be made; else it outlives the host.
  CaptureHost(uv_loop_t& loop, Hub& hub, Recorder* recorder);
  ~CaptureHost() override;
  CaptureHost(const CaptureHost&) = delete;
  CaptureHost& operator=(const CaptureHost&) = delete;

  std::unique_ptr<CaptureWriter> open(const CaptureRequest& request,
                                      CaptureDelegate& delegate) override;

  // ---- for jobs
  uv_loop_t& uv() { return uv_; }
  Hub& hub() { return hub_; }
  Recorder* recorder() { return recorder_; }
  std::uint64_t add(CaptureJob& job);
  void remove(std::uint64_t number);
  std::size_t encoding() const;  // captures, with those that are about to
  // Takes a task for a turn of the loop; null: the job is gone by then. Thread: any.
  using JobTask = std::function<void(CaptureJob*)>;
  std::function<void(JobTask)> poster(std::uint64_t number);

 private:
  uv_loop_t& uv_;
  Hub& hub_;
  Recorder* const recorder_;
  // Shared with answers of the recorder, which may come after the host has gone.
  std::shared_ptr<std::map<std::uint64_t, CaptureJob*>> jobs_;
  std::uint64_t last_number_ = 0;
};

}  // namespace framewire::relay
