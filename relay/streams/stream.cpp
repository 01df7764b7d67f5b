#include "relay/streams/stream.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

#include "relay/base/secret.h"
#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {
namespace {

constexpr Duration kReportEvery{1'000};

}  // namespace

std::string to_string(PublisherId id) {
  return fmt::format("{}-{}", id.loop, id.number);
}

std::string name_of(const SpeakerId& speaker, std::string_view suffix) {
  if (!speaker.via.empty()) return speaker.via;
  return fmt::format("{}-{}{}", speaker.loop, speaker.number, suffix);
}

CloseReason close_reason_for(Error error) {
  std::string name{to_string(error.code)};
  CloseCode close = CloseCode::internal;
  switch (error.code) {
    case Errc::protocol:
      close = CloseCode::protocol;
      break;
    case Errc::unsupported_format:
      close = CloseCode::unsupported;
      break;
    case Errc::bad_text:
    case Errc::malformed_media:
      close = CloseCode::bad_data;
      break;
    case Errc::limit_exceeded:
      close = CloseCode::too_big;
      break;
    case Errc::refused:
    case Errc::past_credit:
      close = CloseCode::policy;
      break;
    case Errc::internal:
      break;
  }
  return {close, std::move(name), std::move(error)};
}

Stream::Stream(const Config& config, LoopCounters& counters, StreamDelegate& delegate,
               LocalStream& local_stream, StreamRecorder* recorder)
    : config_(config),
      counters_(counters),
      delegate_(delegate),
      local_stream_(local_stream),
      derived_(is_derived(local_stream.stream())),
      speech_(config.stream_side_texts_per_second),
      recorder_(recorder),
      started_ms_(wall_clock_us() / 1000) {}

// ---- who publishes

void Stream::on_publish_request(const PublishRequest& request) {
  auto granted = publisher_.judge(request, config_.takeover);
  if (!granted) {
    delegate_.to_publisher(request.publisher, std::move(granted.error()));
    return;
  }
  if (granted->displaced) delegate_.to_publisher(publisher_.id(), *std::move(granted->displaced));
  forget_publisher();
  publisher_.resume(request.publisher);
  if (!granted->resumes) begin(request);
  keyframes_.restart();
  if (granted->resumes) spdlog::info("stream {}: publisher resumed, from {}", name(), request.by);
  flush();
  broadcast(StateChanged{StreamState::live, ""});
  delegate_.to_publisher(publisher_.id(), PublishGranted{name(), local_stream_.id().loop});
  send_to_publisher(
      ready_message(name(), publisher_.token(), name_of({publisher_.id()}, config_.sender_suffix()),
                    granted->resumes, publisher_.next_message(), makes_keyframes(), config_));
  keep_recording();
  told_viewers_ = 0;
  delegate_.to_directory(summary());
  if (capture_) capture_->greet();
}

// Another publication.
void Stream::begin(const PublishRequest& request) {
  report_end("replaced");
  finish_intake();
  publisher_.begin(request, random_token(), epoch_ + 1, delegate_.now());
  received_bytes_ = 0;
  warnings_.clear();
  capture_.reset();
  if (request.hello.lossless) {
    CaptureOwner& owner = *this;
    capture_ = std::make_unique<CaptureSession>(config_, request.hello, owner);
    capture_->begin(delegate_.capture_writers(), name());
  }
  if (derived_) spdlog::info("stream {}: published", name());
  begin_logged_ = false;
  most_viewers_ = 0;
  report_begin();
}

void Stream::leave(PublisherId from, PublisherExit how) {
  if (!publisher_.is(from) || ended_) return;
  const bool capturing = capture_ && !capture_->over();
  if (how == PublisherExit::finished && capture_) {
    capture_->finish("");  // its file is what the publisher waits for
  } else if (how == PublisherExit::cancelled && capture_) {
    capture_->cancel();
    end("ended");
  } else if (how == PublisherExit::sent_away) {
    publisher_.spoil();
    if (!capturing) finish_intake();
    lose_publisher("publisher-lost", "publisher-lost");
  } else if (how != PublisherExit::lost && !capturing) {
    auto error = finish_intake();
    if (epoch_ > 0) error.reset();  // what came before the broken tail was good
    delegate_.to_publisher(from, PublishingEnded{std::move(error)});
    end("ended");
  } else {
    if (!publisher_.resumable()) finish_intake();
    lose_publisher("publisher-lost", "publisher-lost");
  }
}

// A capture that is not over is finished with what there is; the stream ends when it has.
void Stream::stop(const CloseReason& why) {
  if (ended_) return;
  const PublisherId publisher = publisher_.id();
  const bool capturing = capture_ && !capture_->over();
  if (capturing)
    capture_->finish(why.error.what);
  else
    finish_intake();
  if (publisher.number != 0) delegate_.to_publisher(publisher, why);
  publisher_.spoil();
  if (capturing)
    lose_publisher("publisher-lost", "publisher-lost");
  else
    end("ended");
}

void Stream::refuse_viewers(const std::string& why) {
  if (ended_) return;
  broadcast(ViewersRefused{why});
  end("refused");
}

// waiting_reason: for the viewers. end_reason: of the stream's end if nobody comes back.
void Stream::lose_publisher(std::string_view waiting_reason, std::string_view end_reason) {
  forget_publisher();
  publisher_.linger(end_reason, delegate_.now());
  flush();
  spdlog::info("stream {}: {}, lingers", name(), waiting_reason);
  broadcast(StateChanged{StreamState::lingering, std::string{waiting_reason}});
  delegate_.to_directory(summary());
}

void Stream::end(std::string_view reason) {
  flush();
  ended_ = true;
  forget_publisher();
  log_end(reason);
  report_end(reason);
  broadcast(StreamEnded{std::string{reason}});
  if (const auto recording = std::exchange(recording_, nullptr)) recording->end_with_stream();
}

// One line when a stream begins, once it is known what it is, and one when it ends.
void Stream::log_begin() {
  if (derived_) return;
  std::uint32_t width = info_.width, height = info_.height;
  for (const TrackInfo& track : info_.tracks)
    if (track.width != 0) width = track.width, height = track.height;
  spdlog::info("stream {}: published by {}; {}, {}{}", name(), publisher_.by(),
               to_string(info_.format), info_.mime,
               width == 0 ? "" : fmt::format(", {}x{}", width, height));
}

void Stream::log_end(std::string_view reason) {
  if (derived_) {
    spdlog::info("stream {}: ended ({})", name(), reason);
    return;
  }
  const std::chrono::duration<double> lasted = delegate_.now() - publisher_.published_at();
  spdlog::info("stream {}: ended ({}): {:.1f} s, {} bytes, at most {} viewers; by {}", name(),
               reason, lasted.count(), received_bytes_, std::max(most_viewers_, viewers()),
               publisher_.by());
}

// ---- the other loops

bool Stream::add_local_stream(LocalStreamId local_stream) {
  if (std::find(remotes_.begin(), remotes_.end(), local_stream) != remotes_.end()) return false;
  remotes_.push_back(local_stream);
  return true;
}

void Stream::remove_local_stream(LocalStreamId local_stream) {
  if (std::erase(remotes_, local_stream) > 0) remote_.erase(local_stream.loop);
}

void Stream::flush() {
  if (outbox_.empty()) return;
  delegate_.to_local_streams(
      remotes_, name(),
      PartsCut{std::make_shared<const Posting>(std::exchange(outbox_, {}), under_way_)});
}

// One that is held may still have to say good-bye.
void Stream::forget_publisher() {
  const PublisherId who = publisher_.id();
  if (publisher_.forget()) delegate_.to_publisher(who, ReadingHeld{false});
}

// Half of what a ring keeps, so that it keeps all that is under way.
bool Stream::must_hold() const {
  return (capture_ && capture_->full()) || *under_way_ > config_.ring_bytes / 2;
}

void Stream::hold_or_release() {
  if (const bool hold = must_hold(); publisher_.set_held(hold))
    delegate_.to_publisher(publisher_.id(), ReadingHeld{hold});
}

void Stream::tick(Time now) {
  if (ended_) return;
  if (publisher_.overdue(now, config_.linger)) {
    if (capture_ && !capture_->over()) {
      capture_->finish(fmt::format("the publisher was lost after {} frames", capture_->taken()));
      return;
    }
    finish_intake();
    end(publisher_.end_reason());
    return;
  }
  if (publisher_.present() && publisher_.framing() == PublishFraming::v1) send_ack();
  if (capture_) capture_->tick();
  if (publisher_.held()) hold_or_release();
  if (recording_) want_keyframe(kOrdinaryGroup);  // who seeks in it goes to one
  if (now - reported_at_ >= kReportEvery) report(now);
}

void Stream::report(Time now) {
  reported_at_ = now;
  const std::size_t count = all_viewers();
  most_viewers_ = std::max(most_viewers_, count);
  if (linked() && viewers() != told_home_) {
    told_home_ = viewers();
    send_to_publisher(viewers_message(told_home_));
  }
  if (count != told_viewers_) {
    if (linked())
      broadcast(TextSaid{viewers_message(count), TextKind::control});
    else
      broadcast_text(viewers_message(count), TextKind::control);
  }
  if (count != told_viewers_ || received_bytes_ != reported_bytes_)
    delegate_.to_directory(summary());
  report_watched(count > 0);
  told_viewers_ = count;
  reported_bytes_ = received_bytes_;
}

Attendance Stream::attendance() const {
  Attendance out = local_stream_.attendance();
  for (const auto& [loop, remote] : remote_) {
    out.viewers += remote.viewers;
    out.all += remote.all;
  }
  return out;
}

StreamSummary Stream::summary() const {
  StreamSummary out;
  out.name = name();
  out.state = publisher_.present() ? linked_state_ : StreamState::lingering;
  out.info = info_;
  out.epoch = epoch_;
  out.title = publisher_.hello().title;
  out.viewers = all_viewers();
  out.received_bytes = received_bytes_;
  out.started_ms = started_ms_;
  out.delay = delays_.read(delegate_.now());
  out.warnings = warnings_;
  out.resume_token = publisher_.resumable() ? publisher_.token() : "";
  return out;
}

}  // namespace framewire::relay
