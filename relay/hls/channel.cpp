#include "relay/hls/channel.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "ingest/wire/ws_frame.h"
#include "relay/base/stream_name.h"
#include "relay/hls/playlist.h"

namespace framewire::relay::hls {
namespace {

constexpr std::string_view kPlaylistType = "application/vnd.apple.mpegurl";
constexpr std::size_t kPlaylistsKept = 64;
// Of the target duration: how long a request is held (section 6.2.5.2).
constexpr int kHeldTargets = 3;
// What a browser's own player is let wait for: Chromium's gives up with fewer.
constexpr std::size_t kStartSegments = 3;
constexpr int kStartTargets = 2;
// How many segments ahead of the last one a client may ask for (6.2.5.2).
constexpr std::uint64_t kSegmentsAhead = 2;

// Where numbers begin: where no earlier channel of the stream can have come, also of a server that
// ran before, since a segment is longer than half a second of a live stream. (One that comes faster
// than it plays uses up more: the host remembers.) Small enough for players that count in 32 bits.
std::uint64_t first_number() {
  constexpr std::int64_t kYear2026 = 1'767'225'600;
  constexpr std::int64_t kPerSecond = 2;
  const std::int64_t since = wall_clock_us() / 1000 - kYear2026 * 1000;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0) * kPerSecond / 1000);
}

Rules rules_of(const Config& config) {
  const auto us = [](Duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  };
  Rules out;
  out.segment_us = us(config.hls_segment);
  out.part_us = us(config.hls_part);
  out.window_us = us(config.hls_window);
  out.bytes = config.hls_bytes;
  out.max_tracks = config.limits.tracks;
  return out;
}

Duration held_for(const Segmenter& segmenter) {
  return std::chrono::duration_cast<Duration>(
      std::chrono::microseconds{kHeldTargets * segmenter.target_duration_us()});
}

Response refusal(Refusal why, std::string message) {
  Response out;
  out.refused = why;
  out.message = std::move(message);
  return out;
}

std::string_view media_type(const Init& init) {
  const std::string& mime = init.info.mime;
  return mime.starts_with("audio/") ? "audio/mp4" : "video/mp4";
}

}  // namespace

Channel::Channel(Hub& hub, std::string stream, std::uint64_t free_number)
    : hub_(hub),
      stream_(std::move(stream)),
      segmenter_(rules_of(hub.config()), std::max(first_number(), free_number)),
      last_asked_(hub.loop().now()) {}

Channel::~Channel() {
  if (!subscription_.local_stream) return;
  hub_.set_proxied_viewers(subscription_, 0);
  hub_.unsubscribe(subscription_);
}

void Channel::start() {
  spdlog::info("stream {}: HLS, somebody asks for it", stream_);
  hub_.subscribe(derived_name(stream_, kSource), subscription_);
}

// ---- requests

void Channel::handle(Request request, Respond respond) {
  const Time now = hub_.loop().now();
  last_asked_ = now;
  note_client(request);
  if (auto ready = response_to(request)) return respond(*std::move(ready));
  if (waiting_.size() >= hub_.config().max_hls_waiting)
    return respond(refusal(Refusal::overloaded, "too many wait for this stream already"));
  const Duration wait = request.wait;
  const RequestId id = request.id;
  waiting_[id] = {std::move(request), std::move(respond),
                  now + std::max(wait, held_for(segmenter_)), now + wait};
}

void Channel::note_client(const Request& request) {
  if (request.file.kind != File::Kind::index && request.file.kind != File::Kind::media) return;
  if (clients_.size() < hub_.config().max_viewers || clients_.count(request.client) > 0)
    clients_[request.client] = hub_.loop().now();
}

void Channel::answer_waiting() {
  if (std::exchange(answered_version_, segmenter_.version()) == segmenter_.version()) return;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto response = response_to(at->second.request);
    if (response) at->second.respond(*std::move(response));
    at = response ? waiting_.erase(at) : std::next(at);
  }
}

void Channel::refuse_waiting(Refusal why, const std::string& message) {
  for (auto& [id, waiting] : std::exchange(waiting_, {})) waiting.respond(refusal(why, message));
}

std::string Channel::absent_sentence() const {
  return fmt::format("there is no stream {}", stream_);
}

void Channel::tick(Time now) {
  std::erase_if(clients_, [&](const auto& c) { return now - c.second > held_for(segmenter_); });
  if (subscription_.local_stream) hub_.set_proxied_viewers(subscription_, clients_.size());
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Waiting& waiting = at->second;
    if (auto response = response_to(waiting.request)) {  // it waited long enough
      waiting.respond(*std::move(response));
      at = waiting_.erase(at);
      continue;
    }
    const bool gone = absent_ && now >= waiting.absent_until;
    if (gone)
      waiting.respond(refusal(Refusal::not_found, absent_sentence()));
    else if (now >= waiting.until)
      waiting.respond(refusal(Refusal::timed_out, "no new media came for a while"));
    at = gone || now >= waiting.until ? waiting_.erase(at) : std::next(at);
  }
  if (!waiting_.empty()) {
    last_asked_ = now;
    return;
  }
  const bool useless = last_ || in_vain();
  // A client that reads whole segments asks once in a target duration.
  if (!useless && now - last_asked_ < std::max(hub_.config().codec_idle, held_for(segmenter_)))
    return;
  spdlog::info("stream {}: HLS no longer, nobody asks for it", stream_);
  over_ = true;
}

std::optional<Response> Channel::response_to(const Request& request) {
  if (last_) return last_;
  switch (request.file.kind) {
    case File::Kind::index:
    case File::Kind::media:
      return playlist_response(request);
    case File::Kind::init:
      return init_response(request);
    case File::Kind::segment:
      return segment_response(request);
    case File::Kind::part:
      break;
  }
  return part_response(request);
}

std::optional<Response> Channel::playlist_response(const Request& request) {
  if (!segmenter_.ready()) {
    if (segmenter_.ended())
      return refusal(Refusal::not_found, "the stream ended before there was a segment of it");
    return std::nullopt;
  }
  if (!is_enough(request)) return std::nullopt;
  if (request.file.kind == File::Kind::media && !segmenter_.ended()) {
    if (is_absurd(request.directives))
      return refusal(Refusal::bad_request,
                     fmt::format("segment {} is not due yet: the next is {}",
                                 request.directives.msn.value_or(0), segmenter_.next_msn()));
    if (!is_listed(request.directives)) return std::nullopt;
  }
  Response out;
  out.type = kPlaylistType;
  out.body = {playlist(request)};
  return out;
}

// A first playlist for a browser's own player waits for some segments, and no longer than they
// should take. Others begin with parts.
bool Channel::is_enough(const Request& request) const {
  if (!request.patient || segmenter_.ended()) return true;
  const std::uint64_t listed = segmenter_.next_msn() - segmenter_.first_listed();
  const Duration patience =
      kStartTargets * std::chrono::duration_cast<Duration>(
                          std::chrono::microseconds{segmenter_.target_duration_us()});
  return listed >= kStartSegments || hub_.loop().now() - ready_since_ >= patience;
}

bool Channel::is_listed(const Directives& wanted) const {
  if (!wanted.msn) return true;
  const std::uint64_t next = segmenter_.next_msn();
  if (!wanted.part) return *wanted.msn < next;
  const Segment* whole = segmenter_.find(*wanted.msn);
  // A part beyond the last one of a segment means the first one of the next.
  if (whole && *wanted.part >= whole->parts.size())
    return *wanted.msn + 1 < next || segmenter_.next_part() > 0;
  return *wanted.msn < next || (*wanted.msn == next && *wanted.part < segmenter_.next_part());
}

bool Channel::is_absurd(const Directives& wanted) const {
  if (!wanted.msn) return false;
  const std::uint64_t next = segmenter_.next_msn();
  if (*wanted.msn >= next + kSegmentsAhead) return true;
  const std::int64_t target = segmenter_.part_target_us();
  const auto ahead = static_cast<std::size_t>(target >= 1'000'000 ? 3 : 3'000'000 / target + 1);
  const std::size_t there = *wanted.msn == next ? segmenter_.next_part() : 0;
  return *wanted.msn >= next && wanted.part.value_or(0) >= there + ahead;
}

SharedBytes Channel::playlist(const Request& request) {
  segmenter_.date_segments();
  if (std::exchange(playlists_version_, segmenter_.version()) != segmenter_.version() ||
      playlists_.size() >= kPlaylistsKept)
    playlists_.clear();
  const bool index = request.file.kind == File::Kind::index;
  const bool skip = request.directives.skip && !segmenter_.ended();
  auto& kept =
      playlists_[fmt::format("{}{}{}", index ? 'i' : 'm', skip ? 's' : '-', request.query)];
  if (!kept) {
    const std::string text = index ? multivariant_playlist(segmenter_, request.query)
                                   : media_playlist(segmenter_, request.query, skip);
    const Bytes bytes = as_bytes(text);
    kept = std::make_shared<const Buffer>(bytes.begin(), bytes.end());
  }
  return kept;
}

Response Channel::init_response(const Request& request) const {
  const auto init = segmenter_.find_init(request.file.number);
  if (!init)
    return refusal(Refusal::not_found, fmt::format("there is no init {}", request.file.number));
  return {std::nullopt, {}, media_type(*init), true, {init->bytes}};
}

Response Channel::segment_response(const Request& request) const {
  const Segment* segment = segmenter_.find(request.file.number);
  if (!segment)
    return refusal(Refusal::not_found, fmt::format("there is no segment {}", request.file.number));
  Response out{std::nullopt, {}, media_type(*segment->init), true, {}};
  for (const PartialSegment& part : segment->parts) out.body.push_back(part.bytes);
  return out;
}

// The part that the playlist hints at is waited for.
std::optional<Response> Channel::part_response(const Request& request) const {
  const auto [kind, msn, number] = request.file;
  if (const PartialSegment* part = segmenter_.find_part(msn, number))
    return Response{std::nullopt, {}, media_type(segmenter_.init_of(msn)), true, {part->bytes}};
  if (segmenter_.ready() && !segmenter_.ended()) {
    const std::uint64_t next = segmenter_.next_msn();
    // The next one, or the first one of the segment after the open one.
    const std::size_t due = msn == next ? segmenter_.next_part() : 0;
    if ((msn == next || msn == next + 1) && number == due) return std::nullopt;
  }
  return instead_of_part(request);
}

// A part that was hinted at, and that never came, since its segment ended before it: what goes on
// where it would have begun is the first part of the next segment.
std::optional<Response> Channel::instead_of_part(const Request& request) const {
  const auto [kind, msn, number] = request.file;
  const Segment* ended = segmenter_.find(msn);
  if (ended && number == ended->parts.size() && number > 0 && !segmenter_.ended()) {
    if (const PartialSegment* first = segmenter_.find_part(msn + 1, 0)) {
      if (!segmenter_.is_discontinuous(msn + 1))
        return Response{
            std::nullopt, {}, media_type(segmenter_.init_of(msn + 1)), true, {first->bytes}};
    } else if (msn + 1 == segmenter_.next_msn()) {
      return std::nullopt;
    }
  }
  return refusal(Refusal::not_found, fmt::format("there is no part {} of segment {}", number, msn));
}

// ---- the subscriber

void Channel::on_epoch(const EpochPtr& epoch) {
  absent_ = false;
  if (epoch->init) take(segmenter_.begin_epoch(epoch->info, epoch->init->payload()));
}

void Channel::on_part(const RingEntry& entry) {
  const Part& part = *entry.part;
  take(segmenter_.feed(part.payload(), part.facts().received_wall_us));
}

void Channel::take(const Result<void>& what) {
  if (!what) spdlog::warn("stream {}: no HLS of this epoch: {}", stream_, what.error().what);
  if (ready_since_ == Time{} && segmenter_.ready()) ready_since_ = hub_.loop().now();
}

void Channel::on_end(std::string_view) {
  segmenter_.end();
  answer_waiting();
}

void Channel::on_refused(std::string_view why) {
  last_ = refusal(Refusal::unsupported_format, std::string{why});
  refuse_waiting(*last_->refused, last_->message);
}

}  // namespace framewire::relay::hls
