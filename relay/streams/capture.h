// Lossless capture, as the relay sees it: every frame of a publisher, in order, into one file. A
// stream whose hello says so has a CaptureSession (relay/streams/capture_session.h); that has a
// CaptureWriter, which takes the frames to a child process (relay/capture/capture_job.h). Thread:
// the stream's home loop.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "codec/capture.h"
#include "relay/base/config.h"
#include "relay/base/recording_info.h"
#include "relay/fanout/part.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

struct CaptureRequest {
  std::string stream;
  codec::CaptureSpec spec;
};
// What the hello of a lossless publisher asks for, with the defaults filled in.
codec::CaptureSpec capture_spec(const PublishHello& hello);
// Reason to refuse this capture before the publish request is made; nullopt if it is accepted.
std::optional<CloseReason> refuse_capture(const PublishHello& hello, const Config& config);

// What a capture tells of itself. Never from within a call of the capture.
class CaptureDelegate {
 public:
  virtual ~CaptureDelegate() = default;
  // So many frames are in the file.
  virtual void on_written(std::uint64_t frames) = 0;
  // It cannot go on; on_kept() follows. Its `incomplete` is the error's sentence.
  virtual void on_failed(CloseReason ending) = 0;
  // The last call: the finished file, or why there is none.
  virtual void on_kept(const RecordingInfo& info, std::uint64_t frames) = 0;
  virtual void on_lost(CloseReason ending) = 0;
};

// If it is destroyed before on_kept() or on_lost(), the file stays, marked as incomplete, provided
// a frame was written.
class CaptureWriter {
 public:
  virtual ~CaptureWriter() = default;
  // Of frames that are packets: their header and config, once, before all else.
  virtual void configure(PartPtr config) = 0;
  // Frame number n of the capture, from 0; hash: XXH32 of its bytes, if the order says so.
  virtual void append(PartPtr frame, std::uint32_t hash) = 0;
  // Whole samples of the sound beside them, the first one by its number, from 0.
  virtual void append_sound(std::uint64_t first, Buffer samples) = 0;
  // No frame follows. incomplete: why the film ends too soon, a sentence; "" = it does not.
  virtual void finish(std::string incomplete) = 0;
  // Nothing is kept, and nothing is called back.
  virtual void cancel() = 0;
};

// Implemented by relay/capture/capture_host.h.
class CaptureWriterFactory {
 public:
  virtual ~CaptureWriterFactory() = default;
  // Null: no files can be made here.
  virtual std::unique_ptr<CaptureWriter> open(const CaptureRequest& request,
                                              CaptureDelegate& delegate) = 0;
};

}  // namespace framewire::relay
