// Pages, the SDK and other files, health, metrics, API: requests with one answer.
#include <fmt/format.h>

#include "player-web/assets.h"
#include "relay/access/header_list.h"
#include "relay/fanout/messages.h"
#include "relay/http/http_head.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

// Keys may stand in a page's address, so no other site is told it.
constexpr const char* kPageHeaders =
    "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: "
    "no-referrer\r\n";
// Of a file whose name changes with its content.
constexpr const char* kHashedHeaders =
    "Cache-Control: public, max-age=31536000, immutable\r\nX-Content-Type-Options: "
    "nosniff\r\nReferrer-Policy: no-referrer\r\n";
constexpr const char* kLiveHeaders =
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
constexpr const char* kIsolating = "Cross-Origin-Embedder-Policy: require-corp\r\n";

// A page runs the scripts that came with it and no others. Any site may show the player in a frame;
// a studio in a frame would let that site place its own picture over the buttons.
std::string page_policy(std::string_view asset) {
  // A worker of a frame that asks this of what it loads must ask it, too.
  if (asset.ends_with(".js")) return fmt::format("{}{}", kEmbeddable, kIsolating);
  if (asset.starts_with("/samples/") || !asset.ends_with(".html")) return kEmbeddable;
  const bool embed = asset.ends_with("/embed.html");
  // A frame in a cross-origin isolated page asks the same of what it loads.
  return fmt::format(
      "Content-Security-Policy: default-src 'self'; media-src 'self' blob:; frame-ancestors "
      "{}\r\n{}{}",
      embed ? "*" : "'self'", embed ? kEmbeddable : "", embed ? kIsolating : "");
}

// The SDK and the pages are bundled (tools/web-bundle); as they were written for who asks so.
std::string asset_path(const Target& target, bool source) {
  const std::string pages = source ? "/pages/" : "/dist/";
  switch (target.route) {
    case Route::streams_page:
      return pages + "streams.html";
    case Route::recordings_page:
      return pages + "recordings.html";
    case Route::admin_page:
      return pages + "admin.html";
    case Route::render_page:
      return pages + "render.html";
    case Route::api_page:
      return pages + "api.html";
    case Route::watch:
      return pages + "watch.html";
    case Route::embed:
      return pages + "embed.html";
    case Route::publish:
      return pages + "studio.html";
    default:
      if (target.asset == "framewire.js" && !source) return "/dist/framewire.js";
      return "/" + target.asset;
  }
}

// "/dist/watch-0123456789ab.js": only what may change under its name has no hash in it.
bool is_hashed(std::string_view path) {
  return path.starts_with("/dist/") && path.find('-') != std::string_view::npos;
}

struct Listed {
  std::vector<StreamSummary> streams;
  std::string json[2];  // of them all, for viewers and for managers; "" until somebody asks
};

// A list of many streams takes milliseconds. All who ask in one turn of a loop, and on a bad day
// that is a thousand, get one that was made once, and made after they asked.
class StreamLists {
 public:
  using To = std::function<void(Listed&)>;

  static StreamLists& of_this_loop() {
    static thread_local StreamLists lists;
    return lists;
  }

  void ask(LwsLoop& loop, To to) {
    waiting_.push_back(std::move(to));
    if (waiting_.size() > 1) return;
    loop.post([this, &loop] {
      const auto all = std::make_shared<std::vector<To>>(std::exchange(waiting_, {}));
      loop.hub().list_streams([all](std::vector<StreamSummary> streams) {
        Listed listed{std::move(streams), {}};
        for (const To& one : *all) one(listed);
      });
    });
  }

 private:
  std::vector<To> waiting_;
};

class HttpAnswer final : public Session {
 public:
  HttpAnswer(Connection& connection, const Admission& admission, const Request& request)
      : connection_(connection),
        target_(admission.target),
        head_only_(request.method == Method::head),
        who_(admission.principal),
        warns_(open_behind_proxy(request, connection.loop().rules())),
        source_(request.has_argument("source")),
        if_none_match_(request.if_none_match),
        accept_encoding_(request.accept_encoding),
        origin_(request.origin) {}

  void on_open() override {
    switch (target_.route) {
      case Route::healthz:
        respond("text/plain; charset=utf-8", "ok\n");
        break;
      case Route::metrics:
        ask_metrics();
        break;
      case Route::api_streams:
      case Route::api_stream:
        ask_streams();
        break;
      default:
        give_asset();
    }
  }
  // Its answer comes within moments.
  void dismiss(const Dismissal& why) override {
    if (why.server_stops()) connection_.end();
  }

 private:
  void give_asset() {
    const std::string path = asset_path(target_, source_);
    const web::Asset* asset = web::find_asset(path);
    if (!asset) {
      connection_.respond(Refusal::not_found, fmt::format("there is no {}", path));
      return;
    }
    HttpResponse response{200, asset->content_type, as_text(asset->bytes),
                          is_hashed(asset->path) ? kHashedHeaders : kPageHeaders, head_only_};
    if (warns_ && target_.route != Route::embed && asset->path.ends_with(".html")) {
      give_with_warning(response, asset->path);
      return;
    }
    std::string tag{asset->etag};
    if (!asset->brotli.empty()) choose_coding(*asset, response, tag);
    // A page of another site may import the SDK; what it may connect to is another matter.
    response.extra_headers += fmt::format("ETag: {}\r\nAccess-Control-Allow-Origin: *\r\n{}", tag,
                                          page_policy(asset->path));
    if (names_tag(if_none_match_, tag)) {
      response.status = 304;
      response.content_type = response.body = {};
    }
    connection_.respond(response);
  }

  // Each coding of a file has a tag of its own (RFC 9110, section 8.8.3.3).
  void choose_coding(const web::Asset& asset, HttpResponse& response, std::string& tag) const {
    response.extra_headers += "Vary: Accept-Encoding\r\n";
    const bool brotli = accepts_coding(accept_encoding_, "br");
    if (!brotli && !accepts_coding(accept_encoding_, "gzip")) return;
    response.body = as_text(brotli ? asset.brotli : asset.gzip);
    response.extra_headers += brotli ? "Content-Encoding: br\r\n" : "Content-Encoding: gzip\r\n";
    tag.insert(tag.size() - 1, brotli ? "-br" : "-gz");
  }

  // The page, and above it what its operator should know.
  void give_with_warning(HttpResponse& response, std::string_view path) {
    std::string page{response.body};
    constexpr std::string_view kBegins = "<body>";
    if (const std::size_t at = page.find(kBegins); at != std::string::npos)
      page.insert(at + kBegins.size(),
                  fmt::format("\n<p class=\"alert\" role=\"alert\">This server was reached through "
                              "a proxy: {}.</p>",
                              kOpenBehindProxy));
    response.body = page;
    response.extra_headers += page_policy(path);
    connection_.respond(response);
  }

  // Both are asked of loop 0; the connection may be gone when the answer comes.
  void ask_metrics() {
    connection_.hub().render_metrics(
        [this, &loop = connection_.loop(), number = connection_.number()](const std::string& text) {
          if (const Connection* c = loop.find(number); c && c->session() == this)
            respond(Metrics::kContentType, text);
        });
  }
  void ask_streams() {
    StreamLists::of_this_loop().ask(
        connection_.loop(),
        [this, &loop = connection_.loop(), number = connection_.number()](Listed& listed) {
          if (const Connection* c = loop.find(number); c && c->session() == this)
            give_streams(listed);
        });
  }

  // Where streams are passed on to is nothing for everybody.
  static StreamSummary shown(StreamSummary stream, bool to_manager) {
    if (!to_manager) stream.restreams.clear();
    return stream;
  }

  void give_streams(Listed& listed) {
    if (target_.route == Route::api_streams) {
      const bool manages = who_->may(Action::manage, "");
      std::string& json = listed.json[manages ? 1 : 0];
      if (json.empty()) {
        std::vector<StreamSummary> streams;
        for (const StreamSummary& stream : listed.streams)
          streams.push_back(shown(stream, manages));
        json = streams_json(streams);
      }
      respond("application/json", json);
      return;
    }
    for (const StreamSummary& stream : listed.streams)
      if (stream.name == target_.stream) {
        respond("application/json",
                stream_json(shown(stream, who_->may(Action::manage, stream.name))));
        return;
      }
    connection_.respond(Refusal::not_found, fmt::format("there is no stream {}", target_.stream));
  }

  void respond(std::string_view content_type, std::string_view body) {
    HttpResponse response{200, content_type, body, kLiveHeaders, head_only_};
    if (!origin_.empty())  // admitted already
      response.extra_headers +=
          fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", origin_);
    connection_.respond(response);
  }

  Connection& connection_;
  const Target target_;
  const bool head_only_;
  const std::shared_ptr<const Principal> who_;
  const bool warns_;   // pages warn of an open server
  const bool source_;  // the modules as they were written
  const std::string if_none_match_;
  const std::string accept_encoding_;
  const std::string origin_;
};

// What a page of a site that is admitted may do here: all that its own pages may.
class Preflight final : public Session {
 public:
  Preflight(Connection& connection, const Request& request)
      : connection_(connection),
        headers_(fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n"
                             "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"
                             "Access-Control-Allow-Headers: Authorization, Content-Type, Range\r\n"
                             "Access-Control-Max-Age: 600\r\n",
                             request.origin)) {}
  void on_open() override { connection_.respond(HttpResponse{204, {}, {}, headers_, false}); }
  void dismiss(const Dismissal&) override { connection_.end(); }

 private:
  Connection& connection_;
  const std::string headers_;
};

}  // namespace

std::unique_ptr<Session> make_http_answer(Connection& connection, const Admission& admission,
                                          const Request& request) {
  return std::make_unique<HttpAnswer>(connection, admission, request);
}

std::unique_ptr<Session> make_preflight(Connection& connection, const Admission&,
                                        const Request& request) {
  return std::make_unique<Preflight>(connection, request);
}

}  // namespace framewire::relay
