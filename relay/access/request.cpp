#include "relay/access/request.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "relay/access/header_list.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kKeyBytes = 24;  // base64 of 16 bytes
constexpr std::size_t kPathShown = 200;

tl::unexpected<Rejection> reject(Refusal why, std::string message) {
  return tl::make_unexpected(Rejection{why, std::move(message)});
}

tl::unexpected<Rejection> reject_key(bool presented) {
  return tl::make_unexpected(
      Rejection{Refusal::unauthorized, std::string{kWrongKey}, false, presented});
}

bool same_token(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_base64_key(std::string_view key) {
  if (key.size() != kKeyBytes || !key.ends_with("==")) return false;
  return std::all_of(key.begin(), key.end() - 2, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  });
}

std::string shown(std::string_view path) {
  std::string out{path.substr(0, kPathShown)};
  for (char& c : out)
    if (c < ' ' || c == 0x7f) c = '?';
  return out;
}

// A watch key opens these, and a publisher's: what is on, how it goes, what the server echoes.
bool is_overview(Target::Route route) {
  using Route = Target::Route;
  return route == Route::api_streams || route == Route::api_stream || route == Route::metrics ||
         route == Route::echo;
}

bool is_page(const Request& request, Target::Route route) {
  using Route = Target::Route;
  return request.method == Method::get && request.upgrade.empty() &&
         (route == Route::streams_page || route == Route::watch || route == Route::embed ||
          route == Route::publish || route == Route::recordings_page);
}

// What can be done with a target, besides what a page of another site asks with OPTIONS first.
std::string_view methods_of(std::string_view path) {
  using Route = Target::Route;
  const auto target = parse_post_target(path);  // which knows more
  switch (target ? target->route : Route::none) {
    case Route::publish:
      return "GET, HEAD, POST, PUT";
    case Route::api_record:
      return "GET, HEAD, POST";
    case Route::api_recording:
      return "GET, HEAD, DELETE";
    case Route::echo:
      return "GET";
    default:
      return "GET, HEAD";
  }
}

// Source: RFC 9110, section 15.5.6.
tl::unexpected<Rejection> reject_method(std::string message, std::string_view allow) {
  Rejection out{Refusal::method_not_allowed, std::move(message)};
  out.allow = allow;
  return tl::make_unexpected(std::move(out));
}

// RFC 9112, section 3.2. An HTTP/1.0 client is no browser, and need not know what it asked for.
bool lacks_host(const Request& request) {
  return request.http_1_1 && request.host.empty();
}

constexpr std::string_view kNoHost =
    "the request has no Host header; a proxy in front must pass on the one that it was asked by "
    "(nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On)";

// The names that this server may be asked by (relay/access/hosts.h). Health is nobody's secret.
std::optional<Rejection> judge_host(const Request& request, const AccessRules& rules,
                                    Target::Route route) {
  if (request.host.empty()) return std::nullopt;
  if (route == Target::Route::healthz || rules.hosts.admits(request.host)) return std::nullopt;
  return Rejection{
      Refusal::foreign_host,
      fmt::format("Host {} is not served: without a publish key only addresses, localhost and "
                  "*.local are, so that no foreign page can pass for this server; if it is this "
                  "server's name, start it with --publish-key KEY, or with --host {}",
                  shown(request.host), shown(host_of(request.host)))};
}

// Whose key opens a target, besides the method.
bool is_watched(Target::Route route) {
  using Route = Target::Route;
  return route == Route::live || route == Route::hls || route == Route::recording ||
         route == Route::thumbnail || route == Route::api_recordings ||
         route == Route::api_recording;
}

bool changes_recordings(const Request& request, Target::Route route) {
  using Route = Target::Route;
  return (request.method == Method::del && route == Route::api_recording) ||
         (request.method == Method::post && route == Route::api_record);
}

// Name and origin, which decide at once, and the key, which the caller judges.
Verdict judge(const Request& request, const AccessRules& rules, bool publishes, bool watches) {
  const bool may_post = request.method == Method::post || request.method == Method::options;
  auto target = may_post ? parse_post_target(request.path) : parse_target(request.path);
  if (lacks_host(request))
    return tl::make_unexpected(Rejection{Refusal::bad_request, std::string{kNoHost},
                                         target && is_page(request, target->route)});
  if (!target) return reject(Refusal::bad_name, target.error().what);
  if (target->route == Target::Route::none)
    return reject(Refusal::not_found, fmt::format("there is no {}", shown(request.path)));
  if (auto wrong = judge_host(request, rules, target->route)) {
    wrong->page = is_page(request, target->route);
    return tl::make_unexpected(*std::move(wrong));
  }
  // A browser calls a page's own server so, whatever Host a proxy makes of it (Fetch Metadata).
  const bool own_page = request.fetch_site == "same-origin";
  if (!own_page && !origin_admitted(request.origin, request.host, rules.allowed_origins))
    return reject(Refusal::foreign_origin,
                  fmt::format("pages of {} may not connect here, to {}{}", shown(request.origin),
                              shown(request.host),
                              request.proxied() ? "; if that is not what the page asked for, the "
                                                  "proxy in front must pass Host on"
                                                : ""));
  const auto key = presented_key(request.authorization, request.arguments);
  if (!key) return reject(Refusal::bad_request, key.error().what);
  const bool changes = changes_recordings(request, target->route);
  const bool needs_publish = (publishes && target->route == Target::Route::publish) || changes;
  const bool overview = watches && is_overview(target->route);
  const bool needs_watch = overview || (watches && !changes && is_watched(target->route));
  const bool publisher = rules.publish_keys.opens(*key);
  const bool watcher = rules.watch_keys.opens(*key);
  const bool may_publish = publisher || rules.publish_keys.empty();
  const bool may_watch = watcher || rules.watch_keys.empty() || (overview && publisher);
  Admission out{std::move(*target)};
  out.unauthorized = (needs_publish && !may_publish) || (needs_watch && !may_watch);
  out.may_publish = may_publish;
  out.key_matters = needs_publish || needs_watch;
  out.wrong_key = out.key_matters && key->has_value() && !publisher && !watcher && !rules.open();
  out.keyed = watcher;
  return out;
}

// What of a body's headers stands in the way of its being a stream; the bytes tell gzip.
std::optional<Rejection> refuse_body(const Request& request) {
  if (request.content_length == 0)
    return Rejection{Refusal::bad_request,
                     "the body is empty: media is expected, with its length or in chunks"};
  if (!request.content_range.empty())
    return Rejection{Refusal::bad_request,
                     "this is a part of an upload (Content-Range): send the stream as one body, as "
                     "GStreamer's curlhttpsink does and souphttpclientsink does not"};
  const std::string& encoding = request.content_encoding;
  if (!encoding.empty() && encoding != "gzip" && encoding != "x-gzip" && encoding != "identity")
    return Rejection{Refusal::unsupported_format,
                     fmt::format("a body in the encoding {} is not read here: send it as it is, or "
                                 "as gzip",
                                 shown(encoding))};
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Request::argument(std::string_view name) const {
  for (const std::string& argument : arguments)
    if (argument.size() > name.size() && argument.starts_with(name) && argument[name.size()] == '=')
      return argument.substr(name.size() + 1);
  return std::nullopt;
}

bool Request::has_argument(std::string_view name) const {
  return argument(name) || std::find(arguments.begin(), arguments.end(), name) != arguments.end();
}

bool open_behind_proxy(const Request& request, const AccessRules& rules) {
  return request.proxied() && rules.publish_keys.empty() && !rules.meant_open;
}

Verdict judge_upgrade(const Request& request, const AccessRules& rules) {
  using Route = Target::Route;
  if (!same_token(request.upgrade, "websocket"))
    return reject(Refusal::upgrade, "the only upgrade here is websocket");
  if (request.method != Method::get) return reject_method("a WebSocket opens with GET", "GET");
  if (!request.http_1_1) return reject(Refusal::upgrade, "a WebSocket opens with HTTP/1.1");
  if (lacks_host(request)) return reject(Refusal::upgrade, std::string{kNoHost});
  if (!header_lists(request.connection, "upgrade"))
    return reject(Refusal::upgrade, "the Connection header does not say Upgrade");
  if (request.ws_version != "13")
    return reject(Refusal::version, "Sec-WebSocket-Version must be 13");
  if (!is_base64_key(request.ws_key))
    return reject(Refusal::upgrade, "Sec-WebSocket-Key is not 16 bytes in base64");
  const bool v1 = header_lists(request.ws_protocols, "framewire.v1");
  if (!request.ws_protocols.empty() && !v1)
    return reject(Refusal::subprotocol, "the only subprotocol here is framewire.v1");

  auto verdict = judge(request, rules, true, true);
  if (!verdict) return verdict;
  const Route route = verdict->target.route;
  if (route != Route::publish && route != Route::live && route != Route::echo)
    return reject(Refusal::not_found,
                  fmt::format("{} is no WebSocket address", shown(request.path)));
  verdict->v1 = v1;
  if (verdict->unauthorized && !v1) return reject_key(verdict->wrong_key);
  return verdict;
}

Verdict judge_http(const Request& request, const AccessRules& rules) {
  using Route = Target::Route;
  const bool reads = request.method == Method::get || request.method == Method::head;
  const bool pushes = request.method == Method::post || request.method == Method::put;
  // A page of another site asks first (Fetch standard, "CORS-preflight fetch"), and brings no key.
  const bool preflight = request.method == Method::options && !request.origin.empty();
  auto verdict = judge(request, rules, pushes, !preflight);
  if (!verdict || preflight) return verdict;
  if (verdict->unauthorized) return reject_key(verdict->wrong_key);
  if (!reads && !(pushes && verdict->target.route == Route::publish) &&
      !changes_recordings(request, verdict->target.route))
    return reject_method(
        pushes ? "media is pushed to /publish/{stream}" : "GET and HEAD only, here",
        methods_of(request.path));
  if (pushes) {
    if (!request.transfer_encoding.empty() && !request.chunked())
      return reject(Refusal::bad_request, "the only Transfer-Encoding here is chunked");
    if (request.chunked() && request.content_length)
      return reject(Refusal::bad_request, "Content-Length and Transfer-Encoding together");
    if (verdict->target.route == Route::publish)
      if (auto refused = refuse_body(request)) return tl::make_unexpected(*std::move(refused));
    if (!request.chunked() && !request.content_length)
      return reject(Refusal::bad_request, "a body needs Content-Length or chunked encoding");
  }
  if (verdict->target.route == Route::echo)
    return reject(Refusal::upgrade, "/echo is a WebSocket address");
  return verdict;
}

}  // namespace framewire::relay
