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

std::string random_token() {
  std::random_device device;
  std::string out;
  for (int i = 0; i < 4; ++i) out += fmt::format("{:08x}", device());
  return out;
}

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
  const bool taken = publisher_.number != 0;
  if (claim.resume_token) {
    if (!resumable_ || !same_secret(*claim.resume_token, token_)) {
      refuse(claim, "resume-unknown", "this token resumes nothing here: publish anew", true);
      return;
    }
    if (taken)
      port_.to_publisher(publisher_,
                         Ending{CloseCode::policy,
                                "taken-over",
                                {Errc::refused, "the publisher resumed on another connection"}});
    install(claim, true);
    return;
  }
  const bool own = same_secret(claim.hello.replaces, token_);
  if (taken && !own && !config_.takeover) {
    refuse(claim, "stream-taken", fmt::format("stream {} has a publisher", name()));
    return;
  }
  if (taken)
    port_.to_publisher(
        publisher_,
        Ending{CloseCode::policy, "taken-over", {Errc::refused, "another publisher took over"}});
  install(claim, false);
}

void Stream::install(const Claim& claim, bool resumed) {
  forget_publisher();
  publisher_ = claim.publisher;
  if (!resumed) {
    tell_end("replaced");
    finish_intake();
    push_ = claim.push;
    hello_ = claim.hello;
    token_ = random_token();
    resumable_ = push_ == Push::v1;
    next_message_ = 0;
    acked_ = 0;
    received_bytes_ = 0;
    stamp_us_ = 0;
    captured_us_ = 0;
    warnings_.clear();
    first_epoch_ = epoch_ + 1;
    capture_.reset();
    if (hello_.lossless) {
      CaptureOwner& owner = *this;
      capture_ = std::make_unique<LosslessCapture>(config_, hello_, owner);
      capture_->begin(port_.capturer(), name());
    }
  }
  unacked_bytes_ = 0;
  keyframes_.restart();
  if (resumed) {
    spdlog::info("stream {}: publisher resumed, from {}", name(), claim.by);
  } else {
    if (derived_) spdlog::info("stream {}: published", name());
    by_ = claim.by;
    begin_logged_ = false;
    most_viewers_ = 0;
    published_at_ = port_.now();
    tell_begin();
  }
  flush();
  tell_mirrors(StateChanged{StreamState::live, ""});
  port_.to_publisher(publisher_, ClaimGranted{name(), mirror_.id().loop});
  tell_publisher(ready_message(name(), token_, to_string(publisher_), resumed, next_message_,
                               makes_keyframes(), config_));
  keep_recording();
  told_viewers_ = 0;
  port_.to_directory(summary());
  if (capture_) capture_->greet();
}

void Stream::refuse(const Claim& claim, std::string code, std::string why, bool stay) {
  port_.to_publisher(
      claim.publisher,
      Ending{CloseCode::policy, std::move(code), {Errc::refused, std::move(why)}, stay});
}

void Stream::leave(PublisherId from, Departure how) {
  if (from != publisher_ || ended_) return;
  const bool capturing = capture_ && !capture_->over();
  if (how == Departure::finished && capture_) {
    capture_->finish("");  // its file is what the publisher waits for
  } else if (how == Departure::cancelled && capture_) {
    capture_->cancel();
    end("ended");
  } else if (how == Departure::sent_away) {
    resumable_ = false;
    if (!capturing) finish_intake();
    lose_publisher("publisher-lost");
  } else if (how != Departure::lost && !capturing) {
    auto error = finish_intake();
    if (epoch_ > 0) error.reset();  // what came before the broken tail was good
    port_.to_publisher(from, PublishingEnded{std::move(error)});
    end("ended");
  } else {
    if (!resumable_) finish_intake();
    lose_publisher("publisher-lost");
  }
}

// A capture that is not over is finished with what there is; the stream ends when it has.
void Stream::stop() {
  if (ended_) return;
  const PublisherId publisher = publisher_;
  const bool capturing = capture_ && !capture_->over();
  if (capturing)
    capture_->finish("an operator ended the stream");
  else
    finish_intake();
  if (publisher.number != 0)
    port_.to_publisher(publisher, Ending{CloseCode::policy,
                                         "stream-ended",
                                         {Errc::refused, "an operator ended this stream"}});
  resumable_ = false;
  if (capturing)
    lose_publisher("publisher-lost");
  else
    end("ended");
}

void Stream::refuse_viewers(const std::string& why) {
  if (ended_) return;
  tell_mirrors(ViewersRefused{why});
  end("refused");
}

void Stream::lose_publisher(std::string_view waiting_reason) {
  forget_publisher();
  lost_at_ = port_.now();
  end_reason_ = "publisher-lost";
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
  spdlog::info("stream {}: published by {}; {}, {}{}", name(), by_, to_string(info_.format),
               info_.mime, width == 0 ? "" : fmt::format(", {}x{}", width, height));
}

void Stream::log_end(std::string_view reason) {
  if (derived_) {
    spdlog::info("stream {}: ended ({})", name(), reason);
    return;
  }
  const std::chrono::duration<double> lasted = port_.now() - published_at_;
  spdlog::info("stream {}: ended ({}): {:.1f} s, {} bytes, at most {} viewers; by {}", name(),
               reason, lasted.count(), received_bytes_, std::max(most_viewers_, viewers()), by_);
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
  if (std::exchange(held_, false)) port_.to_publisher(publisher_, ReadingHeld{false});
  publisher_ = {};
}

// Half of what a ring keeps, so that it keeps all that is under way.
bool Stream::must_hold() const {
  return (capture_ && capture_->full()) || *under_way_ > config_.ring_bytes / 2;
}

void Stream::hold_or_release() {
  if (const bool hold = must_hold(); std::exchange(held_, hold) != hold)
    port_.to_publisher(publisher_, ReadingHeld{hold});
}

void Stream::tick(Time now) {
  if (ended_) return;
  if (publisher_.number == 0) {
    if (now - lost_at_ > config_.linger) {
      if (capture_ && !capture_->over()) {
        capture_->finish(fmt::format("the publisher was lost after {} frames", capture_->taken()));
        return;
      }
      finish_intake();
      end(end_reason_);
      return;
    }
  } else if (push_ == Push::v1) {
    send_ack();
  }
  if (capture_) capture_->tick();
  if (held_) hold_or_release();
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
  out.state = publisher_.number != 0 ? StreamState::live : StreamState::lingering;
  out.info = info_;
  out.epoch = epoch_;
  out.title = hello_.title;
  out.viewers = viewers();
  out.received_bytes = received_bytes_;
  out.started_ms = started_ms_;
  out.delay = delays_.read(port_.now());
  out.warnings = warnings_;
  return out;
}

}  // namespace framewire::relay
