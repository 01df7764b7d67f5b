// Recording, as a stream sees it. Thread: the stream's home loop.
#pragma once
#include <memory>
#include <string>

#include "relay/fanout/ring.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

// One recording of one stream. It may outlive its StreamRecorder: close() must not use that.
class StreamRecording {
 public:
  StreamRecording() = default;
  virtual ~StreamRecording() = default;
  StreamRecording(const StreamRecording&) = delete;
  StreamRecording& operator=(const StreamRecording&) = delete;
  // Nothing more is kept: it failed, or was closed.
  virtual bool over() const = 0;
  virtual void set_publisher(PublisherId publisher, std::string title) = 0;
  // What the parts that follow are.
  virtual void begin_epoch(const EpochInfo& info) = 0;
  // A part of the stream's origin.
  virtual void append(const RingEntry& entry) = 0;
  // Nothing follows.
  virtual void close() = 0;
  // The stream has ended: closes the recording, but lets a film that is still being made finish.
  virtual void end_with_stream() = 0;
};

// Implemented by relay/record/loop_recorder.h.
class StreamRecorder {
 public:
  virtual ~StreamRecorder() = default;
  virtual std::unique_ptr<StreamRecording> open(const std::string& stream, PublisherId publisher,
                                                std::string title) = 0;
};

}  // namespace framewire::relay
