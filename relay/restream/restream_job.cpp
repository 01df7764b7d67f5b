#include "relay/restream/restream_job.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "relay/base/stream_name.h"
#include "relay/child/watchable.h"

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
    : uv_(uv), hub_(hub), target_(target), stream_(std::move(stream)) {}

RestreamJob::~RestreamJob() {
  close_socket();
}

RestreamState RestreamJob::state() const {
  using Phase = RestreamPhase;
  const Phase phase = connected_            ? Phase::connected
                      : child_ && !hung_up_ ? Phase::connecting
                                            : Phase::waiting;
  return {stream_, target_.shown, phase, error_};
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
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return failed(fmt::format("no socket: {}", std::strerror(errno)));
  codec::UniqueFd ours{pair[0]};
  const codec::UniqueFd theirs{pair[1]};
  if (!watchable(uv_, ours.get())) return failed(fmt::format("no watch: {}", std::strerror(errno)));
  (void)setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  auto child = codec::ChildProcess::start({"restream", {}, {theirs.get()}});
  if (!child) return failed(child.error().what);
  const std::string address = target_.address_for(stream_) + "\n";
  if (send(ours.get(), address.data(), address.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
      static_cast<ssize_t>(address.size()))
    return failed("its child took no address");
  spdlog::info("stream {}: restream to {}: connecting", stream_, target_.shown);
  socket_ = std::move(ours);
  child_ = std::make_unique<ChildWatch>(uv_, *std::move(child),
                                        [this](const codec::ChildEnd& end) { on_child_end(end); });
  poll_ = new uv_poll_t{};
  poll_->data = this;
  uv_poll_init(&uv_, poll_, socket_.get());
  watch();
}

// The child passes on what it has, says goodbye and ends.
void RestreamJob::hang_up(Time now) {
  hung_up_ = now;
  if (!connected_) child_.reset();
  close_socket();
}

void RestreamJob::close_socket() {
  if (viewer_ && viewer_->mirror) hub_.detach(*viewer_);
  viewer_.reset();
  if (poll_)
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  polled_ = 0;
  socket_.reset();
  rest_ = {};
  rest_from_ = 0;
  epoch_ = 0;
  absent_since_.reset();
  wants_writeable_ = connected_ = read_all_ = false;
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
  begin_from_ =
      hub_.loop().now() + std::min(kLongestRetry, kFirstRetry * (1u << std::min(failures_, 5u)));
  ++failures_;
}

// ---- the socket

void RestreamJob::watch() {
  if (!poll_) return;
  const int events =
      (connected_ ? 0 : UV_READABLE) | (wants_writeable_ || unsent_bytes() > 0 ? UV_WRITABLE : 0);
  if (events == std::exchange(polled_, events)) return;
  if (events == 0) {
    uv_poll_stop(poll_);
    return;
  }
  uv_poll_start(poll_, events, [](uv_poll_t* poll, int status, int happened) {
    static_cast<RestreamJob*>(poll->data)->on_poll(status < 0 ? UV_READABLE : happened);
  });
}

void RestreamJob::on_poll(int events) {
  if ((events & UV_READABLE) && !connected_) {
    char said = 0;
    if (recv(socket_.get(), &said, 1, MSG_DONTWAIT) == 1)
      on_connected();
    else if (errno != EAGAIN && errno != EINTR)
      uv_poll_stop(poll_);  // on_child_end comes
  }
  if (!poll_ || !(events & UV_WRITABLE)) return;
  if (write_rest() && std::exchange(wants_writeable_, false) && viewer_ && viewer_->mirror)
    hub_.on_writeable(*viewer_);
  watch();
}

void RestreamJob::on_connected() {
  connected_ = true;
  connected_at_ = hub_.loop().now();
  error_.clear();
  spdlog::info("stream {}: restream to {}: connected", stream_, target_.shown);
  viewer_.emplace(static_cast<ViewerSink&>(*this), Framing::http, Rendition::origin);
  viewer_->audience = false;
  hub_.attach(derived_name(stream_, target_.output), *viewer_);
  watch();
}

bool RestreamJob::write_rest() {
  while (unsent_bytes() > 0) {
    const ssize_t put =
        send(socket_.get(), rest_.data() + rest_from_, unsent_bytes(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put <= 0) return false;
    rest_from_ += static_cast<std::size_t>(put);
    hub_.counters().restream_bytes += static_cast<std::uint64_t>(put);
  }
  rest_ = {};
  rest_from_ = 0;
  return true;
}

// ---- the rendition's viewer. Hanging up is for tick(): a fan-out is in the middle of its work
// here.

Sent RestreamJob::write(Bytes body) {
  if (!socket_ || read_all_) return Sent::gone;
  const ssize_t put = send(socket_.get(), body.data(), body.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (put < 0 && errno != EAGAIN && errno != EINTR) return Sent::gone;  // on_child_end comes
  const auto sent = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
  hub_.counters().restream_bytes += sent;
  if (sent == body.size()) return Sent::all;
  rest_.assign(body.begin() + static_cast<std::ptrdiff_t>(sent), body.end());
  rest_from_ = 0;
  wants_writeable_ = true;
  watch();
  return Sent::kept;
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
  if (code != CloseCode::normal && !stopped_)
    failed(viewer_->refusal.empty() ? std::string{code_name} : viewer_->refusal);
}

}  // namespace framewire::relay
