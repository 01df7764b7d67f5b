#include "relay/record/loop_recorder.h"

#include <algorithm>
#include <utility>

namespace framewire::relay {
namespace {

class LoopRecording final : public StreamRecording {
 public:
  LoopRecording(LoopRecorder& recorder, std::shared_ptr<RecordFeed> feed)
      : recorder_(recorder), feed_(std::move(feed)) {}

  bool over() const override { return feed_->failed() || feed_->closed(); }
  void set_publisher(PublisherId publisher, std::string title) override {
    feed_->set_publisher(publisher, std::move(title));
  }
  void begin_epoch(const EpochInfo& info) override {
    const bool film = is_recorded_as_film(info);
    if (film == std::exchange(filmed_, film)) return;
    if (film)
      recorder_.begin_film(feed_->stream(), feed_);
    else
      recorder_.end_film(*feed_);
  }
  void append(const RingEntry& entry) override {
    if (!filmed_) feed_->append(entry);
  }
  void close() override { feed_->close(); }
  void end_with_stream() override {
    if (!filmed_) feed_->close();  // else a film is still being made
  }

 private:
  LoopRecorder& recorder_;
  const std::shared_ptr<RecordFeed> feed_;
  bool filmed_ = false;  // the feed has its film, not its parts
};

}  // namespace

std::unique_ptr<StreamRecording> LoopRecorder::open(const std::string& stream,
                                                    PublisherId publisher, std::string title) {
  return std::make_unique<LoopRecording>(*this,
                                         recorder_.open(stream, publisher, std::move(title)));
}

void LoopRecorder::tick() {
  const Time now = hub_.loop().now();
  for (const auto& film : films_) film->tick(now);
  std::erase_if(films_, [](const auto& film) { return film->over(); });
  for (const auto& film : films_)
    if (!film->started() && is_first(*film)) film->start();
}

void LoopRecorder::begin_film(const std::string& stream, std::shared_ptr<RecordFeed> feed) {
  films_.push_back(std::make_unique<EncodedFeed>(hub_, stream, std::move(feed)));
  if (is_first(*films_.back())) films_.back()->start();
}

bool LoopRecorder::is_first(const EncodedFeed& film) const {
  const auto same = [&](const auto& other) {
    return other->stream() == film.stream() && !other->over();
  };
  const auto first = std::find_if(films_.begin(), films_.end(), same);
  return first != films_.end() && first->get() == &film;
}

void LoopRecorder::end_film(const RecordFeed& feed) {
  for (const auto& film : films_)
    if (film->feeds(feed)) film->give_up();
}

}  // namespace framewire::relay
