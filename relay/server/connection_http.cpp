// The HTTP side of a Connection: heads, bodies, answers.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "relay/fanout/messages.h"
#include "relay/http/http_intake.h"
#include "relay/server/admission.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/routes.h"
#include "relay/server/tcp_socket.h"
#include "relay/server/tunnel.h"

namespace framewire::relay {
namespace {

constexpr std::chrono::seconds kIdleBetweenRequests{30};
constexpr unsigned kUnavailable = 503;

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string head_of(const HttpResponse& response, std::uint64_t content_length, bool keep) {
  std::string out =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  if (!response.content_type.empty())
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  if (response.sized && response.status != 304 && response.status != 204)
    out += fmt::format("Content-Length: {}\r\n", content_length);
  out += response.extra_headers;
  out += keep ? "\r\n" : "Connection: close\r\n\r\n";
  return out;
}

// Percent-encoded again but for what a path may hold (RFC 3986, section 3.3).
std::string encoded_path(std::string_view path) {
  constexpr std::string_view kPlain = "/-._~!$&'()*+,;=:@";
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kPlain.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

bool has_body(const Request& request) {
  const bool pushes = request.method == Method::post || request.method == Method::put ||
                      request.method == Method::patch;
  return request.chunked() || request.content_length.value_or(0) > 0 ||
         (pushes && request.content_length);
}

}  // namespace

// ---- requests

void Connection::await_head() {
  if (head_ == 0) head_ = loop_.head_begins(*this);
}

void Connection::head_is_done() {
  if (head_ != 0) loop_.head_ends(*this, std::exchange(head_, 0));
}

void Connection::take_head(std::span<std::byte>& bytes) {
  if (!http_->head().begun()) waits_since_ = loop_.now();
  Bytes view = bytes;
  auto head = http_->head().feed(view);
  bytes = bytes.last(view.size());
  if (head && !*head) {
    if (http_->head().begun()) await_head();
    return;
  }
  head_is_done();
  frames_left_ -= std::min(frames_left_, kRequestWork);
  http_->asked_head = head && (*head)->request.method == Method::head;
  if (head)
    open_request(**head);
  else
    refuse_input(head.error());
}

void Connection::open_request(const RequestHead& head) {
  const Request& request = head.request;
  keep_alive_ = head.keep_alive;
  allowed_ = true;
  http_->admitted_origin.clear();
  principal_.reset();
  expires_ = kNever;
  use_.reset();
  slowed_ = false;
  held_share_.move_to(loop_.shared().waiting);
  waits_since_ = loop_.now();
  stage_ = has_body(request) ? Stage::body : Stage::answering;
  http_->begin_body(request);
  if (!name_client(request)) {
    respond(Refusal::overloaded, "this address has too many connections");
    return;
  }
  if (is_plain_on_tls()) {
    send_to_https(request);
    return;
  }
  if (lacks_certificate()) {
    respond(Refusal::forbidden, "this server takes only who shows a client certificate of its own");
    return;
  }
  if (!is_tunnelled(request))
    admit(*this, request);
  else if (request.method == Method::get)
    admit(*this, as_upgrade(request));
  else
    start(make_tunnel_post(*this, request));
}

void Connection::proceed(const Request& request, const Verdict& verdict) {
  if (!verdict) {
    refuse(*this, verdict.error());
    return;
  }
  const Verdict counted =
      within_quota(request, *verdict, loop_.shared().identities, use_, probe_of_this());
  if (!counted) {
    refuse(*this, counted.error());
    return;
  }
  belong_to(counted->principal);
  needs_ = counted->row ? counted->row->needs : std::nullopt;
  asker_ = {loop_.names().get(printable(request.user_agent.substr(0, kAgentBytes))),
            wall_clock_us() / 1000};
  if (publishes(*counted)) held_share_.move_to(loop_.shared().unfinished);
  if (request.upgrade.empty()) {
    http_->admitted_origin = request.origin;
    start(make_session(*this, *counted, request));
  } else if (request.over_http) {
    open_tunnel(request, *counted);
  } else {
    open_websocket(request, *counted);
  }
}

// Nothing is served so; a page is shown the way. Its parameters are left out: they may hold a key.
void Connection::send_to_https(const Request& request) {
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (!reads || request.host.empty() || !request.upgrade.empty()) {
    respond(Refusal::bad_request, "this port speaks TLS: https:// and wss://");
    return;
  }
  HttpResponse response{308, "text/plain; charset=utf-8", "this port speaks TLS: https://\n",
                        fmt::format("Location: https://{}{}\r\nCache-Control: no-store\r\n",
                                    request.host, encoded_path(request.path)),
                        request.method == Method::head};
  response.keep = false;
  respond(response);
}

// Behind a trusted proxy each request may be another client's. False: that one has its limit.
bool Connection::name_client(const Request& request) {
  const TrustedProxies& proxies = loop_.rules().proxies;
  if (proxies.empty() || !proxies.hold(opened_by())) return true;
  std::string client = proxies.client_of(opened_by(), request.forwarded_for);
  if (client == peer_) return true;
  const std::string before = counted();
  const std::string counted = PerAddressLimit::counted_as(client);
  if (counted != before && !loop_.count_anew(before, counted, proxies.hold(client))) return false;
  if (!proxy_) proxy_ = std::make_unique<const std::string>(std::move(peer_));
  peer_ = std::move(client);
  return true;
}

bool Connection::body_is_whole() const {
  return http_->body_is_whole();
}

void Connection::take_body(std::span<std::byte>& bytes) {
  waits_since_ = heard_;
  Bytes view = bytes;
  const auto fed = http_->feed_body(view, [this](Bytes piece) {
    if (session_ && !killed_) session_->on_body(piece);
  });
  bytes = bytes.last(view.size());
  if (!fed) refuse_input(fed.error());
}

void Connection::end_body() {
  stage_ = Stage::answering;
  if (session_ && !responded_) session_->on_body_end();
}

// What cannot be read: nothing behind it can, either.
void Connection::refuse_input(const Error& error) {
  more_may_come_ = true;
  stage_ = Stage::over;
  if (responded_) return;
  give_up_request(
      error.code == Errc::limit_exceeded ? Refusal::limit_exceeded : Refusal::bad_request,
      fmt::format("{} (byte {})", error.what, error.offset));
}

void Connection::give_up_request(Refusal why, const std::string& message) {
  if (session_ && !session_->awaits_body()) {
    kill();
    return;
  }
  drop_session();
  respond(why, message);
}

// ---- answers

void Connection::respond(const HttpResponse& response) {
  keep_ = response.keep && !ending_ && keep_alive_ && stage_ == Stage::answering;
  more_may_come_ = more_may_come_ || stage_ == Stage::body;
  std::string out = head_of(response, response.body.size(), keep_);
  if (!response.head_only && !(http_ && http_->asked_head)) out += response.body;
  write(as_bytes(out));
  complete();
}

void Connection::begin_answer(const HttpResponse& head, std::uint64_t content_length) {
  keep_ = head.keep && !ending_ && keep_alive_ && stage_ == Stage::answering;
  more_may_come_ = more_may_come_ || stage_ == Stage::body;
  write(as_bytes(head_of(head, content_length, keep_)));
}

void Connection::complete() {
  responded_ = true;
  if (!busy_) want_writeable();
}

void Connection::respond(Refusal why, std::string_view message) {
  hub().counters().refused(why);
  // Scanners ask for a lot that is not there.
  spdlog::log(why == Refusal::not_found ? spdlog::level::debug : spdlog::level::info,
              "{}: refused, {}: {}", peer_, to_string(why), printable(std::string{message}));
  const std::string body = http_error_body(to_string(why), message);
  HttpResponse response{http_status(why), "application/json", body, "Cache-Control: no-store\r\n"};
  if (why == Refusal::version) response.extra_headers += "Sec-WebSocket-Version: 13\r\n";
  if (why == Refusal::unauthorized || why == Refusal::token_expired || why == Refusal::key_removed)
    response.extra_headers += "WWW-Authenticate: Bearer\r\n";
  if (http_status(why) == kUnavailable && why != Refusal::timed_out)
    response.extra_headers += "Retry-After: 5\r\n";
  if (why == Refusal::wrong_keys)
    response.extra_headers += fmt::format("Retry-After: {}\r\n", seconds_left(*this));
  if (http_ && !http_->admitted_origin.empty())
    response.extra_headers +=
        fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", http_->admitted_origin);
  response.head_only = http_ && http_->asked_head;
  response.keep = false;
  respond(response);
}

// ---- time

void Connection::tick_http(Time now) {
  const Config& config = loop_.config();
  const Duration waited = std::chrono::duration_cast<Duration>(now - waits_since_);
  if (stage_ == Stage::head && !ending_) {
    const bool begun = http_->head().begun();
    if (begun || timed_by_lws_ ? waited > config.handshake_timeout
                               : waited > kIdleBetweenRequests) {
      if (begun) hub().counters().refused(Refusal::request_timeout);
      kill();
    }
    return;
  }
  if (stage_ == Stage::body && allowed_ && !responded_ && waited > config.body_timeout) {
    more_may_come_ = true;
    give_up_request(Refusal::request_timeout,
                    fmt::format("nothing came for {} s, and the body is not complete",
                                std::chrono::round<std::chrono::seconds>(waited).count()));
    return;
  }
  if (half_closed_) {
    const std::uint64_t acked = acked_bytes(socket_);
    if (std::exchange(acked_, acked) != acked) waits_since_ = now;
    if (now - waits_since_ > config.half_closed_timeout) {
      kill();
      return;
    }
  }
  if (session_) session_->tick(now);
}

}  // namespace framewire::relay
