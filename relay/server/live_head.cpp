// HEAD /live/{stream}.mp4, .jpg, /index.m3u8 and so on. A rendition that is not made would be made
// for whoever attaches to it, which for a HEAD is an encoder started for nothing: the answer is
// what is known without it, and so has no length, entity tag or codecs.
#include <fmt/format.h>

#include <utility>

#include "codec/outputs.h"
#include "relay/base/stream_name.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/routes.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

std::string_view content_type_of(const Target& target) {
  if (target.route == Route::hls) return "application/vnd.apple.mpegurl";
  if (target.extension == codec::kMjpeg) return "multipart/x-mixed-replace; boundary=framewire";
  const codec::Output* output = codec::output_named(target.extension);
  switch (output ? output->format : Format::binary) {
    case Format::mp4:
      return "video/mp4";
    case Format::mpegts:
      return "video/mp2t";
    case Format::flv:
      return "video/x-flv";
    case Format::webm:
      return "video/webm";
    case Format::jpeg:
      return "image/jpeg";
    default:
      return "application/octet-stream";
  }
}

// The rendition that a request would have made; empty: it begins none.
std::string made_for(const Target& target) {
  using Kind = hls::File::Kind;
  if (target.route == Route::live)
    return target.extension.empty() ? "" : derived_name(target.stream, target.extension);
  const Kind kind = target.hls_file.kind;
  return kind == Kind::index || kind == Kind::media ? derived_name(target.stream, hls::kSource)
                                                    : "";
}

std::unique_ptr<Session> as_for_get(Connection& connection, const Admission& admission,
                                    const Request& request) {
  return routes().find(admission.target.route, kGet)->make(connection, admission, request);
}

class LiveHead final : public Session {
 public:
  LiveHead(Connection& connection, const Admission& admission, const Request& request,
           std::string rendition)
      : connection_(connection),
        admission_(admission),
        request_(request),
        rendition_(std::move(rendition)),
        wait_until_(connection.loop().now() + wait_asked(request)) {}

  void on_open() override { look(); }
  void tick(Time) override {
    if (std::exchange(absent_, false)) look();
  }
  void dismiss(const Dismissal& why) override { refuse(why.refusal, why.message); }

 private:
  void look() {
    connection_.hub().find_streams(
        {rendition_, admission_.target.stream},
        [this, &loop = connection_.loop(), number = connection_.number()](const Hub::Found& found) {
          const Connection* c = loop.find(number);
          if (c && c->session() == this && !answered_) answer(found[0], found[1]);
        });
  }

  void answer(const std::optional<StreamSummary>& made,
              const std::optional<StreamSummary>& origin) {
    // The relay cuts this one itself.
    const bool cut = origin && origin->info.has_webm_rendition &&
                     viewed(admission_.target).rendition == Rendition::webm;
    if (made || cut) {
      Connection& connection = connection_;
      connection.start(as_for_get(connection, admission_, request_));  // this one is gone
    } else if (origin) {
      respond();
    } else if (connection_.loop().now() >= wait_until_) {
      refuse(Refusal::not_found, fmt::format("there is no stream {}", admission_.target.stream));
    } else {
      absent_ = true;
    }
  }

  void respond() {
    answered_ = true;
    HttpResponse response;
    response.content_type = content_type_of(admission_.target);
    response.extra_headers = fmt::format(
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{}", kEmbeddable);
    if (!request_.origin.empty())  // else it was admitted
      response.extra_headers +=
          fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", request_.origin);
    response.head_only = true;
    response.sized = false;
    connection_.respond(response);
  }

  void refuse(Refusal why, std::string_view message) {
    if (std::exchange(answered_, true)) return;
    connection_.respond(why, message);
  }

  Connection& connection_;
  const Admission admission_;
  const Request request_;
  const std::string rendition_;
  const Time wait_until_;
  bool absent_ = false;  // no such stream when it looked
  bool answered_ = false;
};

}  // namespace

std::unique_ptr<Session> make_live_head(Connection& connection, const Admission& admission,
                                        const Request& request) {
  std::string rendition = made_for(admission.target);
  if (rendition.empty()) return as_for_get(connection, admission, request);
  return std::make_unique<LiveHead>(connection, admission, request, std::move(rendition));
}

}  // namespace framewire::relay
