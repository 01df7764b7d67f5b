#include "relay/server/admission.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "codec/outputs.h"
#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/routes.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr std::string_view kErrorPage =
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

bool presents_key(const Request& request, const AccessRules& rules) {
  return request.has_argument("token") || !request.authorization.empty() ||
         (rules.takes_links && request.has_argument("sign"));
}

// Keys of an address that tried too many are not looked at (relay/access/key_pause.h).
std::optional<Rejection> refuse_guesses(const Request& request, Connection& connection) {
  const AccessRules& rules = connection.loop().rules();
  if (!presents_key(request, rules) || rules.open() ||
      connection.loop().shared().key_pause.lets(connection.counted(), connection.loop().now()))
    return std::nullopt;
  return Rejection{Refusal::wrong_keys,
                   fmt::format("too many wrong keys came from this address; try again in {} s",
                               seconds_left(connection))};
}

// Whoever comes from there, whatever it asks for.
std::optional<Rejection> refuse_banned(Connection& connection) {
  if (!connection.loop().shared().bans.holds_address(connection.counted(), connection.loop().now()))
    return std::nullopt;
  return Rejection{Refusal::banned, std::string{kBannedSentence}};
}

bool is_banned(const Admission& admission, Connection& connection) {
  return !admission.denied && connection.loop().shared().bans.holds_identity(
                                  admission.principal->own_name(), connection.loop().now());
}

// A poster is a picture, and HEAD gives nothing: neither is somebody who watches.
bool watches_live(const Request& request, const Admission& admission) {
  return admission.row && admission.target.route == Target::Route::live && !admission.denied &&
         request.method != Method::head &&
         (!codec::makes_pictures(admission.target.extension) ||
          admission.target.extension == codec::kMjpeg);
}

// One that was let in, and is not all the same.
Verdict taken_back(const Request& request, const Admission& admission, Rejection why) {
  if (request.upgrade.empty() || !admission.v1) return tl::make_unexpected(std::move(why));
  Admission out = admission;
  out.denied = std::move(why);
  return out;
}

void decide(Connection& connection, const Request& request, Entry entry, const Answer& answer) {
  const bool asked = entry.needs.has_value();
  const std::string shown = entry.key ? *entry.key : entry.link ? entry.link->sign : "";
  const Time now = connection.loop().now();
  Verdict verdict =
      judge(request, std::move(entry), answer, connection.loop().rules(), routes(), now);
  if (verdict ? verdict->wrong_key : verdict.error().wrong_key) {
    const bool harmless = verdict && !verdict->denied;
    connection.loop().shared().key_pause.wrong(
        connection.counted(), now,
        harmless ? std::optional{std::hash<std::string>{}(shown)} : std::nullopt);
  }
  if (!verdict && !asked)
    if (auto paused = refuse_guesses(request, connection))
      verdict = tl::make_unexpected(*std::move(paused));
  if (verdict && is_banned(*verdict, connection))
    verdict = taken_back(request, *verdict, {Refusal::banned, std::string{kBannedSentence}});
  connection.proceed(request, verdict);
}

Credentials credentials_of(const Request& request, const Entry& entry, const std::string& name,
                           const Connection& connection) {
  Credentials out;
  if (entry.key) out.token = *entry.key;
  out.link = entry.link;
  out.action = *entry.needs;
  out.stream = entry.target.stream;
  out.protocol = request.upgrade.empty() ? "http" : "websocket";
  out.address = connection.peer();
  out.user_agent = request.user_agent;
  out.arguments = request.arguments;
  out.connection = name;
  out.of_own_machine = connection.is_of_own_machine(request);
  return out;
}

// A request whose answer comes later.
class Awaiting final : public Session {
 public:
  explicit Awaiting(Connection& connection)
      : connection_(connection),
        authorizer_(connection.loop().rules().authorizer),
        slot_(connection.loop().shared().authorizing, connection.loop().config().max_authorizing),
        until_(connection.loop().now() + connection.loop().config().authorize_timeout) {}

  // The answer, if it comes at once; then this is of no use any more.
  std::optional<Answer> ask(const Credentials& credentials) {
    auto reply =
        authorizer_->authorize(credentials, [this](const Answer& answer) { on_answer(answer); });
    if (Answer* now = std::get_if<Answer>(&reply)) return std::move(*now);
    question_ = std::get<std::unique_ptr<Authorizer::Question>>(std::move(reply));
    return std::nullopt;
  }
  void await(const Request& request, Entry entry) {
    request_ = request;
    entry_ = std::move(entry);
  }

  void on_open() override {
    if (slot_.taken())
      connection_.allow_receive(false);
    else
      give_up(Refusal::overloaded, "too many requests wait to be told whether they may");
  }
  void tick(Time now) override {
    if (now >= until_)
      give_up(Refusal::timed_out, "whether this may be was not found out in time: try again");
  }
  void dismiss(const Dismissal& why) override { give_up(why.refusal, why.message); }

 private:
  void on_answer(const Answer& answer) {
    if (over_ || connection_.ending()) return;
    over_ = true;
    connection_.allow_receive(true);
    // As locals: this is gone once another session has begun.
    const Request request = std::move(request_);
    const Answer own = answer;
    Entry entry = std::move(entry_);
    Connection& connection = connection_;
    // Too many of others that were asked about meanwhile may have been wrong.
    if (auto paused = refuse_guesses(request, connection))
      return connection.proceed(request, refuse_entry(request, std::move(entry), *std::move(paused),
                                                      connection.loop().rules()));
    decide(connection, request, std::move(entry), own);
  }
  void give_up(Refusal why, std::string_view message) {
    if (std::exchange(over_, true)) return;
    question_.reset();
    connection_.respond(why, message);
  }

  Connection& connection_;
  const std::shared_ptr<Authorizer> authorizer_;  // outlives its question, whatever is reloaded
  const CountedSlot slot_;
  const Time until_;
  Request request_;
  Entry entry_;
  bool over_ = false;
  std::unique_ptr<Authorizer::Question> question_;
};

}  // namespace

void admit(Connection& connection, const Request& request) {
  warn_of_proxy(request, connection);
  const AccessRules& rules = connection.loop().rules();
  Examined entry = examine(request, rules, routes());
  auto refused = refuse_banned(connection);
  if (!refused && (!entry || entry->needs)) refused = refuse_guesses(request, connection);
  if (refused)
    return connection.proceed(
        request, entry ? refuse_entry(request, *std::move(entry), *std::move(refused), rules)
                       : tl::make_unexpected(*std::move(refused)));
  if (!entry) return connection.proceed(request, tl::make_unexpected(std::move(entry.error())));
  if (!entry->needs) return decide(connection, request, *std::move(entry), of_everybody(rules));
  auto awaiting = std::make_unique<Awaiting>(connection);
  const auto certificate = connection.certificate();
  const std::string name = connection.name();
  Credentials shown = credentials_of(request, *entry, name, connection);
  if (certificate) shown.certificate = &*certificate;
  if (const auto answer = awaiting->ask(shown)) {
    awaiting.reset();  // it counts no more
    return decide(connection, request, *std::move(entry), *answer);
  }
  awaiting->await(request, *std::move(entry));
  connection.start(std::move(awaiting));
}

Verdict within_quota(const Request& request, const Admission& admission, IdentityBook& book,
                     std::unique_ptr<IdentityBook::Use>& use, IdentityBook::Probe probe) {
  const bool publishing = publishes(admission) && request.method != Method::head;
  const jwt::Quota& quota = admission.principal->about().quota;
  if (!quota.any() || (!publishing && !watches_live(request, admission))) return admission;
  use = book.enter(*admission.principal, publishing, admission.target.stream, std::move(probe));
  if (use) return admission;
  return taken_back(
      request, admission,
      {Refusal::over_quota, publishing ? "whoever this is publishes as many streams as it may"
                                       : "whoever this is watches as much as it may"});
}

std::chrono::seconds::rep seconds_left(Connection& connection) {
  const auto left =
      connection.loop().shared().key_pause.left(connection.counted(), connection.loop().now());
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left.value_or(Duration{0}));
  return std::max<std::chrono::seconds::rep>(1, seconds.count());
}

void refuse(Connection& connection, const Rejection& rejection) {
  if (!rejection.page && rejection.allow.empty()) {
    connection.respond(rejection.why, rejection.message);
    return;
  }
  connection.hub().counters().refused(rejection.why);
  spdlog::info("{}: refused, {}: {}", connection.peer(), to_string(rejection.why),
               printable(rejection.message));
  const unsigned status = http_status(rejection.why);
  const std::string_view code = to_string(rejection.why);
  std::string body;
  HttpResponse response{status, {}, {}, "Cache-Control: no-store\r\n"};
  if (rejection.page) {
    body = fmt::format(fmt::runtime(kErrorPage), escaped(rejection.message), status, code);
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
