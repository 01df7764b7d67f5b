#include "relay/stream.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

#include "relay/auth.h"
#include "relay/deriver.h"
#include "relay/messages.h"
#include "relay/record/film_feed.h"

namespace framewire::relay {
namespace {

constexpr std::uint64_t kAckBytes = 256u << 10;
constexpr Duration kReportEvery{1'000};
// Of the times that publishers give: what a page can say exactly, 285 years.
constexpr std::int64_t kFarthestUs = std::int64_t{1} << 53;

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
               Recorder* recorder)
    : config_(config),
      counters_(counters),
      port_(port),
      mirror_(mirror),
      derived_(is_derived(mirror.stream())),
      speech_(config.stream_side_texts_per_second),
      recorder_(recorder),
      started_ms_(wall_clock_us() / 1000) {}

Stream::~Stream() {
  if (feed_) feed_->close();
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
      port_.close_publisher(publisher_,
                            {CloseCode::policy,
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
    port_.close_publisher(
        publisher_,
        {CloseCode::policy, "taken-over", {Errc::refused, "another publisher took over"}});
  install(claim, false);
}

void Stream::install(const Claim& claim, bool resumed) {
  publisher_ = claim.publisher;
  if (!resumed) {
    finish_intake();
    push_ = claim.push;
    hello_ = claim.hello;
    token_ = random_token();
    resumable_ = push_ == Push::v1;
    next_message_ = 0;
    acked_ = 0;
    received_bytes_ = 0;
    stamp_us_ = 0;
    capture_.reset();
    if (hello_.lossless) {
      CaptureOwner& owner = *this;
      capture_ = std::make_unique<LosslessCapture>(config_, hello_, owner);
      capture_->begin(port_.capturer(), name());
    }
  }
  held_ = false;
  unacked_bytes_ = 0;
  spdlog::info("stream {}: {}", name(), resumed ? "publisher resumed" : "published");
  flush();
  mirror_.set_state(StreamState::live, "");
  port_.send_state(remotes_, name(), StreamState::live, "");
  port_.publisher_ready(publisher_, name());
  port_.tell_publisher(publisher_, ready_message(name(), token_, to_string(publisher_), resumed,
                                                 next_message_, config_));
  keep_recording();
  told_viewers_ = 0;
  port_.send_summary(summary());
  if (capture_) capture_->greet();
}

void Stream::refuse(const Claim& claim, std::string code, std::string why, bool stay) {
  port_.close_publisher(
      claim.publisher, {CloseCode::policy, std::move(code), {Errc::refused, std::move(why)}, stay});
}

void Stream::leave(PublisherId from, Departure how) {
  if (from != publisher_ || ended_) return;
  const bool capturing = capture_ && !capture_->over();
  if (how == Departure::finished && capture_) {
    capture_->finish("");  // its file is what the publisher waits for
  } else if (how == Departure::cancelled && capture_) {
    capture_->cancel();
    end("ended");
  } else if (how != Departure::lost && !capturing) {
    auto error = finish_intake();
    if (epoch_ > 0) error.reset();  // what came before the broken tail was good
    port_.publisher_ended(from, std::move(error));
    end("ended");
  } else {
    if (!resumable_) finish_intake();
    lose_publisher("publisher-lost");
  }
}

void Stream::refuse_viewers(const std::string& why) {
  if (ended_) return;
  mirror_.refuse(why);
  port_.send_refusal(remotes_, name(), why);
  end("refused");
}

void Stream::lose_publisher(std::string_view waiting_reason) {
  publisher_ = {};
  lost_at_ = port_.now();
  end_reason_ = "publisher-lost";
  flush();
  spdlog::info("stream {}: {}, lingers", name(), waiting_reason);
  mirror_.set_state(StreamState::lingering, waiting_reason);
  port_.send_state(remotes_, name(), StreamState::lingering, std::string{waiting_reason});
  port_.send_summary(summary());
}

void Stream::end(std::string_view reason) {
  flush();
  ended_ = true;
  publisher_ = {};
  spdlog::info("stream {}: ended ({})", name(), reason);
  mirror_.flush(port_.now());
  mirror_.end(reason);
  const auto feed = std::exchange(feed_, nullptr);
  if (feed && !filmed_) feed->close();  // a film is still being made
  port_.send_end(remotes_, name(), std::string{reason});
}

// ---- what is received

void Stream::receive(PublisherId from, Bytes bytes) {
  if (from != publisher_ || ended_) return;
  if (!derived_) ++counters_.received_messages;
  const Result<void> taken = push_ == Push::v1 ? take_message(bytes) : take_media(bytes);
  if (!taken) {
    fail_publisher(taken.error());
    return;
  }
  if (push_ == Push::v1 && (hello_.prompt_acks || unacked_bytes_ >= kAckBytes)) send_ack();
  if (capture_ && capture_->full() && !std::exchange(held_, true))
    port_.hold_publisher(publisher_, true);
}

// PROTOCOL.md, "The framewire.v1 binary header", publisher to server.
Result<void> Stream::take_message(Bytes message) {
  if (message.size() < kV1FieldBytes)
    return fail(Errc::protocol,
                fmt::format("a message of {} bytes has no framewire.v1 header", message.size()),
                received_bytes_);
  const auto kind = load_be<std::uint8_t>(message, 0);
  const auto header = load_be<std::uint8_t>(message, 2);
  const auto sequence = load_be<std::uint64_t>(message, 8);
  const bool sound = capture_ && kind == static_cast<std::uint8_t>(V1Kind::sound);
  if ((kind != static_cast<std::uint8_t>(V1Kind::media) && !sound) || header < kV1FieldBytes ||
      header > message.size())
    return fail(Errc::protocol,
                fmt::format("header of kind {} and length {} in a message of {} bytes", kind,
                            header, message.size()),
                received_bytes_);
  if (sequence < next_message_) {
    ++counters_.duplicate_messages;
    acked_ = std::min(acked_, sequence);  // so that it is acknowledged again
    return {};
  }
  if (sequence > next_message_)
    return fail(Errc::protocol, fmt::format("message {} where {} is due", sequence, next_message_),
                received_bytes_);
  stamp_us_ = std::clamp(load_be<std::int64_t>(message, 16), -kFarthestUs, kFarthestUs);
  auto taken = sound      ? take_sound(message, header)
               : capture_ ? take_frame(message, header)
                          : take_media(message.subspan(header));
  if (!taken) return taken;
  ++next_message_;
  unacked_bytes_ += message.size();
  return {};
}

// PROTOCOL.md, "Lossless capture": a piece of a frame.
Result<void> Stream::take_frame(Bytes message, std::size_t header) {
  FramePiece piece;
  piece.frame = load_be<std::uint64_t>(message, 16);
  piece.last = (message[1] & kV1More) == std::byte{0};
  piece.bytes = message.size() - header;
  if (header >= kV1FieldBytes + sizeof *piece.hash)
    piece.hash = load_be<std::uint32_t>(message, kV1FieldBytes);
  if (auto may = capture_->admit(piece); !may) return may;
  if (auto taken = take_media(message.subspan(header)); !taken) return taken;
  return capture_->admitted(piece);
}

Result<void> Stream::take_sound(Bytes message, std::size_t header) {
  const Bytes samples = message.subspan(header);
  received_bytes_ += samples.size();
  counters_.received_bytes += samples.size();
  return capture_->append_sound(load_be<std::uint64_t>(message, 16), samples);
}

Result<void> Stream::take_media(Bytes media) {
  received_bytes_ += media.size();
  if (!derived_) counters_.received_bytes += media.size();
  if (!intake_) start_intake();
  intake_->stamp(stamp_us_);
  return intake_->feed(media);
}

void Stream::start_intake() {
  IntakeOptions options;
  options.format = hello_.format;
  options.messages = push_ != Push::http;
  options.cutter.limits = config_.limits;
  options.cutter.width = hello_.width;
  options.cutter.height = hello_.height;
  options.cutter.fps = hello_.fps;
  options.cutter.resize = hello_.resize;
  PartSink& sink = *this;
  intake_ = std::make_unique<Intake>(options, sink);
}

// Lets out what is still held; a broken tail is worth a line in the log, no more.
std::optional<Error> Stream::finish_intake() {
  std::optional<Error> error;
  if (!intake_) return error;
  if (auto finished = intake_->finish(); !finished) {
    error = std::move(finished.error());
    spdlog::debug("stream {}: {} (byte {})", name(), error->what, error->offset);
  }
  intake_.reset();
  return error;
}

void Stream::fail_publisher(Error error) {
  spdlog::warn("stream {}: publisher's error {} at byte {}: {}", name(), to_string(error.code),
               error.offset, error.what);
  if (capture_) capture_->finish(error.what);
  port_.close_publisher(publisher_, ending_for(std::move(error)));
  intake_.reset();
  resumable_ = false;
  lose_publisher("publisher-error");
  end_reason_ = "error";
}

void Stream::send_ack() {
  unacked_bytes_ = 0;
  if (next_message_ == acked_) return;
  acked_ = next_message_;
  port_.tell_publisher(publisher_, ack_message(next_message_ - 1));
}

// ---- what is cut

void Stream::on_epoch(const EpochInfo& info) {
  info_ = info;
  ++epoch_;
  epochs_ = {};
  choose_what_is_recorded();
  port_.send_summary(summary());
}

void Stream::on_part(Rendition rendition, const CutPart& cut) {
  const auto index = static_cast<std::size_t>(rendition);
  PartFacts facts;
  facts.init = cut.init;
  facts.group_start = cut.group_start;
  facts.joiners_only = cut.joiners_only;
  facts.epoch = epoch_;
  facts.sequence = next_sequence_[index]++;
  facts.pts_us = cut.init ? 0 : cut.pts_us;
  if (!cut.init && rendition == Rendition::origin) newest_pts_us_ = cut.pts_us;
  facts.received_wall_us = wall_clock_us();
  facts.received = port_.now();
  PartPtr part = Part::make(facts, cut.payload);
  if (!epochs_[index])
    epochs_[index] = std::make_shared<const Epoch>(Epoch{epoch_, info_, cut.init ? part : nullptr});
  ++counters_.parts_cut;

  RenditionEntry entry{rendition, {std::move(part), epochs_[index]}};
  if (feed_ && !filmed_ && rendition == Rendition::origin) feed_->append(entry.second);
  if (capture_) capture_->append(entry.second.part);
  if (!remotes_.empty()) outbox_.push_back(entry);
  if (!mirror_.append(entry) && rendition == Rendition::origin) {
    ++counters_.groups_too_long;
    port_.tell_publisher(publisher_,
                         warning_message("group-too-long",
                                         "keyframes are too far apart for late joiners: the group "
                                         "no longer fits the server's ring"));
  }
}

void Stream::on_note(const CutNote& note) {
  spdlog::warn("stream {}: {} at byte {}: {}", name(), note.code, note.offset, note.what);
  port_.tell_publisher(
      publisher_, warning_message(note.code, fmt::format("{} (byte {})", note.what, note.offset)));
}

// ---- what is said

void Stream::say(SpeakerId from, const SideText& text) {
  const std::string sender = to_string(from);
  const bool is_publisher = from == publisher_;
  if (!is_publisher && muted_.count(sender) > 0) {
    counters_.said(TextFate::limited);
    port_.tell_speaker(from, warning_message("muted", "the publisher has muted this sender"));
    return;
  }
  if (!is_publisher && !speech_.pass(sender, port_.now())) {
    counters_.said(TextFate::limited);
    port_.tell_speaker(
        from,
        warning_message("rate-limited", fmt::format("more than {} messages a second in this stream",
                                                    config_.stream_side_texts_per_second)));
    return;
  }
  counters_.said(TextFate::passed_on);
  tell_all(
      side_message({sender, is_publisher, epoch_, newest_pts_us_, wall_clock_us() / 1000}, text),
      TextKind::side);
}

void Stream::mute(PublisherId from, const MuteHello& mute) {
  if (from != publisher_) return;
  if (!mute.muted) {
    muted_.erase(mute.sender);
  } else if (muted_.size() >= config_.max_muted && muted_.count(mute.sender) == 0) {
    port_.tell_publisher(from, warning_message("limit-exceeded",
                                               fmt::format("{} senders are muted already, which is "
                                                           "the server's limit",
                                                           config_.max_muted)));
    return;
  } else {
    muted_.insert(mute.sender);
  }
  tell_all(muted_message(mute.sender, mute.muted), TextKind::control);
}

void Stream::tell_all(const std::string& json, TextKind kind) {
  if (publisher_.number != 0) port_.tell_publisher(publisher_, json);
  mirror_.tell(json, kind);
  port_.send_text(remotes_, name(), json, kind);
}

// ---- recording

bool Stream::record(bool on) {
  if (!recorder_) return false;
  record_asked_ = on;
  if (on)
    keep_recording();
  else
    stop_recording();
  return true;
}

// Of a new publisher, of one that came back, and when it is asked for in the middle. A recording
// that failed is begun again with the next publisher.
void Stream::keep_recording() {
  // A derived one's origin is what is recorded, and a capture is a recording itself.
  if (derived_ || capture_) return;
  if (feed_ && (feed_->failed() || feed_->closed())) feed_.reset();
  if (!record_asked_.value_or(hello_.record || any_matches(config_.record, name()))) {
    stop_recording();
    return;
  }
  if (feed_) {
    feed_->set_publisher(publisher_);
    return;
  }
  if (!recorder_) {
    port_.tell_publisher(publisher_, recording_message("failed", "not-recording",
                                                       "this server records nothing: it runs "
                                                       "without --record-dir"));
    return;
  }
  feed_ = recorder_->open(name(), publisher_);
  filmed_ = false;
  if (intake_ && intake_->begun() && epoch_ > 0) choose_what_is_recorded();
  const Ring& ring = mirror_.fanout(Rendition::origin).ring();
  if (const auto newest = ring.newest_group(); newest && intake_ && intake_->begun() && !filmed_)
    for (std::uint64_t at = *newest; at < ring.end(); ++at) feed_->append(ring.at(at));
  port_.tell_publisher(publisher_, recording_message("recording", "", ""));
}

void Stream::choose_what_is_recorded() {
  if (!feed_) return;
  const bool film = is_recorded_as_film(info_);
  if (film == std::exchange(filmed_, film)) return;
  if (film)
    port_.begin_film(name(), feed_);
  else
    port_.end_film(name());
}

void Stream::stop_recording() {
  if (!feed_) return;
  std::exchange(feed_, nullptr)->close();
  if (publisher_.number != 0)
    port_.tell_publisher(publisher_, recording_message("stopped", "", ""));
}

// ---- lossless capture

void Stream::tell_capturer(std::string json) {
  if (publisher_.number != 0) port_.tell_publisher(publisher_, std::move(json));
}

void Stream::on_capture_room() {
  if (held_ && !capture_->full()) port_.hold_publisher(publisher_, held_ = false);
}

void Stream::fail_capture(const Ending& ending) {
  if (publisher_.number == 0) return;  // told when it comes back
  spdlog::warn("stream {}: capture failed: {} ({})", name(), ending.error.what, ending.code);
  port_.close_publisher(publisher_, ending);
  intake_.reset();
  resumable_ = false;
  lose_publisher("publisher-error");
  end_reason_ = "error";
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
  if (!outbox_.empty()) port_.send_parts(remotes_, name(), std::exchange(outbox_, {}));
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
  if (now - reported_at_ >= kReportEvery) report(now);
}

void Stream::report(Time now) {
  reported_at_ = now;
  const std::size_t count = viewers();
  if (count != told_viewers_) {
    tell_all(viewers_message(count), TextKind::control);
  }
  if (count != told_viewers_ || received_bytes_ != reported_bytes_) port_.send_summary(summary());
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
  return out;
}

}  // namespace framewire::relay
