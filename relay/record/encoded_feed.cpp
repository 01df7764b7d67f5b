#include "relay/record/encoded_feed.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

constexpr std::string_view kFilm = "h264";
// A film that is not there by then is not made here.
constexpr Duration kAbsentAtMost{5'000};

}  // namespace

bool is_recorded_as_film(const EpochInfo& info) {
  if (info.format != Format::packets)
    return info.format == Format::png || info.format == Format::webp || info.format == Format::rgba;
  return std::any_of(info.tracks.begin(), info.tracks.end(), [](const TrackInfo& track) {
    const auto format = format_named(track.codec);
    return format && is_pictures(*format);
  });
}

EncodedFeed::EncodedFeed(Hub& hub, std::string stream, std::shared_ptr<RecordFeed> feed)
    : hub_(hub),
      stream_(std::move(stream)),
      film_(derived_name(stream_, kFilm)),
      feed_(std::move(feed)) {}

EncodedFeed::~EncodedFeed() {
  if (subscription_.local_stream) hub_.unsubscribe(subscription_);
}

void EncodedFeed::start() {
  spdlog::info("stream {}: recorded as the film {}", stream_, film_);
  hub_.subscribe(film_, subscription_);
}

void EncodedFeed::tick(Time now) {
  if (over_) return;
  if (feed_->closed()) {
    over_ = true;
  } else if (!hub_.is_home_of(stream_)) {
    if (!hub_.is_home_of(film_)) end();
  } else if (absent_since_ && now - *absent_since_ > kAbsentAtMost) {
    refuse("no film is made of pictures here");
  }
}

void EncodedFeed::end() {
  over_ = true;
  feed_->close();
}

void EncodedFeed::refuse(std::string why) {
  over_ = true;
  feed_->refuse(std::move(why));
}

void EncodedFeed::on_epoch(const EpochPtr& epoch) {
  absent_since_.reset();
  if (!over_ && epoch->init) feed_->append({epoch->init, epoch});
}

void EncodedFeed::on_part(const RingEntry& entry) {
  if (!over_) feed_->append(entry);
}

void EncodedFeed::on_end(std::string_view) {
  if (!over_) end();
}

// It may be on its way.
void EncodedFeed::on_no_stream() {
  if (!absent_since_) absent_since_ = hub_.loop().now();
}

void EncodedFeed::on_refused(std::string_view why) {
  if (!over_) refuse(std::string{why});
}

}  // namespace framewire::relay
