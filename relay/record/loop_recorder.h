// Passes the parts of the streams whose home is one loop to the recorder. For pictures without a
// file format of their own it passes the film that is made of them (film_feed.h). Thread: the
// loop's. Lifetime: its hub's.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/record/encoded_feed.h"
#include "relay/record/recorder.h"
#include "relay/streams/service.h"
#include "relay/streams/stream_recorder.h"

namespace framewire::relay {

class LoopRecorder final : public Service, public StreamRecorder {
 public:
  // The recorder outlives the hub.
  LoopRecorder(Hub& hub, Recorder& recorder) : hub_(hub), recorder_(recorder) {}

  std::unique_ptr<StreamRecording> open(const std::string& stream, PublisherId publisher,
                                        std::string title) override;
  void tick() override;

  // ---- for its recordings
  // begin_film() feeds the film of the stream's pictures into `feed`; end_film() stops that. While
  // the film of an earlier stream of the name is still being made, the next one waits for its end.
  void begin_film(const std::string& stream, std::shared_ptr<RecordFeed> feed);
  void end_film(const RecordFeed& feed);

 private:
  bool is_first(const EncodedFeed& film) const;  // of those of its stream

  Hub& hub_;
  Recorder& recorder_;
  std::vector<std::unique_ptr<EncodedFeed>> films_;
};

}  // namespace framewire::relay
