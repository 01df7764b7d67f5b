#include "relay/streams/stream.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

#include "relay/base/secret.h"
#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

constexpr Duration kReportEvery{1'000};

}  // namespace

std::string to_string(SpeakerId speaker) {
  return fmt::format("{}-{}", speaker.loop, speaker.number);
}

Ending ending_for(Error error) {
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

Stream::Stream(const Config& config, LoopCounters& counters, StreamPort& port, Mirror& mirror,
               StreamRecorder* recorder)
    : config_(config),
      counters_(counters),
      port_(port),
      mirror_(mirror),
      derived_(is_derived(mirror.stream())),
      speech_(config.stream_side_texts_per_second),
      recorder_(recorder),
      started_ms_(wall_clock_us() / 1000) {}

Stream::~Stream() {
  if (recording_) recording_->close();
}

// ---- who publishes

void Stream::claim(const Claim& claim) {
  auto granted = publisher_.judge(claim, config_.takeover);
  if (!granted) {
    port_.to_publisher(claim.publisher, std::move(granted.error()));
    return;
  }
  if (granted->displaced) port_.to_publisher(publisher_.id(), *std::move(granted->displaced));
  forget_publisher();
  publisher_.resume(claim.publisher);
  if (!granted->resumes) begin(claim);
  keyframes_.restart();
  if (granted->resumes) spdlog::info("stream {}: publisher resumed, from {}", name(), claim.by);
  flush();
  tell_mirrors(StateChanged{StreamState::live, ""});
  port_.to_publisher(publisher_.id(), ClaimGranted{name(), mirror_.id().loop});
  tell_publisher(ready_message(name(), publisher_.token(), to_string(publisher_.id()),
                               granted->resumes, publisher_.next_message(), makes_keyframes(),
                               config_));
  keep_recording();
  told_viewers_ = 0;
  port_.to_directory(summary());
  if (capture_) capture_->greet();
}

// Another publication.
void Stream::begin(const Claim& claim) {
  tell_end("replaced");
  finish_intake();
  publisher_.begin(claim, random_token(), epoch_ + 1, port_.now());
  received_bytes_ = 0;
  warnings_.clear();
  capture_.reset();
  if (claim.hello.lossless) {
    CaptureOwner& owner = *this;
    capture_ = std::make_unique<CaptureSession>(config_, claim.hello, owner);
    capture_->begin(port_.capture_writers(), name());
  }
  if (derived_) spdlog::info("stream {}: published", name());
  begin_logged_ = false;
  most_viewers_ = 0;
  tell_begin();
}

void Stream::leave(PublisherId from, Departure how) {
  if (!publisher_.is(from) || ended_) return;
  const bool capturing = capture_ && !capture_->over();
  if (how == Departure::finished && capture_) {
    capture_->finish("");  // its file is what the publisher waits for
  } else if (how == Departure::cancelled && capture_) {
    capture_->cancel();
    end("ended");
  } else if (how == Departure::sent_away) {
    publisher_.spoil();
    if (!capturing) finish_intake();
    lose_publisher("publisher-lost", "publisher-lost");
  } else if (how != Departure::lost && !capturing) {
    auto error = finish_intake();
    if (epoch_ > 0) error.reset();  // what came before the broken tail was good
    port_.to_publisher(from, PublishingEnded{std::move(error)});
    end("ended");
  } else {
    if (!publisher_.resumable()) finish_intake();
    lose_publisher("publisher-lost", "publisher-lost");
  }
}

// A capture that is not over is finished with what there is; the stream ends when it has.
void Stream::stop() {
  if (ended_) return;
  const PublisherId publisher = publisher_.id();
  const bool capturing = capture_ && !capture_->over();
  if (capturing)
    capture_->finish("an operator ended the stream");
  else
    finish_intake();
  if (publisher.number != 0)
    port_.to_publisher(publisher, Ending{CloseCode::policy,
                                         "stream-ended",
                                         {Errc::refused, "an operator ended this stream"}});
  publisher_.spoil();
  if (capturing)
    lose_publisher("publisher-lost", "publisher-lost");
  else
    end("ended");
}

void Stream::refuse_viewers(const std::string& why) {
  if (ended_) return;
  tell_mirrors(ViewersRefused{why});
  end("refused");
}

// waiting_reason: for the viewers. end_reason: of the stream's end if nobody comes back.
void Stream::lose_publisher(std::string_view waiting_reason, std::string_view end_reason) {
  forget_publisher();
  publisher_.linger(end_reason, port_.now());
  flush();
  spdlog::info("stream {}: {}, lingers", name(), waiting_reason);
  tell_mirrors(StateChanged{StreamState::lingering, std::string{waiting_reason}});
  port_.to_directory(summary());
}

void Stream::end(std::string_view reason) {
  flush();
  ended_ = true;
  forget_publisher();
  log_end(reason);
  tell_end(reason);
  tell_mirrors(StreamEnded{std::string{reason}});
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
  const std::chrono::duration<double> lasted = port_.now() - publisher_.published_at();
  spdlog::info("stream {}: ended ({}): {:.1f} s, {} bytes, at most {} viewers; by {}", name(),
               reason, lasted.count(), received_bytes_, std::max(most_viewers_, viewers()),
               publisher_.by());
}

// ---- the other loops

bool Stream::add_mirror(MirrorId mirror) {
  if (std::find(remotes_.begin(), remotes_.end(), mirror) != remotes_.end()) return false;
  remotes_.push_back(mirror);
  return true;
}

void Stream::remove_mirror(MirrorId mirror) {
  if (std::erase(remotes_, mirror) > 0) remote_.erase(mirror.loop);
}

void Stream::flush() {
  if (outbox_.empty()) return;
  port_.to_mirrors(
      remotes_, name(),
      PartsCut{std::make_shared<const Posting>(std::exchange(outbox_, {}), under_way_)});
}

// One that is held may still have to say good-bye.
void Stream::forget_publisher() {
  const PublisherId who = publisher_.id();
  if (publisher_.forget()) port_.to_publisher(who, ReadingHeld{false});
}

// Half of what a ring keeps, so that it keeps all that is under way.
bool Stream::must_hold() const {
  return (capture_ && capture_->full()) || *under_way_ > config_.ring_bytes / 2;
}

void Stream::hold_or_release() {
  if (const bool hold = must_hold(); publisher_.set_held(hold))
    port_.to_publisher(publisher_.id(), ReadingHeld{hold});
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
  if (publisher_.present() && publisher_.push() == Push::v1) send_ack();
  if (capture_) capture_->tick();
  if (publisher_.held()) hold_or_release();
  if (recording_) want_keyframe(kOrdinaryGroup);  // who seeks in it goes to one
  if (now - reported_at_ >= kReportEvery) report(now);
}

void Stream::report(Time now) {
  reported_at_ = now;
  const std::size_t count = viewers();
  most_viewers_ = std::max(most_viewers_, count);
  if (count != told_viewers_) {
    tell_all(viewers_message(count), TextKind::control);
  }
  if (count != told_viewers_ || received_bytes_ != reported_bytes_) port_.to_directory(summary());
  tell_watched(count > 0);
  told_viewers_ = count;
  reported_bytes_ = received_bytes_;
}

Attendance Stream::attendance() const {
  Attendance out = mirror_.attendance();
  for (const auto& [loop, remote] : remote_) {
    out.viewers += remote.viewers;
    out.all += remote.all;
  }
  return out;
}

StreamSummary Stream::summary() const {
  StreamSummary out;
  out.name = name();
  out.state = publisher_.present() ? StreamState::live : StreamState::lingering;
  out.info = info_;
  out.epoch = epoch_;
  out.title = publisher_.hello().title;
  out.viewers = viewers();
  out.received_bytes = received_bytes_;
  out.started_ms = started_ms_;
  out.delay = delays_.read(port_.now());
  out.warnings = warnings_;
  return out;
}

}  // namespace framewire::relay
