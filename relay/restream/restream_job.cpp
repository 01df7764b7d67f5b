#include "relay/restream/restream_job.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "relay/base/stream_name.h"
#include "relay/child/backoff.h"

namespace framewire::relay {
namespace {

constexpr Duration kFirstRetry{1'000};
constexpr Duration kLongestRetry{30'000};
constexpr Duration kGoodAfter{10'000};  // a connection that lasted so long did not fail at once
constexpr Duration kMadeWithin{2'000};
constexpr Duration kLastPartsWithin{2'000};
constexpr Duration kGoodbyeWithin{5'000};
constexpr int kSendBuffer = 64 << 10;  // more waits in the ring, where it is seen to lag

}  // namespace

RestreamJob::RestreamJob(uv_loop_t& uv, Hub& hub, const RestreamTarget& target, std::string stream)
    : uv_(uv),
      hub_(hub),
      target_(target),
      stream_(std::move(stream)),
      channel_(uv, [this](int events) { on_poll(events); }) {}

RestreamJob::~RestreamJob() {
  close_socket();
}

RestreamState RestreamJob::state() const {
  using Phase = RestreamPhase;
  const Phase phase = connected_            ? Phase::connected
                      : child_ && !hung_up_ ? Phase::connecting
                                            : Phase::waiting;
  return {stream_, target_.shown, phase, error_, target_.id};
}

void RestreamJob::tick(Time now) {
  if (absent_since_ && now - *absent_since_ > kMadeWithin) {
    failed("the server makes no more formats of streams now");
    read_all_ = true;
  }
  if (std::exchange(read_all_, false) && !hung_up_) hang_up(now);
  if (stopped_ && !hung_up_ && (!connected_ || now - *stopped_ > kLastPartsWithin)) hang_up(now);
  if (child_ && hung_up_ && now - *hung_up_ > kGoodbyeWithin) child_.reset();
  if (connected_ && now - connected_at_ > kGoodAfter) failures_ = 0;
  if (child_) return;
  hung_up_.reset();
  if (stopped_)
    over_ = true;
  else if (now >= begin_from_)
    begin(now);
}

void RestreamJob::stop(Time now) {
  if (!stopped_) stopped_ = now;
}

void RestreamJob::leave(Time now) {
  stop(now);
  if (child_ && !hung_up_) hang_up(now);
}

void RestreamJob::resume() {
  stopped_.reset();
}

// ---- the connection

void RestreamJob::begin(Time now) {
  begin_from_ = now + kFirstRetry;
  const auto theirs = channel_.open(kSendBuffer);
  if (!theirs) return failed(theirs.error().what);
  auto child = codec::ChildProcess::start({"restream", {}, {theirs->get()}});
  const std::string address = target_.address_for(stream_) + "\n";
  if (!child || channel_.send(as_bytes(address)) != address.size()) {
    channel_.close();
    return failed(child ? "its child took no address" : child.error().what);
  }
  spdlog::info("stream {}: restream to {}: connecting", stream_, target_.shown);
  child_ = std::make_unique<ChildWatch>(uv_, *std::move(child),
                                        [this](const codec::ChildEnd& end) { on_child_end(end); });
  watch();
}

// The child passes on what it has, says goodbye and ends.
void RestreamJob::hang_up(Time now) {
  hung_up_ = now;
  if (!connected_) child_.reset();
  close_socket();
}

void RestreamJob::close_socket() {
  if (viewer_ && viewer_->local_stream) hub_.detach(*viewer_);
  viewer_.reset();
  channel_.close();
  epoch_ = 0;
  absent_since_.reset();
  wants_writeable_ = connected_ = closed_by_child_ = read_all_ = false;
}

void RestreamJob::on_child_end(const codec::ChildEnd& end) {
  const bool expected = hung_up_ || stopped_;
  child_.reset();
  close_socket();
  if (!expected) failed(end.answer.empty() ? end.describe() : end.answer);
}

void RestreamJob::failed(std::string why) {
  error_ = std::move(why);
  ++hub_.counters().restream_failures;
  spdlog::warn("stream {}: restream to {}: {}", stream_, target_.shown, error_);
  retry();
}

void RestreamJob::retry() {
  begin_from_ = hub_.loop().now() + backoff(kFirstRetry, kLongestRetry, failures_++);
}

// ---- the socket

void RestreamJob::watch() {
  channel_.watch(!connected_ && !closed_by_child_, wants_writeable_);
}

void RestreamJob::on_poll(int events) {
  if ((events & UV_READABLE) && !connected_) {
    std::byte said[1];
    const auto got = channel_.receive(said).got;
    if (got == ChildChannel::Got::bytes) on_connected();
    closed_by_child_ = got == ChildChannel::Got::closed;  // on_child_end comes
  }
  if (!channel_.is_open()) return;
  if (!(events & UV_WRITABLE)) return watch();
  const bool all = channel_.write_pending();
  count_sent();
  if (all && std::exchange(wants_writeable_, false) && viewer_ && viewer_->local_stream)
    hub_.on_writeable(*viewer_);
  watch();
}

void RestreamJob::on_connected() {
  connected_ = true;
  connected_at_ = hub_.loop().now();
  error_.clear();
  spdlog::info("stream {}: restream to {}: connected", stream_, target_.shown);
  viewer_.emplace(static_cast<ViewerSink&>(*this), Framing::http, Rendition::origin);
  viewer_->internal = true;
  hub_.attach(derived_name(stream_, target_.output), *viewer_);
  watch();
}

void RestreamJob::count_sent() {
  hub_.counters().restream_bytes += channel_.take_sent_bytes();
}

// ---- the rendition's viewer. Hanging up is for tick(): a fan-out is in the middle of its work
// here.

Sent RestreamJob::write(Bytes body) {
  if (!channel_.is_open() || read_all_) return Sent::gone;
  const Sent sent = channel_.write(body);  // gone: on_child_end comes
  count_sent();
  if (sent == Sent::kept) want_writeable();
  return sent;
}

// The header of a file in the middle is nothing that the other server would take.
void RestreamJob::on_epoch(const Epoch& epoch) {
  const bool goes_on = epoch.init && epoch.init->facts().joiners_only && viewer_->skips == skips_;
  if (epoch_ != 0 && epoch_ != epoch.number && !goes_on) read_all_ = true;
  epoch_ = epoch.number;
  skips_ = viewer_->skips;
  absent_since_.reset();
}

void RestreamJob::on_no_stream() {
  if (!stopped_) absent_since_ = hub_.loop().now();
}

void RestreamJob::want_writeable() {
  wants_writeable_ = true;
  watch();
}

void RestreamJob::close(CloseCode code, std::string_view code_name) {
  read_all_ = true;
  if (code != CloseCode::normal && !stopped_) failed(viewer_->why(code_name));
}

}  // namespace framewire::relay
