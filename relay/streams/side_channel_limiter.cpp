#include "relay/streams/side_channel_limiter.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/fanout/messages.h"

namespace framewire::relay {

namespace {

// Who has said nothing for so long shares no more.
constexpr Duration kSilent{2'000};
// More than these at a time are not told from one another.
constexpr std::size_t kSpeakers = 1'000;

}  // namespace

TokenBucket::TokenBucket(std::size_t per_second)
    : per_second_(static_cast<double>(per_second)), left_(2 * per_second_) {}

bool TokenBucket::pass(Time now) {
  const std::chrono::duration<double> since = now - filled_;
  filled_ = now;
  left_ = std::min(2 * per_second_, left_ + since.count() * per_second_);
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

StreamSideChannelLimiter::StreamSideChannelLimiter(std::size_t per_second)
    : per_second_(static_cast<double>(per_second)), all_(2 * per_second) {}

bool StreamSideChannelLimiter::pass(const std::string& sender, Time now) {
  forget_the_silent(now);
  const bool full = speakers_.size() >= kSpeakers && speakers_.count(sender) == 0;
  if (full) return all_.pass(now);
  const auto [at, is_new] = speakers_.try_emplace(sender);
  Speaker& speaker = at->second;
  const double share = per_second_ / static_cast<double>(speakers_.size());
  const double most = std::max(1.0, 2 * share);
  const std::chrono::duration<double> since = now - speaker.spoke;
  speaker.left = is_new ? most : std::min(most, speaker.left + since.count() * share);
  speaker.spoke = now;
  if (speaker.left < 1 || !all_.pass(now)) return false;
  speaker.left -= 1;
  return true;
}

void StreamSideChannelLimiter::forget_the_silent(Time now) {
  if (now - looked_ < kSilent) return;
  looked_ = now;
  std::erase_if(speakers_, [now](const auto& each) { return now - each.second.spoke > kSilent; });
}

void SlowMode::set(Duration interval) {
  interval_ = interval;
  spoke_.clear();
}

bool SlowMode::pass(const std::string& sender, Time now) {
  if (interval_ == Duration{0}) return true;
  if (now - looked_ >= interval_ || spoke_.size() >= kSpeakers) {
    looked_ = now;
    std::erase_if(spoke_, [&](const auto& each) { return now - each.second >= interval_; });
  }
  if (const auto before = spoke_.find(sender); before != spoke_.end()) {
    if (now - before->second < interval_) return false;
    before->second = now;
    return true;
  }
  if (spoke_.size() >= kSpeakers) return false;  // more people than a slow chat is for
  spoke_.emplace(sender, now);
  return true;
}

SideChannelLimiter::SideChannelLimiter(const Config& config)
    : config_(config), rate_(config.side_texts_per_second) {}

std::optional<std::string> SideChannelLimiter::refuse(const SideText& text, Time now) {
  if (config_.side_texts_per_second == 0)
    return warning_message("rate-limited", "this server passes no messages on");
  if (text.data.size() > config_.side_text_bytes)
    return warning_message(
        "limit-exceeded",
        fmt::format("a message of {} bytes, limit {}", text.data.size(), config_.side_text_bytes));
  if (!rate_.pass(now))
    return warning_message("rate-limited", fmt::format("more than {} messages a second",
                                                       config_.side_texts_per_second));
  return std::nullopt;
}

}  // namespace framewire::relay
