// A stream's side channel and its title: who says what to whom.
#include <fmt/format.h>

#include <chrono>

#include "relay/fanout/messages.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

void Stream::say(SpeakerId from, const SideText& text) {
  const std::string sender = to_string(from);
  const bool is_publisher = publisher_.is(from);
  if (!is_publisher && muted_.count(sender) > 0) {
    counters_.said(TextFate::limited);
    port_.to_speaker(from, warning_message("muted", "the publisher has muted this sender"));
    return;
  }
  if (!is_publisher && !speech_.pass(sender, port_.now())) {
    counters_.said(TextFate::limited);
    port_.to_speaker(
        from,
        warning_message("rate-limited", fmt::format("more than {} messages a second in this stream",
                                                    config_.stream_side_texts_per_second)));
    return;
  }
  if (!is_publisher && !slow_.pass(sender, port_.now())) {
    counters_.said(TextFate::limited);
    port_.to_speaker(
        from,
        warning_message("slow-mode",
                        fmt::format("slow mode: one message each {:.0f} s",
                                    std::chrono::duration<double>(slow_.interval()).count())));
    return;
  }
  counters_.said(TextFate::passed_on);
  tell_all(
      side_message({sender, is_publisher, epoch_, newest_pts_us_, wall_clock_us() / 1000}, text),
      TextKind::side);
}

void Stream::mute(PublisherId from, const MuteMessage& mute) {
  if (!publisher_.is(from)) return;
  if (!moderate({{mute}, {}, false}))
    tell_publisher(
        warning_message("limit-exceeded", fmt::format("{} senders are muted already, which is "
                                                      "the server's limit",
                                                      config_.max_muted)));
}

bool Stream::moderate(const ChatOrder& order) {
  // All of it or nothing.
  auto after = muted_;
  for (const MuteMessage& mute : order.mutes) {
    if (mute.muted)
      after.insert(mute.sender);
    else
      after.erase(mute.sender);
  }
  if (after.size() > config_.max_muted && after.size() > muted_.size()) return false;
  for (const MuteMessage& mute : order.mutes) {
    if (mute.muted)
      muted_.insert(mute.sender);
    else
      muted_.erase(mute.sender);
    tell_all(muted_message(mute.sender, mute.muted), TextKind::control);
  }
  if (order.slow && *order.slow != slow_.interval()) {
    slow_.set(*order.slow);
    tell_all(slow_message(*order.slow), TextKind::control);
  }
  if (order.clear) {
    tell_mirrors(HistoryCleared{});
    tell_all(cleared_message(), TextKind::control);
  }
  return true;
}

ChatState Stream::chat() const {
  return {slow_.interval(),
          {muted_.begin(), muted_.end()},
          {mirror_.history().begin(), mirror_.history().end()}};
}

bool Stream::set_title(PublisherId from, const std::string& title) {
  return publisher_.is(from) && rename(title);
}

bool Stream::rename(const std::string& title) {
  if (title == publisher_.hello().title) return false;
  publisher_.set_title(title);
  if (recording_) recording_->set_publisher(publisher_.id(), title);
  tell_all(title_message(title), TextKind::control);
  port_.to_directory(summary());
  return true;
}

bool Stream::say_still(PublisherId from, bool still) {
  if (!publisher_.is(from)) return false;
  tell_mirrors(TextSaid{still_message(still), TextKind::control});
  return true;
}

void Stream::tell_all(const std::string& json, TextKind kind) {
  tell_publisher(json);
  tell_mirrors(TextSaid{json, kind});
}

void Stream::tell_publisher(std::string json) {
  if (publisher_.present()) port_.to_publisher(publisher_.id(), PublisherText{std::move(json)});
}

void Stream::tell_mirrors(StreamEvent event) {
  mirror_.apply(event, port_.now());
  port_.to_mirrors(remotes_, name(), std::move(event));
}

}  // namespace framewire::relay
