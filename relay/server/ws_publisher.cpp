// A WebSocket that publishes: /publish/{stream}, framewire.v1 or bare.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "relay/fanout/messages.h"
#include "relay/http/http_intake.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/renewal.h"
#include "relay/server/session_kinds.h"
#include "relay/streams/side_channel_limiter.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kTitlesPerSecond = 2;

class WsPublisher final : public Session, private PublisherSink {
 public:
  WsPublisher(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        stream_(admission.target.stream),
        by_(connection.described(request)),
        v1_(admission.v1),
        renewal_(connection, admission, request),
        parameters_(read_publish_parameters(request.arguments, connection.hub().config().limits)),
        speech_(connection.hub().config()),
        reassembler_(connection.hub().config().limits),
        share_(connection.loop().shared().unfinished) {}

  void on_open() override {
    if (v1_) return renewal_.begin();
    if (!parameters_) return close(close_reason_for(parameters_.error()));
    if (const auto may_not = refuse_recording(*parameters_, *connection_.principal(), stream_))
      return close(*may_not);
    request_publish(*parameters_, std::nullopt);
  }
  void on_gone() override { leave(ended_well_ ? PublisherExit::ended : PublisherExit::lost); }
  void dismiss(const Dismissal& why) override {
    if (why.refusal == Refusal::kicked) leave(PublisherExit::sent_away);
    dismiss_ws(connection_, why, v1_);
  }
  std::optional<SessionFacts> facts() const override {
    if (id_.number == 0) return std::nullopt;
    return SessionFacts{
        true,      stream_, {}, v1_ ? "framewire.v1" : "websocket",
        received_, 0,       {}, name_of({id_}, connection_.hub().config().sender_suffix())};
  }
  void on_broken(const Error& error) override { close(close_reason_for(error)); }
  bool quiet_for_ping() const override { return !reassembler_.in_message(); }

  // A page that closes its socket on purpose has said all; one that goes away may come back.
  void on_peer_close(std::uint16_t code) override {
    ended_well_ = !connection_.ending() && (code == 1000 || code == 1005);
  }

  void on_receive(const FragmentPiece& piece) override {
    auto message = reassembler_.feed(piece);
    if (!message) {
      close(close_reason_for(std::move(message.error())));
    } else if (*message) {
      if ((*message)->text)
        take_text(as_text((*message)->bytes));
      else
        take_binary((*message)->bytes);
      reassembler_.release();
    }
    if (!share_.set(reassembler_.held_bytes())) close(no_room());
  }

 private:
  void take_text(std::string_view text) {
    if (!v1_) {
      close(close_reason_for(
          {Errc::unsupported_format,
           "text where binary is due: media goes as ArrayBuffer or Blob (toBlob() of a "
           "canvas, not toDataURL())"}));
      return;
    }
    auto message = parse_publisher_message(text, connection_.hub().config().limits);
    if (!message) {
      close(close_reason_for(std::move(message.error())));
    } else if (auto* publish = std::get_if<PublishHello>(&*message)) {
      greet(std::move(*publish), std::nullopt);
    } else if (auto* resume = std::get_if<ResumeHello>(&*message)) {
      greet({}, std::move(resume->token));
    } else if (auto* said = std::get_if<SideText>(&*message)) {
      say(std::move(*said));
    } else if (auto* mute = std::get_if<MuteMessage>(&*message)) {
      if (id_.number != 0) connection_.hub().mute(id_, std::move(*mute));
    } else if (auto* named = std::get_if<TitleMessage>(&*message)) {
      rename(std::move(named->title));
    } else if (const auto* standing = std::get_if<StillMessage>(&*message)) {
      stand(standing->still);
    } else if (const auto* shown = std::get_if<TokenMessage>(&*message)) {
      renewal_.take(shown->token);
    } else if (const auto* clock = std::get_if<ClockMessage>(&*message)) {
      connection_.send_text(clock_message(clock->sent, wall_clock_us()));
    } else if (std::holds_alternative<EndMessage>(*message) && id_.number != 0) {
      connection_.hub().end(id_);  // on_ended() follows, or the file of a capture
    } else if (std::holds_alternative<CancelMessage>(*message)) {
      leave(PublisherExit::cancelled);
      connection_.close(CloseCode::normal, "cancelled");
    } else {
      leave(PublisherExit::ended);
      connection_.close(CloseCode::normal, "ended");
    }
  }

  void greet(PublishHello hello, std::optional<std::string> token) {
    if (id_.number != 0)
      close(close_reason_for({Errc::protocol, "publish or resume comes once, first"}));
    else if (const auto refused = refuse_capture(hello, connection_.hub().config()))
      close(*refused);
    else if (const auto may_not = refuse_recording(hello, *connection_.principal(), stream_))
      close(*may_not);
    else
      request_publish(std::move(hello), std::move(token));
  }

  void say(SideText text) {
    if (id_.number == 0) {
      close(close_reason_for({Errc::protocol, "publish or resume comes first"}));
    } else if (const auto refused = speech_.refuse(text, connection_.loop().now())) {
      connection_.hub().counters().said(TextFate::limited);
      connection_.send_text(*refused);
    } else {
      text.user = renewal_.shown();
      connection_.hub().send_side_text(id_, std::move(text));
    }
  }

  // All viewers are told each title.
  void rename(std::string title) {
    if (id_.number == 0)
      close(close_reason_for({Errc::protocol, "publish or resume comes first"}));
    else if (!titles_.pass(connection_.loop().now()))
      connection_.send_text(warning_message(
          "rate-limited", fmt::format("more than {} titles a second", kTitlesPerSecond)));
    else
      connection_.hub().set_title(id_, std::move(title));
  }

  void stand(bool still) {
    if (id_.number == 0)
      close(close_reason_for({Errc::protocol, "publish or resume comes first"}));
    else if (stills_.pass(connection_.loop().now()))
      connection_.hub().report_still(id_, still);
  }

  void take_binary(Bytes bytes) {
    if (id_.number == 0) request_publish({}, std::nullopt);
    if (prompt_acks_) connection_.charge(kAckWork);
    received_ += bytes.size();
    connection_.hub().publish(id_, bytes);
  }

  void request_publish(PublishHello hello, std::optional<std::string> token) {
    connection_.allow_receive(false);           // until the answer
    prompt_acks_ = hello.prompt_acks || token;  // as the one that is resumed, which may
    id_ =
        connection_.hub().request_publish(stream_, v1_ ? PublishFraming::v1 : PublishFraming::bare,
                                          std::move(hello), std::move(token), *this);
  }

  void leave(PublisherExit how) {
    if (id_.number != 0) connection_.hub().leave(std::exchange(id_, {}), how);
  }

  // PublisherSink
  std::string described() const override { return by_; }
  void on_ready() override { connection_.allow_receive(true); }
  void send_text(const std::string& json) override {
    if (v1_) connection_.send_text(json);
  }
  void hold(bool on) override { connection_.allow_receive(!on); }
  void on_ended(const std::optional<Error>&) override {
    leave(PublisherExit::ended);
    connection_.close(CloseCode::normal, "ended");
  }
  void close(const CloseReason& ending) override {
    send_text(error_message(ending.code, ending.error.what, ending.error.offset));
    if (ending.stay) {
      leave(PublisherExit::lost);
      connection_.allow_receive(true);
      return;
    }
    if (ending.code == "stream-taken") connection_.hub().counters().refused(Refusal::stream_taken);
    spdlog::info("{}: publisher of {}: {} ({})", connection_.peer(), stream_, ending.error.what,
                 ending.code);
    leave(PublisherExit::lost);
    connection_.allow_receive(true);  // for its close frame
    connection_.close(ending.close, ending.code);
  }

  Connection& connection_;
  const std::string stream_;
  const std::string by_;
  const bool v1_;
  Renewal renewal_;
  const Result<PublishHello> parameters_;  // of a bare one
  SideChannelLimiter speech_;
  TokenBucket titles_{kTitlesPerSecond};
  TokenBucket stills_{kTitlesPerSecond};
  MessageReassembler reassembler_;
  IntakeShare share_;
  PublisherId id_;
  std::uint64_t received_ = 0;
  bool prompt_acks_ = false;
  bool ended_well_ = false;
};

}  // namespace

std::optional<CloseReason> refuse_recording(const PublishHello& hello, const Principal& who,
                                            const std::string& stream) {
  if ((!hello.record && !hello.lossless) || who.may(Action::record, stream)) return std::nullopt;
  return CloseReason{
      CloseCode::policy,
      "forbidden",
      {Errc::refused,
       fmt::format("the key (token) is good, but gives no right \"record\" on {}", stream)}};
}

std::unique_ptr<Session> make_ws_publisher(Connection& connection, const Admission& admission,
                                           const Request& request) {
  return std::make_unique<WsPublisher>(connection, admission, request);
}

}  // namespace framewire::relay
