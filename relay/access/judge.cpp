#include "relay/access/judge.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "relay/access/auth.h"
#include "relay/access/header_list.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kKeyBytes = 24;  // base64 of 16 bytes
constexpr std::size_t kPathShown = 200;

tl::unexpected<Rejection> reject(Refusal why, std::string message) {
  return tl::make_unexpected(Rejection{why, std::move(message)});
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

// RFC 9112, section 3.2. An HTTP/1.0 client is no browser, and need not know what it asked for.
bool lacks_host(const Request& request) {
  return request.http_1_1 && request.host.empty();
}

constexpr std::string_view kNoHost =
    "the request has no Host header; a proxy in front must pass on the one that it was asked by "
    "(nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On)";

// The names that this server may be asked by (relay/access/hosts.h).
std::optional<Rejection> judge_host(const Request& request, const AccessRules& rules) {
  if (request.host.empty() || rules.hosts.admits(request.host)) return std::nullopt;
  return Rejection{
      Refusal::foreign_host,
      fmt::format("Host {} is not served: without a publish key only addresses, localhost and "
                  "*.local are, so that no foreign page can pass for this server; if it is this "
                  "server's name, start it with --publish-key KEY, or with --host {}",
                  shown(request.host), shown(host_of(request.host)))};
}

// A browser calls a page's own server so, whatever Host a proxy makes of it (Fetch Metadata).
std::optional<Rejection> judge_origin(const Request& request, const AccessRules& rules) {
  if (request.fetch_site == "same-origin" ||
      origin_admitted(request.origin, request.host, rules.allowed_origins))
    return std::nullopt;
  return Rejection{Refusal::foreign_origin,
                   fmt::format("pages of {} may not connect here, to {}{}", shown(request.origin),
                               shown(request.host),
                               request.proxied() ? "; if that is not what the page asked for, the "
                                                   "proxy in front must pass Host on"
                                                 : "")};
}

// What of a handshake is no WebSocket's, besides its path.
std::optional<Rejection> judge_handshake(const Request& request) {
  if (!same_token(request.upgrade, "websocket"))
    return Rejection{Refusal::upgrade, "the only upgrade here is websocket"};
  if (request.method != Method::get)
    return Rejection{Refusal::method_not_allowed, "a WebSocket opens with GET", false, false,
                     "GET"};
  if (!request.http_1_1) return Rejection{Refusal::upgrade, "a WebSocket opens with HTTP/1.1"};
  if (lacks_host(request)) return Rejection{Refusal::upgrade, std::string{kNoHost}};
  if (!header_lists(request.connection, "upgrade"))
    return Rejection{Refusal::upgrade, "the Connection header does not say Upgrade"};
  if (request.ws_version != "13")
    return Rejection{Refusal::version, "Sec-WebSocket-Version must be 13"};
  if (!is_base64_key(request.ws_key))
    return Rejection{Refusal::upgrade, "Sec-WebSocket-Key is not 16 bytes in base64"};
  if (!request.ws_protocols.empty() && !header_lists(request.ws_protocols, "framewire.v1"))
    return Rejection{Refusal::subprotocol, "the only subprotocol here is framewire.v1"};
  return std::nullopt;
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

// How a body is delimited (RFC 9112, section 6), and, where it is to be a stream, what it is.
std::optional<Rejection> judge_body(const Request& request, Target::Route route) {
  if (!request.transfer_encoding.empty() && !request.chunked())
    return Rejection{Refusal::bad_request, "the only Transfer-Encoding here is chunked"};
  if (request.chunked() && request.content_length)
    return Rejection{Refusal::bad_request, "Content-Length and Transfer-Encoding together"};
  if (route == Target::Route::publish)
    if (auto refused = refuse_body(request)) return refused;
  if (!request.chunked() && !request.content_length)
    return Rejection{Refusal::bad_request, "a body needs Content-Length or chunked encoding"};
  return std::nullopt;
}

// Why whoever asks may not; nullopt: it may.
std::optional<Rejection> judge_rights(const Entry& entry, const Answer& answer, bool wrong_key,
                                      const AccessRules& rules, Time now) {
  if (!answer)
    return Rejection{answer.error().why, answer.error().message, false, answer.error().guessed};
  if (answer->principal->expired(now))
    return Rejection{Refusal::token_expired, std::string{kTokenExpired}};
  if (!entry.needs || answer->principal->may(*entry.needs, entry.target.stream))
    return std::nullopt;
  const bool manages = entry.needs == Action::manage || entry.needs == Action::moderate;
  if (manages && rules.everybody_may(Action::publish))
    return Rejection{Refusal::unauthorized, std::string{kManagedFromHere}, false, wrong_key};
  if (answer->known)
    return Rejection{Refusal::unauthorized,
                     fmt::format("the key (token) is good, but gives no right \"{}\" on {}",
                                 to_string(*entry.needs),
                                 entry.target.stream.empty() ? "*" : entry.target.stream)};
  return Rejection{Refusal::unauthorized, std::string{kWrongKey}, false, wrong_key};
}

// A page is shown no status of a failed upgrade: what is about its user is told after it.
bool is_told_after_upgrade(Refusal why) {
  constexpr unsigned kUnauthorized = 401, kForbidden = 403;
  const unsigned status = http_status(why);
  return status == kUnauthorized || status == kForbidden || why == Refusal::auth_timed_out ||
         why == Refusal::auth_failed || why == Refusal::wrong_keys;
}

// What an HTTP request may still get wrong once it is known who asks.
std::optional<Rejection> judge_method(const Request& request, const Entry& entry,
                                      const RouteTable& routes) {
  const Target::Route route = entry.target.route;
  const bool reads = request.method == Method::get || request.method == Method::head;
  const bool pushes = request.method == Method::post || request.method == Method::put ||
                      request.method == Method::patch;
  if (!entry.row && reads && routes.find(route, kWebSocket))
    return Rejection{Refusal::upgrade,
                     fmt::format("{} is a WebSocket address", shown(request.path))};
  if (!entry.row)
    return Rejection{Refusal::method_not_allowed,
                     request.method == Method::post || request.method == Method::put
                         ? "media is pushed to /publish/{stream}"
                         : fmt::format("only {} here", routes.allow(request.path)),
                     false, false, routes.allow(request.path)};
  return pushes ? judge_body(request, route) : std::nullopt;
}

}  // namespace

bool open_behind_proxy(const Request& request, const AccessRules& rules) {
  return request.proxied() && rules.everybody_may(Action::publish) && !rules.meant_open;
}

// Name and origin, which decide at once, and what it takes to be let in.
Examined examine(const Request& request, const AccessRules& rules, const RouteTable& routes) {
  const Ways way = way_of(request);
  if (way == kWebSocket)
    if (auto wrong = judge_handshake(request)) return tl::make_unexpected(*std::move(wrong));
  const bool may_post = request.method == Method::post || request.method == Method::options;
  auto target = may_post ? parse_post_target(request.path) : parse_target(request.path);
  const RouteRow* row = target ? routes.find(target->route, way) : nullptr;
  const RouteRow* read = target ? routes.find(target->route, kGet) : nullptr;
  const auto refuse = [&](Rejection why) {
    why.page = way == kGet && read && read->page;
    return tl::make_unexpected(std::move(why));
  };
  if (lacks_host(request)) return refuse({Refusal::bad_request, std::string{kNoHost}});
  if (!target) return reject(Refusal::bad_name, target.error().what);
  if (target->route == Target::Route::none)
    return reject(Refusal::not_found, fmt::format("there is no {}", shown(request.path)));
  if (!read || !read->any_host)
    if (auto wrong = judge_host(request, rules)) return refuse(*std::move(wrong));
  if (auto wrong = judge_origin(request, rules)) return tl::make_unexpected(*std::move(wrong));
  auto key = presented_key(request.authorization, request.arguments);
  if (!key) return reject(Refusal::bad_request, key.error().what);
  if (way == kWebSocket && !row)
    return reject(Refusal::not_found,
                  fmt::format("{} is no WebSocket address", shown(request.path)));
  Result<std::optional<jwt::ShownLink>> link = std::nullopt;
  if (rules.takes_links) link = presented_link(request.arguments, key->has_value());
  if (!link) return reject(Refusal::bad_request, link.error().what);
  Entry out{*std::move(target), row};
  out.key = *std::move(key);
  out.link = *std::move(link);
  out.v1 = way == kWebSocket && header_lists(request.ws_protocols, "framewire.v1");
  // A page of another site asks first (Fetch standard, "CORS-preflight fetch"), and brings no key.
  out.preflight = request.method == Method::options && !request.origin.empty();
  if (!out.preflight) out.needs = routes.needs(out.target.route, way);
  return out;
}

Verdict judge(const Request& request, Entry entry, const Answer& answer, const AccessRules& rules,
              const RouteTable& routes, Time now) {
  const bool known = answer && answer->known;
  const bool guessed = answer ? answer->guessed && !rules.open() : answer.error().guessed;
  const bool wrong_key = entry.needs && guessed;
  auto rejected = judge_rights(entry, answer, wrong_key, rules, now);
  const bool websocket = !request.upgrade.empty();
  const bool told_later = websocket && entry.v1 && rejected && is_told_after_upgrade(rejected->why);
  if (!rejected && !websocket && !entry.preflight) rejected = judge_method(request, entry, routes);
  if (rejected && !told_later) return tl::make_unexpected(*std::move(rejected));
  Admission out{std::move(entry.target), entry.row, entry.v1, std::move(rejected)};
  out.principal = answer ? answer->principal : rules.authorizer->everybody();
  out.wrong_key = wrong_key;
  out.link = std::move(entry.link);
  out.keyed =
      known && entry.needs && !rules.authorizer->everybody()->may(*entry.needs, out.target.stream);
  return out;
}

Verdict refuse_entry(const Request& request, Entry entry, Rejection why, const AccessRules& rules) {
  if (request.upgrade.empty() || !entry.v1 || !is_told_after_upgrade(why.why))
    return tl::make_unexpected(std::move(why));
  Admission out{std::move(entry.target), entry.row, entry.v1, std::move(why)};
  out.principal = rules.authorizer->everybody();
  return out;
}

Answer of_everybody(const AccessRules& rules) {
  return Grant{rules.authorizer->everybody()};
}

}  // namespace framewire::relay
