#include "ingest/wire/publisher_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ingest/base/try.h"

namespace framewire {
namespace {

using nlohmann::json;

constexpr std::size_t kStringBytes = 1024;
constexpr double kMaxFps = 1000;
constexpr std::uint32_t kMostCount = 1'000'000;
constexpr double kMaxFrames = 1e9;  // of a capture: 193 days at 60 fps

// The members of one message. The first one that is wrong decides the error; an absent one, or one
// that is null, leaves its target as it is.
class Members {
 public:
  Members(const json& object, const Limits& limits) : object_(object), limits_(limits) {}

  void read(const char* name, std::string& to) {
    const json* value = find(name);
    if (!value) return;
    if (!value->is_string()) return wrong(name, "a string");
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > kStringBytes)
      return set_error(Errc::limit_exceeded,
                       fmt::format("\"{}\" is longer than {} bytes", name, kStringBytes));
    to = text;
  }
  void read(const char* name, bool& to) {
    const json* value = find(name);
    if (!value) return;
    if (!value->is_boolean()) return wrong(name, "true or false");
    to = value->get<bool>();
  }
  // A picture's side, in pixels. A page's arithmetic gives 640.0 as well as 640.
  void read_side(const char* name, std::uint32_t& to) {
    const json* value = find(name);
    if (!value) return;
    const double side = value->is_number() ? value->get<double>() : -1;
    if (!(side >= 1) || side != std::floor(side)) return wrong(name, "a whole number from 1");
    if (side > limits_.picture_side)
      return set_error(Errc::limit_exceeded,
                       fmt::format("\"{}\" is over {} pixels", name, limits_.picture_side));
    to = static_cast<std::uint32_t>(side);
  }
  void read_fps(const char* name, double& to) {
    const json* value = find(name);
    if (!value) return;
    const double fps = value->is_number() ? value->get<double>() : -1;
    if (!(fps > 0) || !(fps <= kMaxFps))
      return wrong(name, fmt::format("a number over 0, to {}", kMaxFps));
    to = fps;
  }
  void read_frames(const char* name, std::uint64_t& to) {
    const json* value = find(name);
    if (!value) return;
    const double count = value->is_number() ? value->get<double>() : -1;
    if (!(count >= 1) || !(count <= kMaxFrames) || count != std::floor(count))
      return wrong(name, fmt::format("a whole number from 1 to {}", kMaxFrames));
    to = static_cast<std::uint64_t>(count);
  }
  void read_format(const char* name, std::optional<Format>& to) {
    std::string text;
    read(name, text);
    if (text.empty()) return;
    to = format_named(text);
    if (!to) set_error(Errc::unsupported_format, "the \"format\" is none that is known");
  }
  void read_resize(const char* name, Resize& to) {
    std::string text;
    read(name, text);
    if (text.empty()) return;
    const auto known = resize_named(text);
    if (!known) return wrong(name, "\"epoch\", \"scale\" or \"pad\"");
    to = *known;
  }
  void read_audio(const char* name, CaptureSound& to) {
    const json* value = find(name);
    if (!value) return;
    if (!value->is_object()) return wrong(name, "an object");
    Members inner(*value, limits_);
    inner.read("codec", to.codec);
    inner.read_count("sample_rate", to.sample_rate);
    inner.read_count("channels", to.channels);
    if (inner.error_ && !error_) error_ = inner.error_;
  }
  void read_finite(const char* name, double& to) {
    const json* value = find(name);
    if (!value || !value->is_number() || !std::isfinite(value->get<double>()))
      return wrong(name, "a number");
    to = value->get<double>();
  }
  Result<PublisherMessage> or_error(PublisherMessage message) const {
    if (error_) return tl::make_unexpected(*error_);
    return message;
  }

 private:
  void read_count(const char* name, std::uint32_t& to) {
    const json* value = find(name);
    const bool good = value && value->is_number_unsigned() && value->get<std::uint64_t>() >= 1 &&
                      value->get<std::uint64_t>() <= kMostCount;
    if (!good) return wrong(name, fmt::format("a whole number from 1 to {}", kMostCount));
    to = value->get<std::uint32_t>();
  }
  const json* find(const char* name) const {
    const auto at = object_.find(name);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
  }
  void wrong(const char* name, std::string_view wanted) {
    set_error(Errc::bad_text, fmt::format("\"{}\" must be {}", name, wanted));
  }
  void set_error(Errc code, std::string what) {
    if (!error_) error_ = Error{code, std::move(what), 0};
  }

  const json& object_;
  const Limits& limits_;
  std::optional<Error> error_;
};

Result<PublisherMessage> read_publish(Members members) {
  PublishHello hello;
  members.read_format("format", hello.format);
  members.read("mime", hello.mime);
  members.read("title", hello.title);
  members.read("replaces", hello.replaces);
  members.read_side("width", hello.width);
  members.read_side("height", hello.height);
  members.read_fps("fps", hello.fps);
  members.read_resize("resize", hello.resize);
  members.read("lossless", hello.lossless);
  members.read("record", hello.record);
  members.read("prompt_acks", hello.prompt_acks);
  members.read("keyframes", hello.keyframes);
  members.read("container", hello.capture.container);
  members.read("codec", hello.capture.codec);
  members.read("quality", hello.capture.quality);
  members.read_frames("frames", hello.capture.frames);
  members.read("hash", hello.capture.hash);
  members.read("alpha", hello.capture.alpha);
  members.read_audio("audio", hello.capture.audio);
  return members.or_error(std::move(hello));
}

// A parameter as the member of a `publish` that it stands for; null: it is none. What is no number
// stays text, which the member's own check refuses.
json as_member(std::string_view name, std::string_view value) {
  constexpr std::array kTexts = {"format", "title", "resize"};
  constexpr std::array kNumbers = {"width", "height", "fps", "record"};
  const auto is = [&](std::string_view known) { return known == name; };
  if (std::any_of(kTexts.begin(), kTexts.end(), is)) return value;
  if (std::none_of(kNumbers.begin(), kNumbers.end(), is)) return nullptr;
  const json read = json::parse(value.begin(), value.end(), nullptr, /*allow_exceptions=*/false);
  return read.is_number() || read.is_boolean() ? read : json(value);
}

Result<PublisherMessage> read_resume(Members members) {
  ResumeHello hello;
  members.read("token", hello.token);
  return members.or_error(hello).and_then([](PublisherMessage read) -> Result<PublisherMessage> {
    if (std::get<ResumeHello>(read).token.empty())
      return fail(Errc::bad_text, "\"resume\" without a \"token\"");
    return read;
  });
}

Result<PublisherMessage> read_clock(Members members) {
  ClockMessage hello;
  members.read_finite("sent", hello.sent);
  return members.or_error(hello);
}

Result<PublisherMessage> read_title(Members members) {
  TitleMessage hello;
  members.read("title", hello.title);
  return members.or_error(std::move(hello));
}

Result<PublisherMessage> read_still(Members members) {
  StillMessage hello;
  members.read("still", hello.still);
  return members.or_error(hello);
}

// It may be as long as the message.
Result<PublisherMessage> read_token(const json& object) {
  const auto token = object.find("token");
  if (token == object.end() || !token->is_string() || token->get_ref<const std::string&>().empty())
    return fail(Errc::bad_text, "\"token\" without a \"token\"");
  return TokenMessage{token->get<std::string>()};
}

Result<PublisherMessage> read_mute(Members members) {
  MuteMessage mute;
  members.read("sender", mute.sender);
  members.read("muted", mute.muted);
  return members.or_error(std::move(mute))
      .and_then([](PublisherMessage read) -> Result<PublisherMessage> {
        if (std::get<MuteMessage>(read).sender.empty())
          return fail(Errc::bad_text, "\"mute\" without a \"sender\"");
        return read;
      });
}

}  // namespace

Result<PublishHello> read_publish_parameters(std::span<const std::string> parameters,
                                             const Limits& limits) {
  json object = json::object();
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = parameter.substr(0, equals);
    json member = as_member(name, std::string_view{parameter}.substr(equals + 1));
    if (!member.is_null()) object[name] = std::move(member);
  }
  ASSIGN_OR_RETURN(auto read, read_publish(Members(object, limits)));
  return std::get<PublishHello>(std::move(read));
}

Result<PublisherMessage> parse_publisher_message(std::string_view text, const Limits& limits) {
  if (text.size() > limits.text_bytes)
    return fail(Errc::limit_exceeded, fmt::format("a control message of {} bytes, limit {}",
                                                  text.size(), limits.text_bytes));
  // The library parses and frees without recursion, and text_bytes bounds what it builds: nesting,
  // however deep, is harmless. A number no double can hold is an error like any other.
  const json object = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) {
    // canvas.toDataURL() is what comes to mind first.
    if (text.substr(0, 5) == "data:")
      return fail(Errc::bad_text,
                  "a data URL as text: media goes as binary (toBlob() of a canvas)");
    return fail(Errc::bad_text, "a control message that is no JSON: media goes as binary");
  }
  if (!object.is_object()) return fail(Errc::bad_text, "the control message is no JSON object");
  const auto type = object.find("type");
  if (type == object.end() || !type->is_string())
    return fail(Errc::bad_text, "the control message has no \"type\"");
  const Members members(object, limits);
  if (*type == "publish") return read_publish(members);
  if (*type == "resume") return read_resume(members);
  if (*type == "end") return EndMessage{};
  if (*type == "cancel") return CancelMessage{};
  if (*type == "mute") return read_mute(members);
  if (*type == "title") return read_title(members);
  if (*type == "still") return read_still(members);
  if (*type == "clock") return read_clock(members);
  if (*type == "token") return read_token(object);
  if (*type == "message") {
    ASSIGN_OR_RETURN(auto said, read_side_text(object, text));
    return PublisherMessage{std::move(said)};
  }
  return fail(Errc::bad_text, "the \"type\" of the control message is none that a publisher sends");
}

}  // namespace framewire
