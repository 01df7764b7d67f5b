#include "relay/record/film_feed.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "ingest/wire/ws_frame.h"
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

FilmFeed::FilmFeed(Hub& hub, std::string stream, std::shared_ptr<RecordFeed> feed)
    : hub_(hub),
      stream_(std::move(stream)),
      film_(derived_name(stream_, kFilm)),
      feed_(std::move(feed)),
      viewer_(static_cast<ViewerSink&>(*this), Framing::v1, Rendition::origin) {
  viewer_.audience = false;
}

FilmFeed::~FilmFeed() {
  if (viewer_.mirror) hub_.detach(viewer_);
}

void FilmFeed::start() {
  spdlog::info("stream {}: recorded as the film {}", stream_, film_);
  hub_.attach(film_, viewer_);
}

void FilmFeed::tick(Time now) {
  if (over_) return;
  if (feed_->closed()) {
    over_ = true;
  } else if (!hub_.is_home_of(stream_)) {
    if (!hub_.is_home_of(film_)) end();
  } else if (absent_since_ && now - *absent_since_ > kAbsentAtMost) {
    refuse("no film is made of pictures here");
  }
}

void FilmFeed::end() {
  over_ = true;
  feed_->close();
}

void FilmFeed::refuse(std::string why) {
  over_ = true;
  feed_->refuse(std::move(why));
}

Sent FilmFeed::write(Bytes framed) {
  while (!framed.empty() && !over_) {
    const WsFrame frame = read_ws_frame(framed);
    framed = framed.subspan(frame.bytes);
    if (frame.text) {
      const auto message = nlohmann::json::parse(as_text(frame.payload));
      if (message.at("type") == "end") end();
      continue;
    }
    const V1Part part = read_v1_part(frame.payload);
    if (!epoch_) continue;
    if (part.init) {
      feed_->append({epoch_->init, epoch_});
      continue;
    }
    PartFacts facts;
    facts.group_start = part.group_start;
    facts.epoch = epoch_->number;
    facts.sequence = part.sequence;
    facts.pts_us = part.pts_us;
    facts.received_wall_us = part.received_wall_us;
    facts.received = hub_.loop().now();
    feed_->append({Part::make(facts, part.payload), epoch_});
  }
  return Sent::all;
}

void FilmFeed::on_epoch(const Epoch& epoch) {
  absent_since_.reset();
  epoch_ = std::make_shared<const Epoch>(epoch);
}

// It may be on its way.
void FilmFeed::on_no_stream() {
  if (!absent_since_) absent_since_ = hub_.loop().now();
}

void FilmFeed::close(CloseCode, std::string_view code_name) {
  refuse(viewer_.refusal.empty() ? std::string{code_name} : viewer_.refusal);
}

}  // namespace framewire::relay
