#include "relay/streams/publisher_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

constexpr std::uint64_t kAckBytes = 256u << 10;
// Of the times that publishers give: what a page can say exactly, 285 years.
constexpr std::int64_t kFarthestUs = std::int64_t{1} << 53;
// A capture that is longer ago than this, or so far ahead, is by another clock than ours.
constexpr std::int64_t kLongestAgoUs = 60'000'000;
constexpr std::int64_t kAheadUs = 1'000'000;

// When a message's media was captured, by our clock; 0 = not said.
std::int64_t captured_at(const V1Header& header, std::int64_t now) {
  if (!header.captured()) return 0;
  const std::int64_t at = header.clock_us;
  return at > now - kLongestAgoUs && at < now + kAheadUs ? std::min(at, now) : 0;
}

CloseReason refused(std::string code, std::string why, bool stay = false) {
  return {CloseCode::policy, std::move(code), {Errc::refused, std::move(why)}, stay};
}

}  // namespace

std::string random_token() {
  std::random_device device;
  std::string out;
  for (int i = 0; i < 4; ++i) out += fmt::format("{:08x}", device());
  return out;
}

tl::expected<PublisherSession::Granted, CloseReason> PublisherSession::judge(
    const PublishRequest& request, bool takeover) const {
  Granted granted;
  if (request.resume_token) {
    if (!resumable_ || !same_secret(*request.resume_token, token_))
      return tl::make_unexpected(
          refused("resume-unknown", "this token resumes nothing here: publish anew", true));
    granted.resumes = true;
    if (present())
      granted.displaced = refused("taken-over", "the publisher resumed on another connection");
    return granted;
  }
  const bool own = same_secret(request.hello.replaces, token_);
  if (present() && !own && !takeover)
    return tl::make_unexpected(
        refused("stream-taken", fmt::format("stream {} has a publisher", request.stream)));
  if (present()) granted.displaced = refused("taken-over", "another publisher took over");
  return granted;
}

void PublisherSession::begin(const PublishRequest& request, std::string token,
                             std::uint32_t first_epoch, Time now) {
  resume(request.publisher);
  framing_ = request.framing;
  hello_ = request.hello;
  token_ = std::move(token);
  by_ = request.by;
  resumable_ = framing_ == PublishFraming::v1;
  published_at_ = now;
  first_epoch_ = first_epoch;
  next_message_ = acked_ = 0;
  stamp_us_ = captured_us_ = 0;
}

void PublisherSession::resume(PublisherId publisher) {
  id_ = publisher;
  unacked_bytes_ = 0;
}

bool PublisherSession::forget() {
  id_ = {};
  return std::exchange(held_, false);
}

void PublisherSession::linger(std::string_view reason, Time now) {
  lost_at_ = now;
  end_reason_ = reason;
}

Result<bool> PublisherSession::expect(const V1Header& header, std::int64_t wall_clock_us) {
  if (header.sequence < next_message_) {
    acked_ = std::min(acked_, header.sequence);  // so that it is acknowledged again
    return false;
  }
  if (header.sequence > next_message_)
    return fail(Errc::protocol,
                fmt::format("message {} where {} is due", header.sequence, next_message_));
  captured_us_ = captured_at(header, wall_clock_us);
  stamp_us_ = std::clamp(header.pts_us, -kFarthestUs, kFarthestUs);
  return true;
}

void PublisherSession::took(std::size_t bytes) {
  ++next_message_;
  unacked_bytes_ += bytes;
}

bool PublisherSession::ack_is_due() const {
  return framing_ == PublishFraming::v1 && (hello_.prompt_acks || unacked_bytes_ >= kAckBytes);
}

std::optional<std::uint64_t> PublisherSession::acknowledge() {
  unacked_bytes_ = 0;
  if (next_message_ == acked_) return std::nullopt;
  acked_ = next_message_;
  return next_message_ - 1;
}

}  // namespace framewire::relay
