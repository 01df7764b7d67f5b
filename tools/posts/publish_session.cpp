#include "tools/posts/publish_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ingest/wire/v1_header.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

// RFC 6455, section 7.4.1, and PROTOCOL.md, "Close codes and errors".
constexpr unsigned kNormal = 1000;
constexpr unsigned kNoCode = 1005;
// The server restarts, or has no room.
constexpr unsigned kGoingAway = 1001;
constexpr unsigned kRestarts = 1012;
constexpr unsigned kTooMuch = 1013;

std::string string_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::uint64_t number_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

void PublishSession::begin(Format format) {
  format_ = format;
  if (token_.empty())
    publish_anew();
  else
    say(json{{"type", "resume"}, {"token", token_}}.dump());
}

void PublishSession::disconnected() {
  said_.clear();
  end_.reset();
  told_ = {};
  ready_ = end_said_ = false;
}

void PublishSession::publish_anew() {
  json hello{{"type", "publish"}, {"format", to_string(format_)}};
  if (!words_.title.empty()) hello["title"] = words_.title;
  if (words_.record) hello["record"] = true;
  say(hello.dump(-1, ' ', false, json::error_handler_t::replace));
}

void PublishSession::say(std::string_view text) {
  append_client_ws_header(said_, WsOpcode::text, text.size());
  append(said_, as_bytes(text));
}

void PublishSession::add(Bytes media, std::int64_t pts_us) {
  if (is_pictures(format_) || media.size() <= kMostWhole) return add_message(media, pts_us);
  for (; !media.empty(); media = media.subspan(std::min(kPiece, media.size())))
    add_message(media.first(std::min(kPiece, media.size())), pts_us);
}

void PublishSession::add_message(Bytes media, std::int64_t pts_us) {
  Message message{next_++, {}};
  append_client_ws_header(message.frame, WsOpcode::binary, kV1FieldBytes + media.size());
  const std::size_t at = message.frame.size();
  message.frame.resize(at + kV1FieldBytes);
  V1Header header;
  header.sequence = message.sequence;
  header.pts_us = pts_us;
  write_v1_header(message.frame.data() + at, header);
  append(message.frame, media);
  append(said_, message.frame);
  kept_bytes_ += message.frame.size();
  kept_.push_back(std::move(message));
}

void PublishSession::finish() {
  finished_ = true;
  end_when_acknowledged();
}

void PublishSession::end_when_acknowledged() {
  if (!finished_ || !ready_ || end_said_ || !kept_.empty()) return;
  end_said_ = true;
  say(R"({"type":"end"})");
}

void PublishSession::take(const WsFrame& frame) {
  if (end_) return;
  if (frame.opcode == WsOpcode::text) {
    hear(as_text(frame.payload));
  } else if (frame.opcode == WsOpcode::close) {
    hear_close(frame.payload);
  } else if (frame.opcode == WsOpcode::ping) {
    append_client_ws_header(said_, WsOpcode::pong, frame.payload.size());
    append(said_, frame.payload);
  }
}

void PublishSession::hear(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return;
  const std::string type = string_of(object, "type");
  if (type == "ack") {
    acknowledge(number_of(object, "sequence"));
  } else if (type == "error") {
    hear_error(string_of(object, "code"), string_of(object, "message"));
  } else if (type == "ready") {
    token_ = string_of(object, "token");
    if (const auto limits = object.find("limits"); limits != object.end() && limits->is_object())
      if (const auto bytes = number_of(*limits, "unacked_bytes"); bytes > 0) most_kept_ = bytes;
    ready_ = true;
    resume_from(number_of(object, "sequence"));
  }
}

void PublishSession::resume_from(std::uint64_t sequence) {
  if (sequence > 0) acknowledge(sequence - 1);
  for (const Message& message : kept_) append(said_, message.frame);
  end_when_acknowledged();
}

void PublishSession::acknowledge(std::uint64_t sequence) {
  while (!kept_.empty() && kept_.front().sequence <= sequence) {
    kept_bytes_ -= kept_.front().frame.size();
    kept_.pop_front();
  }
  end_when_acknowledged();
}

void PublishSession::hear_error(const std::string& code, const std::string& message) {
  if (code != "resume-unknown") {
    told_ = {fmt::format("{} ({})", message, code), code == "overloaded"};
    return;
  }
  token_.clear();
  if (finished_ && kept_.empty()) {  // it has ended, and only that was not heard
    end_ = SessionEnd{};
    return;
  }
  kept_.clear();
  kept_bytes_ = 0;
  next_ = 0;
  finished_ = false;
  anew_ = true;
  publish_anew();
}

void PublishSession::hear_close(Bytes payload) {
  const unsigned code = payload.size() < 2 ? kNoCode : load_be<std::uint16_t>(payload);
  if (code == kNormal && end_said_) {
    end_ = SessionEnd{};
    return;
  }
  end_ = told_;
  if (end_->reason.empty())
    end_->reason = fmt::format("the server closed the connection ({} {})", code,
                               payload.size() < 2 ? "" : as_text(payload.subspan(2)));
  end_->lost |= code == kGoingAway || code == kRestarts || code == kTooMuch;
}

}  // namespace framewire::cli
