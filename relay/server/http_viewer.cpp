// GET /live/{stream}: the stream as one body without end, for ffplay, curl and <video src>.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "relay/base/stream_name.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr std::chrono::seconds kLongestWait{60};

class HttpViewer final : public Session, private ViewerSink {
 public:
  HttpViewer(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        stream_(viewed(admission.target).stream),
        head_only_(request.method == Method::head),
        wait_until_(connection.loop().now() + wait_asked(request)),
        viewer_(*this, request.http_1_1 ? Framing::chunked : Framing::http,
                viewed(admission.target).rendition),
        slot_(connection.loop().shared().viewers, connection.hub().config().max_viewers) {}

  void on_open() override {
    if (!slot_.taken()) {
      connection_.hub().limit_reached("max-viewers", std::string{origin_of(stream_)});
      answer(Refusal::overloaded, "the server has no room for more viewers");
      return;
    }
    connection_.hub().attach(stream_, viewer_);
    connection_.announce_viewer("viewer-join");
  }
  void on_gone() override {
    if (viewer_.local_stream) connection_.announce_viewer("viewer-leave");
    if (viewer_.local_stream) connection_.hub().detach(viewer_);
  }
  void on_writeable() override {
    if (viewer_.local_stream) connection_.hub().on_writeable(viewer_);
  }
  void tick(Time now) override {
    if (absent_ && !started_ && now >= wait_until_) answer(Refusal::not_found, absent_sentence());
  }
  std::optional<SessionFacts> facts() const override {
    return facts_of(viewer_, stream_, "http", {}, connection_.hub());
  }
  void dismiss(const Dismissal& why) override {
    if (started_ || why.server_stops())
      close(why.close, why.code);
    else
      answer(why.refusal, why.message);
  }

 private:
  std::string absent_sentence() const {
    return fmt::format("there is no stream {}", origin_of(stream_));
  }

  void answer(Refusal why, std::string_view message) {
    if (answered_) return;
    answered_ = true;
    connection_.respond(why, message);
  }

  // ViewerSink
  Sent write(Bytes body) override {
    return answered_ || connection_.ending() ? Sent::gone : connection_.write(body);
  }
  bool make_ready(Bytes body, SocketSend& to) override {
    return !answered_ && connection_.make_ready(body, to);
  }
  Sent sent(Bytes body, std::int32_t result) override { return connection_.sent(body, result); }
  void on_epoch(const Epoch& epoch) override {
    if (started_ || answered_) return;
    started_ = true;
    const std::string& mime = epoch.info.mime;
    const std::string head = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nCache-Control: no-store\r\nConnection: close\r\n"
        "X-Content-Type-Options: nosniff\r\n{}{}{}\r\n",
        mime.empty() ? "application/octet-stream" : mime, kEmbeddable, kUnbuffered,
        viewer_.framing == Framing::chunked ? "Transfer-Encoding: chunked\r\n" : "");
    connection_.write(as_bytes(head));
    if (head_only_) {
      answered_ = true;
      connection_.end();
    }
  }
  void on_no_stream() override {
    absent_ = true;
    if (connection_.loop().now() >= wait_until_) answer(Refusal::not_found, absent_sentence());
  }
  void want_writeable() override { connection_.want_writeable(); }
  std::size_t unsent_bytes() const override { return connection_.unsent_bytes(); }
  void close(CloseCode code, std::string_view code_name) override {
    if (started_) {
      // Only a stream that ended is said to be whole; a client can tell it from one that was cut.
      if (code == CloseCode::normal && viewer_.framing == Framing::chunked)
        connection_.write(as_bytes("0\r\n\r\n"));
      connection_.end();
      return;
    }
    switch (code) {
      case CloseCode::normal:
        answer(Refusal::not_found, absent_sentence());
        break;
      case CloseCode::unsupported:
        answer(Refusal::unsupported_format, viewer_.why(close_sentence(code_name)));
        break;
      default:
        answer(Refusal::overloaded, close_sentence(code_name));
    }
  }

  Connection& connection_;
  const std::string stream_;
  const bool head_only_;
  const Time wait_until_;
  Viewer viewer_;
  CountedSlot slot_;
  bool absent_ = false;    // no such stream now
  bool started_ = false;   // the head of a 200 is out
  bool answered_ = false;  // nothing more may be written
};

}  // namespace

std::chrono::seconds wait_asked(const Request& request) {
  const std::string text = request.argument("wait").value_or("0");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(std::chrono::seconds{seconds}, std::chrono::seconds{0}, kLongestWait);
}

std::unique_ptr<Session> make_http_viewer(Connection& connection, const Admission& admission,
                                          const Request& request) {
  return std::make_unique<HttpViewer>(connection, admission, request);
}

}  // namespace framewire::relay
