// GET /live/{stream}.jpg: the stream's newest keyframe as one picture. GET /live/{stream}.mjpeg: a
// stream of pictures as <img> takes it (multipart/x-mixed-replace; HTML, "Server push").
//
// Both watch a derived stream of JPEG pictures as a bare WebSocket viewer would, whose messages are
// pictures; what goes out is made from these.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/outputs.h"
#include "ingest/wire/ws_frame.h"
#include "relay/access/header_list.h"
#include "relay/base/stream_name.h"
#include "relay/http/http_head.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

// A stream that is there has a keyframe before long, or is nothing to look at.
constexpr std::chrono::seconds kMostPatience{10};
constexpr std::chrono::seconds kMaxWait{60};

int number_of(const Request& request, std::string_view argument) {
  const std::string text = request.argument(argument).value_or("");
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// An entity tag: FNV-1a, 64 bits.
std::string tag_of(Bytes picture) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte b : picture) hash = (hash ^ std::to_integer<unsigned>(b)) * 0x100000001b3;
  return fmt::format("\"{:016x}\"", hash);
}

class HttpPictures : public Session, protected ViewerSink {
 public:
  HttpPictures(Connection& connection, std::string stream, const Request& request)
      : connection_(connection),
        head_only_(request.method == Method::head),
        stream_(std::move(stream)),
        wait_until_(connection.loop().now() +
                    std::clamp(std::chrono::seconds{number_of(request, "wait")},
                               std::chrono::seconds{0}, kMaxWait)),
        viewer_(*this, Framing::bare, Rendition::origin),
        slot_(connection.loop().shared().viewers, connection.hub().config().max_viewers) {}

  void on_open() override {
    if (slot_.taken())
      connection_.hub().attach(stream_, viewer_);
    else
      refuse(Refusal::overloaded, "the server has no room for more viewers");
  }
  void on_gone() override {
    if (viewer_.local_stream) connection_.hub().detach(viewer_);
  }
  void on_writeable() override {
    if (viewer_.local_stream) connection_.hub().on_writeable(viewer_);
  }
  void tick(Time now) override {
    if (now < (absent_ ? wait_until_ : wait_until_ + kMostPatience)) return;
    if (!started_)
      refuse(Refusal::not_found, absent_ ? absent_sentence() : "no picture came of it");
  }
  std::optional<SessionFacts> facts() const override {
    if (viewer_.internal) return std::nullopt;
    return facts_of(viewer_, stream_, "http", {}, connection_.hub());
  }
  void dismiss(const Dismissal& why) override {
    if (started_)
      connection_.end();
    else
      refuse(why.refusal, why.message);
  }

 protected:
  virtual void give(Bytes picture) = 0;
  // After all that came at once.
  virtual Sent send() = 0;

  void refuse(Refusal why, std::string_view message) {
    if (std::exchange(started_, true)) return;
    over_ = true;
    connection_.respond(why, message);
  }

  Connection& connection_;
  const bool head_only_;
  bool started_ = false;  // something of an answer is out
  bool over_ = false;     // all of it is

 private:
  std::string absent_sentence() const {
    return fmt::format("there is no stream {}", origin_of(stream_));
  }

  Sent write(Bytes framed) override {
    if (over_ || connection_.ending()) return Sent::gone;
    while (!framed.empty()) give(take_ws_frame(framed).payload);
    return send();
  }
  void on_epoch(const Epoch&) override { absent_ = false; }
  void on_no_stream() override {
    absent_ = true;
    if (connection_.loop().now() >= wait_until_) refuse(Refusal::not_found, absent_sentence());
  }
  void want_writeable() override { connection_.want_writeable(); }
  std::size_t unsent_bytes() const override { return connection_.unsent_bytes(); }
  void close(CloseCode code, std::string_view code_name) override {
    if (started_)
      connection_.end();
    else if (code == CloseCode::normal)
      refuse(Refusal::not_found, absent_sentence());
    else if (code == CloseCode::unsupported)
      refuse(Refusal::unsupported_format, viewer_.why(close_sentence(code_name)));
    else
      refuse(Refusal::overloaded, close_sentence(code_name));
  }

  const std::string stream_;
  const Time wait_until_;

 protected:
  Viewer viewer_;

 private:
  CountedSlot slot_;
  bool absent_ = false;
};

class Poster final : public HttpPictures {
 public:
  Poster(Connection& connection, const Target& target, const Request& request)
      : HttpPictures(connection, derived_name(target.stream, output(request)), request),
        if_none_match_(request.if_none_match) {
    viewer_.internal = true;
  }

 private:
  static std::string output(const Request& request) {
    return std::string{codec::poster_output(number_of(request, "width"))};
  }

  void give(Bytes picture) override { picture_ = picture; }
  Sent send() override {
    started_ = over_ = true;
    const std::string tag = tag_of(picture_);
    HttpResponse response{200, "image/jpeg", as_text(picture_),
                          fmt::format("Cache-Control: private, max-age=1\r\nETag: {}\r\n"
                                      "X-Content-Type-Options: nosniff\r\n{}",
                                      tag, kEmbeddable),
                          head_only_};
    if (names_tag(if_none_match_, tag)) {
      response.status = 304;
      response.content_type = response.body = {};
    }
    response.keep = false;
    connection_.respond(response);
    return Sent::gone;
  }

  Bytes picture_;  // the newest of those that came at once
  const std::string if_none_match_;
};

class Mjpeg final : public HttpPictures {
 public:
  Mjpeg(Connection& connection, const Target& target, const Request& request)
      : HttpPictures(connection, derived_name(target.stream, target.extension), request) {}

 private:
  // The boundary goes out behind a picture, not before the next one: a browser shows what it has
  // once it sees that.
  void give(Bytes picture) override {
    if (!std::exchange(started_, true)) {
      append_text(
          "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=framewire\r\n"
          "Cache-Control: no-store\r\nConnection: close\r\n"
          "X-Content-Type-Options: nosniff\r\n" +
          std::string{kEmbeddable} + kUnbuffered + "\r\n");
      if (!head_only_) append_text("--framewire\r\n");
    }
    if (head_only_) return;
    append_text(
        fmt::format("Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", picture.size()));
    append(body_, picture);
    append_text("\r\n--framewire\r\n");
  }
  Sent send() override {
    const Sent sent = connection_.write(body_);
    body_.clear();
    if (!head_only_) return sent;
    over_ = true;
    connection_.end();
    return Sent::gone;
  }
  void append_text(std::string_view text) { append(body_, as_bytes(text)); }

  Buffer body_;
};

}  // namespace

std::unique_ptr<Session> make_http_pictures(Connection& connection, const Admission& admission,
                                            const Request& request) {
  const Target& target = admission.target;
  if (target.extension == codec::kMjpeg)
    return std::make_unique<Mjpeg>(connection, target, request);
  return std::make_unique<Poster>(connection, target, request);
}

}  // namespace framewire::relay
