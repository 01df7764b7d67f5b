// A stream's side channel and its title: who says what to whom.
#include <fmt/format.h>

#include <chrono>

#include "relay/fanout/messages.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

void Stream::on_side_text(SpeakerId from, const SideText& text) {
  const std::string sender = name_of(from, config_.sender_suffix());
  if (linked()) {  // judged where the stream's home is
    send_to_publisher(say_message(sender, text));
    return;
  }
  const bool is_publisher = publisher_.is(from);
  if (!is_publisher && muted_.count(sender) > 0) {
    counters_.said(TextFate::limited);
    delegate_.to_speaker(from, warning_message("muted", "the publisher has muted this sender"));
    return;
  }
  if (!is_publisher && !speech_.pass(sender, delegate_.now())) {
    counters_.said(TextFate::limited);
    delegate_.to_speaker(
        from,
        warning_message("rate-limited", fmt::format("more than {} messages a second in this stream",
                                                    config_.stream_side_texts_per_second)));
    return;
  }
  if (!is_publisher && !slow_.pass(text.whose.empty() ? sender : text.whose, delegate_.now())) {
    counters_.said(TextFate::limited);
    delegate_.to_speaker(
        from,
        warning_message("slow-mode",
                        fmt::format("slow mode: one message each {:.0f} s",
                                    std::chrono::duration<double>(slow_.interval()).count())));
    return;
  }
  counters_.said(TextFate::passed_on);
  broadcast_text(
      side_message({sender, is_publisher, epoch_, newest_pts_us_, wall_clock_us() / 1000}, text),
      TextKind::side);
}

void Stream::mute(PublisherId from, const MuteMessage& mute) {
  if (!publisher_.is(from)) return;
  if (!moderate({{mute}, {}, false}))
    send_to_publisher(
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
    broadcast_text(muted_message(mute.sender, mute.muted), TextKind::control);
  }
  if (order.slow && *order.slow != slow_.interval()) {
    slow_.set(*order.slow);
    broadcast_text(slow_message(*order.slow), TextKind::control);
  }
  if (order.clear) {
    broadcast(HistoryCleared{});
    broadcast_text(cleared_message(), TextKind::control);
  }
  return true;
}

ChatState Stream::chat() const {
  return {slow_.interval(),
          {muted_.begin(), muted_.end()},
          {local_stream_.history().begin(), local_stream_.history().end()}};
}

bool Stream::obey(const StreamOrder& order) {
  if (order.chat && !moderate(*order.chat)) return false;
  if (order.title) rename(*order.title);
  if (order.stop)
    stop({CloseCode::policy, "stream-ended", {Errc::refused, "an operator ended this stream"}});
  return true;
}

bool Stream::set_title(PublisherId from, const std::string& title) {
  return publisher_.is(from) && rename(title);
}

bool Stream::rename(const std::string& title) {
  if (title == publisher_.hello().title) return false;
  publisher_.set_title(title);
  if (recording_) recording_->set_publisher(publisher_.id(), title);
  broadcast_text(title_message(title), TextKind::control);
  delegate_.to_directory(summary());
  return true;
}

bool Stream::report_still(PublisherId from, bool still) {
  if (!publisher_.is(from)) return false;
  broadcast(TextSaid{still_message(still), TextKind::control});
  return true;
}

void Stream::broadcast_text(const std::string& json, TextKind kind) {
  send_to_publisher(json);
  broadcast(TextSaid{json, kind});
}

void Stream::send_to_publisher(std::string json) {
  if (publisher_.present()) delegate_.to_publisher(publisher_.id(), PublisherText{std::move(json)});
}

void Stream::broadcast(StreamEvent event) {
  local_stream_.apply(event, delegate_.now());
  delegate_.to_local_streams(remotes_, name(), std::move(event));
}

}  // namespace framewire::relay
