// Pictures in a format that is no film of its own (PNG, WebP, RGBA; or beside sound, as packets)
// are recorded as the film that is made of them for viewers, the rendition `.h264`: this is the
// subscriber of it whose parts go to the recorder. It outlives its stream until the last of them
// has come, then it closes the feed. Thread: the stream's home loop. Lifetime: its LoopRecorder's,
// which takes it away once over().
#pragma once
#include <memory>
#include <string>

#include "relay/record/feed.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

// Its pictures need one, to be recorded.
bool is_recorded_as_film(const EpochInfo& info);

class EncodedFeed final : private Subscriber {
 public:
  EncodedFeed(Hub& hub, std::string stream, std::shared_ptr<RecordFeed> feed);
  ~EncodedFeed() override;
  EncodedFeed(const EncodedFeed&) = delete;
  EncodedFeed& operator=(const EncodedFeed&) = delete;

  const std::string& stream() const { return stream_; }
  bool feeds(const RecordFeed& feed) const { return feed_.get() == &feed; }
  void start();
  bool started() const { return subscription_.local_stream != nullptr; }
  // The feed is another's from now on.
  void give_up() { over_ = true; }
  void tick(Time now);
  bool over() const { return over_; }

 private:
  void end();
  void refuse(std::string why);

  void on_epoch(const EpochPtr& epoch) override;
  void on_part(const RingEntry& entry) override;
  void on_gap() override {}
  void on_end(std::string_view reason) override;
  void on_no_stream() override;
  void on_refused(std::string_view why) override;

  Hub& hub_;
  const std::string stream_;
  const std::string film_;
  const std::shared_ptr<RecordFeed> feed_;
  Subscription subscription_{*this};
  std::optional<Time> absent_since_;  // no such film now
  bool over_ = false;
};

}  // namespace framewire::relay
