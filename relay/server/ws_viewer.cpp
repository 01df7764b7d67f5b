// A WebSocket that watches: /live/{stream}, framewire.v1 or bare.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/renewal.h"
#include "relay/server/session_kinds.h"
#include "relay/streams/side_channel_limiter.h"

namespace framewire::relay {
namespace {

// What is read of a viewer in a second: so many texts of any kind for each of the messages that it
// may say, since a report or a message too many costs the loop as much as one that is passed on.
constexpr std::size_t kTextsPerMessage = 20;
constexpr std::size_t kLeastMessages = 5;
constexpr std::uint64_t kSlowestMs = 3'600'000;

// What a viewer that sends texts needs besides.
struct Texts {
  explicit Texts(Connection& from)
      : speech(from.hub().config()),
        reassembler(from.hub().config().limits),
        share(from.loop().shared().waiting) {}

  SideChannelLimiter speech;
  MessageReassembler reassembler;
  IntakeShare share;
};

class WsViewer final : public Session, private ViewerSink {
 public:
  WsViewer(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        viewer_(*this, admission.v1 ? Framing::v1 : Framing::bare,
                viewed(admission.target).rendition),
        stream_(connection.loop().names().get(viewed(admission.target).stream)),
        renewal_(connection, admission, request),
        slot_(connection.loop().shared().viewers, connection.hub().config().max_viewers) {}

  void on_open() override {
    if (!slot_.taken()) {
      connection_.hub().limit_reached("max-viewers", std::string{origin_of(stream_.view())});
      connection_.hub().counters().refused(Refusal::overloaded);
      close(CloseCode::try_later, "overloaded");
      return;
    }
    if (viewer_.framing == Framing::v1) renewal_.begin();
    connection_.hub().attach(stream_.str(), viewer_);
    connection_.announce_viewer("viewer-join");
  }
  void on_gone() override {
    if (viewer_.local_stream) connection_.announce_viewer("viewer-leave");
    if (viewer_.local_stream) connection_.hub().detach(viewer_);
  }
  void on_writeable() override {
    if (viewer_.local_stream) connection_.hub().on_writeable(viewer_);
  }
  void tick(Time) override {
    read_ = 0;
    connection_.allow_receive(true);
  }
  void dismiss(const Dismissal& why) override {
    dismiss_ws(connection_, why, viewer_.framing == Framing::v1);
  }
  std::optional<SessionFacts> facts() const override {
    return facts_of(viewer_, stream_.view(),
                    viewer_.framing == Framing::v1 ? "framewire.v1" : "websocket", delay_ms_,
                    connection_.hub());
  }
  void on_broken(const Error& error) override { fail_peer(error.code, error.what, error.offset); }

  void on_receive(const FragmentPiece& piece) override {
    if (!piece.text || viewer_.framing != Framing::v1) {
      fail_peer(Errc::unsupported_format, viewer_.framing == Framing::v1
                                              ? "binary where text is due: a viewer sends JSON"
                                              : "a bare viewer sends nothing");
      return;
    }
    if (!texts_) texts_ = std::make_unique<Texts>(connection_);
    auto message = texts_->reassembler.feed(piece);
    if (!message) {
      fail_peer(message.error().code, message.error().what);
    } else if (*message) {
      take_text(as_text((*message)->bytes));
      texts_->reassembler.release();
      if (++read_ == most_texts()) connection_.allow_receive(false);  // until the next second
    }
    if (!texts_->share.set(texts_->reassembler.held_bytes()))
      close(CloseCode::try_later, "overloaded");
  }

 private:
  // Of any kind, read in a second.
  std::size_t most_texts() const {
    return kTextsPerMessage *
           std::max(connection_.hub().config().side_texts_per_second, kLeastMessages);
  }

  void take_text(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const auto type = json.is_object() ? json.find("type") : json.end();
    if (!json.is_object() || type == json.end() || !type->is_string()) {
      fail_peer(Errc::bad_text, "a control message is a JSON object with a type");
      return;
    }
    if (*type == "message") {
      say(json, text);
    } else if (*type == "report") {
      count(json);
    } else if (*type == "clock") {
      send_time(json);
    } else if (*type == "keyframe") {
      if (viewer_.local_stream) connection_.hub().want_keyframe(viewer_.local_stream->stream());
    } else if (*type == "token") {
      renew(json);
    } else if (*type == "mute" || *type == "slow" || *type == "clear") {
      moderate(json, *type);
    } else {
      connection_.send_text(error_message(
          "bad-text",
          "a viewer sends only `message`, `report`, `clock`, `keyframe` and `token`, and who may "
          "moderate `mute`, `slow` and `clear`",
          0));
    }
  }

  void say(const nlohmann::json& json, std::string_view text) {
    auto said = read_side_text(json, text);
    if (!said) {
      fail_peer(said.error().code, said.error().what);
    } else if (!renewal_.may(Action::talk)) {
      connection_.hub().counters().said(TextFate::limited);
      connection_.send_text(warning_message("not-allowed", "this key does not let one speak here"));
    } else if (const auto refused = texts_->speech.refuse(*said, connection_.loop().now())) {
      connection_.hub().counters().said(TextFate::limited);
      connection_.send_text(*refused);
    } else if (viewer_.local_stream) {
      said->user = renewal_.shown();
      said->whose = connection_.whose();
      connection_.hub().send_side_text(viewer_, std::move(*said));
    }
  }

  // What the control API does by PATCH and DELETE of /api/v1/chat.
  void moderate(const nlohmann::json& json, const std::string& type) {
    ChatOrder order;
    order.clear = type == "clear";
    if (type == "mute") {
      const auto sender = json.find("sender"), muted = json.find("muted");
      if (sender == json.end() || !sender->is_string() ||
          sender->get_ref<const std::string&>().size() > 64 ||
          (muted != json.end() && !muted->is_boolean()))
        return fail_peer(Errc::bad_text, "\"mute\" has a \"sender\", and may have \"muted\"");
      order.mutes.push_back(
          {sender->get<std::string>(), muted == json.end() || muted->get<bool>()});
    } else if (type == "slow") {
      const auto interval = json.find("interval_ms");
      if (interval == json.end() || !interval->is_number_unsigned() || *interval > kSlowestMs)
        return fail_peer(Errc::bad_text, "\"interval_ms\" of \"slow\" is from 0 to 3600000");
      order.slow = Duration{interval->get<std::int64_t>()};
    }
    if (!renewal_.may(Action::moderate))
      connection_.send_text(
          warning_message("not-allowed", "this key does not let one moderate here"));
    else if (viewer_.local_stream)
      connection_.hub().moderate(viewer_, std::move(order));
  }

  void renew(const nlohmann::json& json) {
    const auto token = json.find("token");
    if (token == json.end() || !token->is_string())
      return fail_peer(Errc::bad_text, "\"token\" without a \"token\"");
    renewal_.take(token->get_ref<const std::string&>());
  }

  void send_time(const nlohmann::json& json) {
    const auto sent = json.find("sent");
    if (sent == json.end() || !sent->is_number() || !std::isfinite(sent->get<double>()))
      return fail_peer(Errc::bad_text, "\"sent\" of a clock must be a number");
    connection_.send_text(clock_message(sent->get<double>(), wall_clock_us()));
  }

  void count(const nlohmann::json& json) {
    const auto seconds = [&](const char* name) {
      const auto found = json.find(name);
      return found != json.end() && found->is_number() ? found->get<double>() / 1000 : -1.0;
    };
    LoopCounters& counters = connection_.hub().counters();
    constexpr double kSaneSeconds = 3600;
    if (const double s = seconds("latency_ms"); s >= 0 && s < kSaneSeconds)
      counters.viewer_latency.observe(s);
    if (const double s = seconds("delay_ms"); s >= 0 && s < kSaneSeconds) {
      counters.viewer_delay.observe(s);
      delay_ms_ = static_cast<std::uint32_t>(s * 1000);
      if (viewer_.local_stream) connection_.hub().note_delay(viewer_, s);
    }
    if (const double s = seconds("buffered_ms"); s >= 0 && s < kSaneSeconds)
      counters.viewer_buffered.observe(s);
    const auto dropped = json.find("dropped_frames");
    if (dropped != json.end() && dropped->is_number_unsigned())
      counters.viewer_dropped_frames +=
          std::min<std::uint64_t>(dropped->get<std::uint64_t>(), 1'000'000);
  }

  void fail_peer(Errc code, std::string_view what, std::uint64_t offset = 0) {
    const CloseReason ending = close_reason_for({code, std::string{what}, offset});
    if (viewer_.framing == Framing::v1)
      connection_.send_text(error_message(ending.code, what, offset));
    spdlog::debug("{}: viewer of {}: {}", connection_.peer(), stream_.view(), what);
    connection_.close(ending.close, ending.code);
  }

  // ViewerSink
  Sent write(Bytes framed) override {
    return connection_.ending() ? Sent::gone : connection_.write(framed);
  }
  bool make_ready(Bytes framed, SocketSend& to) override {
    return connection_.make_ready(framed, to);
  }
  Sent sent(Bytes framed, std::int32_t result) override { return connection_.sent(framed, result); }
  void on_epoch(const Epoch&) override {}
  void send_text(const std::string& json) override {
    if (viewer_.framing == Framing::v1) connection_.send_text(json);
  }
  void on_no_stream() override {}
  void want_writeable() override { connection_.want_writeable(); }
  std::size_t unsent_bytes() const override { return connection_.unsent_bytes(); }
  void close(CloseCode code, std::string_view code_name) override {
    if (viewer_.framing == Framing::v1 && code != CloseCode::normal &&
        code != CloseCode::restarting)
      connection_.send_text(error_message(code_name, viewer_.why(close_sentence(code_name)), 0));
    connection_.close(code, code_name);
  }

  Connection& connection_;
  Viewer viewer_;  // beside the connection: each part's delivery reads both
  const Interned stream_;
  Renewal renewal_;
  CountedSlot slot_;
  std::unique_ptr<Texts> texts_;  // from the first one on: most viewers never send any
  std::uint32_t read_ = 0;        // texts of this second
  std::optional<std::uint32_t> delay_ms_;
};

// Beside its Connection: what grows here grows by thousands.
static_assert(sizeof(void*) != 8 || sizeof(WsViewer) <= 288);

}  // namespace

SessionFacts facts_of(const Viewer& viewer, std::string_view stream, std::string_view transport,
                      std::optional<std::uint32_t> delay_ms, const Hub& hub) {
  SessionFacts out;
  out.stream = origin_of(stream);
  out.output = is_derived(stream) ? output_of(stream) : rendition_name(viewer.rendition);
  out.transport = transport;
  out.bytes = viewer.sent_bytes;
  out.skips = viewer.skips;
  out.delay_ms = delay_ms;
  if (viewer.speaker != 0)
    out.sender = name_of({{hub.index(), viewer.speaker}}, hub.config().sender_suffix());
  return out;
}

std::string_view close_sentence(std::string_view code_name) {
  if (code_name == "too-slow") return "nothing was taken for too long";
  if (code_name == "overloaded") return "the server has no room for more";
  if (code_name == "unsupported-format")
    return "this stream was not published as Matroska: watch it without .webm";
  return code_name;
}

std::unique_ptr<Session> make_ws_viewer(Connection& connection, const Admission& admission,
                                        const Request& request) {
  return std::make_unique<WsViewer>(connection, admission, request);
}

}  // namespace framewire::relay
