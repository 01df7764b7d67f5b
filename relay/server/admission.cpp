#include "relay/server/admission.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

constexpr std::string_view kPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>framewire</title>"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<body style=\"font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;"
    "padding:0 1rem\"><h1>This page cannot be shown</h1><p>{}</p><p>{} {}</p></body></html>\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

// At once, and once: behind a proxy a server without a key is one where anybody may publish.
void warn_of_proxy(const Request& request, Connection& connection) {
  ServerShared& shared = connection.loop().shared();
  if (!open_behind_proxy(request, connection.loop().rules()) || shared.told_of_proxy.exchange(true))
    return;
  spdlog::warn("{}: came through a proxy: {}", connection.peer(), kOpenBehindProxy);
}

// Keys of an address that tried too many are not looked at (relay/access/key_pause.h).
Verdict with_pause(const Request& request, Connection& connection,
                   Verdict (*judge)(const Request&, const AccessRules&)) {
  ServerShared& shared = connection.loop().shared();
  const AccessRules& rules = connection.loop().rules();
  warn_of_proxy(request, connection);
  Verdict verdict = judge(request, rules);
  const bool presented = request.has_argument("token") || !request.authorization.empty();
  if (!presented || rules.open() || (verdict && !verdict->key_matters)) return verdict;
  const Time now = connection.loop().now();
  if (!shared.key_pause.lets(connection.counted(), now))
    return tl::make_unexpected(Rejection{
        Refusal::wrong_keys, "too many wrong keys came from this address; try again in 10 s"});
  if (verdict ? verdict->wrong_key : verdict.error().wrong_key)
    shared.key_pause.wrong(connection.counted(), now);
  return verdict;
}

}  // namespace

Verdict admit_upgrade(const Request& request, Connection& connection) {
  return with_pause(request, connection, judge_upgrade);
}

Verdict admit_http(const Request& request, Connection& connection) {
  return with_pause(request, connection, judge_http);
}

void refuse(Connection& connection, const Rejection& rejection) {
  if (!rejection.page && rejection.allow.empty()) {
    connection.respond(rejection.why, rejection.message);
    return;
  }
  connection.hub().counters().refused(rejection.why);
  spdlog::info("{}: refused, {}: {}", connection.peer(), to_string(rejection.why),
               rejection.message);
  const unsigned status = http_status(rejection.why);
  const std::string_view code = to_string(rejection.why);
  std::string body;
  HttpResponse response{status, {}, {}, "Cache-Control: no-store\r\n"};
  if (rejection.page) {
    body = fmt::format(fmt::runtime(kPage), escaped(rejection.message), status, code);
    response.content_type = "text/html; charset=utf-8";
    response.extra_headers +=
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n";
  } else {
    body = http_error_body(code, rejection.message);
    response.content_type = "application/json";
    response.extra_headers += fmt::format("Allow: {}\r\n", rejection.allow);
  }
  response.body = body;
  response.keep = false;
  connection.respond(response);
}

}  // namespace framewire::relay
