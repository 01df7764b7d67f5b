#include "relay/renditions/rendition_job.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "codec/early_choice.h"
#include "codec/outputs.h"
#include "relay/base/stream_name.h"
#include "relay/child/backoff.h"
#include "relay/renditions/rendition_host.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kReadBytes = 128u << 10;
constexpr int kReadsPerTurn = 8;
constexpr int kEncoderSendBuffer = 32 << 10;
constexpr Duration kFirstRetry{50};
constexpr Duration kNoRoomRetry{1'000};  // the system has no descriptor left, or no watch
constexpr Duration kLongestRetry{10'000};

}  // namespace

RenditionJob::RenditionJob(RenditionHost& host, std::string origin, std::string output)
    : host_(host),
      spec_{0, std::move(origin), std::move(output), std::nullopt},
      derived_(derived_name(spec_.stream, spec_.output)),
      format_(codec::output_named(spec_.output)->format),
      encodes_(codec::output_named(spec_.output)->encodes),
      source_(spec_.stream),
      channel_(host.uv(), [this](int events) { on_poll(events); }) {}

RenditionJob::~RenditionJob() {
  stop();
}

void RenditionJob::start() {
  spdlog::info("stream {}: derived, somebody asks for it", derived_);
  begin();
}

void RenditionJob::start_refused(const std::string& why) {
  refusal_ = why;
  request_publish();
}

// Requests the derived stream (anew, if a worker died: its viewers stay), and watches the source.
void RenditionJob::begin() {
  broken_ = false;
  // What an encoder is slow to take is to wait in the ring, where it is seen to lag.
  const auto theirs = channel_.open(encodes_ ? kEncoderSendBuffer : 0);
  if (!theirs) {
    spdlog::error("stream {}: not connected to its worker: {}", derived_, theirs.error().what);
    return retry(kNoRoomRetry);
  }
  spec_.number = host_.next_number();
  const Config& config = host_.hub().config();
  spec_.transcoding.reset();
  if (!config.no_transcode)
    spec_.transcoding = {config.transcode_quality, config.transcode_kbps,
                         config.transcode_max_height};
  if (!host_.enlist(*this, spec_, theirs->get())) {
    channel_.close();
    return retry(kFirstRetry);
  }
  reading_ = true;
  watch();

  request_publish();
  viewer_.emplace(static_cast<ViewerSink&>(*this), Framing::v1, Rendition::origin);
  viewer_->internal = true;
  host_.hub().attach(source_, *viewer_);
}

void RenditionJob::request_publish() {
  PublishHello hello;
  hello.format = format_;
  publisher_ = host_.hub().request_publish(derived_, PublishFraming::http, std::move(hello),
                                           std::nullopt, *this);
}

void RenditionJob::stop() {
  if (viewer_ && viewer_->local_stream) host_.hub().detach(*viewer_);
  viewer_.reset();
  if (publisher_) host_.hub().leave(*publisher_, PublisherExit::lost);
  publisher_.reset();
  ready_ = false;
  channel_.close();
  frames_ = {};
  wants_writeable_ = false;
}

void RenditionJob::retry(Duration after) {
  broken_ = true;
  begin_from_ = host_.hub().loop().now() + after;
}

// The derived stream is over: as its origin is, or because nobody watches.
void RenditionJob::finish() {
  if (publisher_) host_.hub().leave(*std::exchange(publisher_, std::nullopt), PublisherExit::ended);
  if (!published_) host_.hub().not_derived(derived_);
  stop();
  over_ = true;
}

void RenditionJob::refuse(const std::string& why) {
  if (!ready_) {
    refusal_ = why;
    return;
  }
  spdlog::info("stream {}: not derived: {}", derived_, why);
  host_.hub().refuse_viewers(derived_, why);
  done_ = true;
}

void RenditionJob::tick(Time now, bool watched) {
  if (over_) return;
  // Its viewers join and skip at the origin's keyframes; HLS cuts there.
  if (viewer_) host_.hub().want_keyframe(source_, kOrdinaryGroup);
  if (std::exchange(too_many_, false)) refuse(host_.full_sentence());
  if (done_ && (ready_ || !publisher_)) return finish();
  if (broken_ && now >= begin_from_) {
    stop();
    begin();
    return;
  }
  if (watched) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = now;
  } else if (now - *idle_since_ >= host_.hub().config().codec_idle) {
    spdlog::info("stream {}: derived no longer, nobody watches", derived_);
    finish();
  }
}

void RenditionJob::on_worker_end(bool guilty) {
  if (over_ || done_) return;
  failures_ = guilty ? failures_ + 1 : 0;
  if (!guilty) {
    stop();
    begin();
    return;
  }
  spdlog::warn("stream {}: its media ended the codec worker", derived_);
  on_broken("its media ended the codec worker");
}

void RenditionJob::on_broken(std::string_view why) {
  if (broken_ || done_) return;
  spdlog::info("stream {}: begins anew: {}", derived_, why);
  const Duration wait = backoff(kFirstRetry, kLongestRetry, failures_++);
  reading_ = false;
  watch();
  retry(wait);
}

// ---- the socket

void RenditionJob::watch() {
  channel_.watch(reading_, wants_writeable_);
}

void RenditionJob::on_poll(int events) {
  if (instead_) return turn_to(*std::exchange(instead_, std::nullopt));
  if (events & UV_READABLE) read();
  if (!channel_.is_open() || !(events & UV_WRITABLE)) return;
  if (channel_.write_pending() && std::exchange(wants_writeable_, false) && viewer_ &&
      viewer_->local_stream)
    host_.hub().on_writeable(*viewer_);
  watch();
}

void RenditionJob::read() {
  std::array<std::byte, kReadBytes> buffer;
  for (int i = 0; i < kReadsPerTurn && reading_; ++i) {
    const auto [got, bytes] = channel_.receive(buffer);
    if (got == ChildChannel::Got::nothing) return;
    if (got == ChildChannel::Got::closed) {
      reading_ = false;
      watch();
      if (!done_) on_broken("its job closed");
      return;
    }
    const auto taken = frames_.feed(
        bytes, [this](codec::WorkerEvent kind, Bytes payload) { take(kind, payload); });
    if (!taken) on_broken(taken.error().what);
    if (instead_) return turn_to(*std::exchange(instead_, std::nullopt));
    if (bytes.size() < buffer.size()) return;
  }
}

void RenditionJob::take(codec::WorkerEvent kind, Bytes payload) {
  switch (kind) {
    case codec::WorkerEvent::media:
      failures_ = 0;
      made_ = true;
      if (publisher_) host_.hub().publish(*publisher_, payload);
      break;
    case codec::WorkerEvent::ended:
      done_ = true;
      break;
    case codec::WorkerEvent::refused:
      refuse(std::string{as_text(payload)});
      break;
    case codec::WorkerEvent::failed:
      on_broken(as_text(payload));
      break;
    case codec::WorkerEvent::use_source:
      instead_ = codec::instead_from_text(as_text(payload));
      break;
    case codec::WorkerEvent::left_out:
      // What is made from another derived stream lacks what that one does.
      if (!is_derived(source_))
        host_.hub().warn(spec_.stream, "left-out",
                         fmt::format(".{}: {}", spec_.output, as_text(payload)));
      break;
  }
}

// The origin does not fit: what is derived as another output will.
void RenditionJob::turn_to(const codec::Instead& instead) {
  const std::string& output = instead.output;
  if (is_derived(source_) || output == spec_.output || !codec::output_named(output))
    return refuse("what this format is made from does not fit it");
  source_ = derived_name(spec_.stream, output);
  // Viewers have what was made of the origin: the other source may be behind that.
  spec_.from_us = made_ ? instead.from_us : 0;
  spdlog::info("stream {}: made from {}", derived_, source_);
  stop();
  begin();
}

// ---- the origin's viewer

Sent RenditionJob::write(Bytes framed) {
  if (!channel_.is_open() || done_ || broken_ || too_many_) return Sent::gone;
  const Sent sent = channel_.write(framed);  // gone: read() will see it
  if (sent == Sent::kept) want_writeable();
  return sent;
}

void RenditionJob::want_writeable() {
  wants_writeable_ = true;
  watch();
}

// Refusing is for tick(), and turning for on_poll(): a fan-out is in the middle of its work here.
void RenditionJob::on_epoch(const Epoch& epoch) {
  const codec::Output& output = *codec::output_named(spec_.output);
  // In the middle the worker says so, and from when on.
  if (spec_.transcoding && !is_derived(source_) && !made_ &&
      codec::surely_instead(output, epoch.info)) {
    instead_ = codec::Instead{std::string{output.instead}};
    wants_writeable_ = true;
    return watch();
  }
  if (encodes_ || !codec::encodes_pictures(spec_.output, epoch.info.format)) return;
  encodes_ = host_.may_encode();
  too_many_ = !encodes_;
}

void RenditionJob::on_no_stream() {
  if (is_derived(source_) && host_.hub().is_home_of(spec_.stream))
    on_broken("its source is not there yet");
  else
    done_ = true;
}

void RenditionJob::close(CloseCode code, std::string_view code_name) {
  if (code != CloseCode::unsupported)
    return on_broken(code_name);  // such as too-slow: the worker took nothing for too long
  const std::string why = viewer_->why("");
  host_.hub().detach(*viewer_);
  refuse(why);
}

// ---- the derived stream's publisher

void RenditionJob::on_ready() {
  ready_ = published_ = true;
  if (refusal_) refuse(*std::exchange(refusal_, std::nullopt));
}

void RenditionJob::close(const CloseReason& ending) {
  ready_ = true;
  on_broken(ending.error.what);
}

void RenditionJob::on_ended(const std::optional<Error>&) {}

}  // namespace framewire::relay
