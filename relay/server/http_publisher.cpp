// POST or PUT /publish/{stream}: the body is the stream (ffmpeg, curl, fetch).
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMostWarnings = 16;

Refusal refusal_for(const CloseReason& ending) {
  if (ending.code == "stream-taken" || ending.code == "taken-over") return Refusal::stream_taken;
  if (ending.code == "stream-ended") return Refusal::stream_ended;
  if (ending.code == "overloaded") return Refusal::overloaded;
  if (ending.code == "forbidden") return Refusal::forbidden;
  switch (ending.error.code) {
    case Errc::unsupported_format:
      return Refusal::unsupported_format;
    case Errc::malformed_media:
      return Refusal::malformed_media;
    case Errc::limit_exceeded:
      return Refusal::limit_exceeded;
    case Errc::internal:
      return Refusal::internal;
    default:
      return Refusal::bad_request;
  }
}

class HttpPublisher final : public Session, private PublisherSink {
 public:
  HttpPublisher(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        stream_(admission.target.stream),
        by_(connection.described(request)),
        expects_continue_(request.expect == "100-continue"),
        hello_(read_publish_parameters(request.arguments, connection.hub().config().limits)) {}

  void on_open() override {
    if (!hello_) return close(close_reason_for(hello_.error()));
    if (const auto may_not = refuse_recording(*hello_, *connection_.principal(), stream_))
      return close(*may_not);
    connection_.allow_receive(false);  // until the answer
    id_ = connection_.hub().request_publish(stream_, PublishFraming::http, *hello_, std::nullopt,
                                            *this);
  }
  void on_gone() override { leave(PublisherExit::lost); }
  void dismiss(const Dismissal& why) override {
    answer(why.refusal, why.message);
    leave(why.refusal == Refusal::kicked ? PublisherExit::sent_away : PublisherExit::lost);
  }
  std::optional<SessionFacts> facts() const override {
    if (id_.number == 0) return std::nullopt;
    return SessionFacts{
        true,      stream_, {}, "http",
        received_, 0,       {}, name_of({id_}, connection_.hub().config().sender_suffix())};
  }
  bool awaits_body() const override { return !answered_; }

  void on_body(Bytes bytes) override {
    if (answered_ || finished_) return;
    received_ += bytes.size();
    connection_.hub().publish(id_, bytes);
  }

  void on_body_end() override {
    if (!answered_ && !std::exchange(finished_, true)) connection_.hub().end(id_);
  }

 private:
  void answer(Refusal why, std::string_view message) {
    if (answered_) return;
    answered_ = true;
    connection_.respond(why, message);
  }

  void leave(PublisherExit how) {
    if (id_.number != 0) connection_.hub().leave(std::exchange(id_, {}), how);
  }

  // PublisherSink
  std::string described() const override { return by_; }
  void on_ready() override {
    if (expects_continue_) connection_.write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    connection_.allow_receive(true);
  }
  void hold(bool on) override { connection_.allow_receive(!on); }
  // Warnings go into the answer, since a body is answered once.
  void send_text(const std::string& json) override {
    const auto told = nlohmann::json::parse(json, nullptr, false);
    if (told.is_object() && told.value("type", "") == "warning" && warnings_.size() < kMostWarnings)
      warnings_.push_back(
          {{"code", told.value("code", "")}, {"message", told.value("message", "")}});
  }
  void on_ended(const std::optional<Error>& error) override {
    if (error) {
      close(close_reason_for(*error));
      return;
    }
    leave(PublisherExit::ended);
    if (std::exchange(answered_, true)) return;
    nlohmann::json said{{"stream", stream_}, {"received_bytes", received_}};
    if (!warnings_.empty()) said["warnings"] = warnings_;
    const std::string body = said.dump() + "\n";
    HttpResponse response{200, "application/json", body, ""};
    connection_.respond(response);
  }
  void close(const CloseReason& ending) override {
    answer(refusal_for(ending),
           ending.error.offset == 0
               ? ending.error.what
               : fmt::format("{} (byte {})", ending.error.what, ending.error.offset));
    leave(PublisherExit::lost);
  }

  Connection& connection_;
  const std::string stream_;
  const std::string by_;
  const bool expects_continue_;
  const Result<PublishHello> hello_;
  PublisherId id_;
  std::uint64_t received_ = 0;
  nlohmann::json warnings_ = nlohmann::json::array();
  bool finished_ = false;  // the body is complete
  bool answered_ = false;
};

}  // namespace

std::unique_ptr<Session> make_http_publisher(Connection& connection, const Admission& admission,
                                             const Request& request) {
  return std::make_unique<HttpPublisher>(connection, admission, request);
}

}  // namespace framewire::relay
