#include "relay/speech.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/messages.h"

namespace framewire::relay {

TextRate::TextRate(std::size_t per_second)
    : per_second_(static_cast<double>(per_second)), left_(2 * per_second_) {}

bool TextRate::pass(Time now) {
  const std::chrono::duration<double> since = now - filled_;
  filled_ = now;
  left_ = std::min(2 * per_second_, left_ + since.count() * per_second_);
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

Speech::Speech(const Config& config) : config_(config), rate_(config.side_texts_per_second) {}

std::optional<std::string> Speech::refuse(const SideText& text, Time now) {
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
