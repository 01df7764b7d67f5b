#include "relay/server/control_answer.h"

#include <fmt/format.h>

#include "relay/access/header_list.h"
#include "relay/base/stream_name.h"
#include "relay/control/openapi.h"
#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"
#include "relay/server/loop_survey.h"
#include "relay/server/routes.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

constexpr std::size_t kBodyBytes = 64u << 10;

// An entity tag: FNV-1a, 64 bits.
std::string tag_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("\"{:016x}\"", hash);
}

nlohmann::json chat_json(const std::string& stream, const ChatState& chat) {
  nlohmann::json history = nlohmann::json::array();
  for (const std::string& text : chat.history)
    history.push_back(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
  return {{"stream", stream},
          {"slow_ms", chat.slow.count()},
          {"muted", chat.muted},
          {"history", std::move(history)}};
}

ChatOrder read_order(const nlohmann::json& body) {
  ChatOrder out;
  if (const auto slow = body.find("slow_ms"); slow != body.end())
    out.slow = Duration{slow->get<std::int64_t>()};
  for (const auto& [name, muted] : {std::pair{"mute", true}, {"unmute", false}})
    if (const auto senders = body.find(name); senders != body.end())
      for (const nlohmann::json& sender : *senders)
        out.mutes.push_back({sender.get<std::string>(), muted});
  return out;
}

}  // namespace

ControlAnswer::ControlAnswer(Connection& connection, const Admission& admission,
                             const Request& request)
    : connection_(connection),
      target_(admission.target),
      operation_(*admission.row->operation),
      request_(request),
      slot_(connection.loop().shared().controlling, connection.loop().config().max_control),
      held_(connection.loop().shared().unfinished) {}

void ControlAnswer::on_open() {
  if (!slot_.taken())
    refuse(Refusal::overloaded, "too many requests of the control API are under way");
  else if (!takes_body())
    act();
  else if (request_.content_length.value_or(0) == 0 && !request_.chunked())
    refuse(Refusal::bad_request, "the body is empty: JSON is expected");
}

void ControlAnswer::on_body(Bytes bytes) {
  if (answered_ || !takes_body()) return;
  if (text_.size() + bytes.size() > most_body_bytes())
    return refuse(Refusal::limit_exceeded,
                  fmt::format("the body has more than {} bytes", most_body_bytes()));
  if (!held_.set(text_.size() + bytes.size()))
    return refuse(Refusal::overloaded, "too much is being sent at the moment (--max-unfinished)");
  text_ += as_text(bytes);
}

// Pages are sent there, with their pictures in them.
std::size_t ControlAnswer::most_body_bytes() const {
  return target_.route == Route::api_renders ? connection_.loop().config().render_body_bytes
                                             : kBodyBytes;
}

void ControlAnswer::on_body_end() {
  if (answered_ || !takes_body()) return;
  if (target_.route == Route::api_renders) return begin_render();
  auto body = read_body(text_, schema_named(operation_.body));
  if (!body) return refuse(Refusal::bad_request, body.error().what);
  body_ = *std::move(body);
  act();
}

void ControlAnswer::dismiss(const Dismissal& why) {
  if (answered_ || why.server_stops())
    connection_.end();
  else
    refuse(why.refusal, why.message);
}

void ControlAnswer::act() {
  switch (target_.route) {
    case Route::api_openapi:
      return respond_text(openapi_json(routes(), FRAMEWIRE_VERSION));
    case Route::api_sessions:
      return list_sessions();
    case Route::api_session:
      return at_session();
    case Route::api_chat:
      return at_chat();
    case Route::api_config:
      return at_config();
    case Route::api_restreams:
      return request_.method == Method::post ? begin_restream() : list_restreams();
    case Route::api_restream:
      return end_restream();
    case Route::api_renders:
    case Route::api_render:
      return at_renders();
    case Route::api_bans:
      return request_.method == Method::post ? ban() : list_bans();
    case Route::api_ban:
      return lift_ban();
    default:
      return request_.method == Method::del ? end_stream() : change_stream();
  }
}

// ---- sessions

void ControlAnswer::list_sessions() {
  const auto query = read_session_query(request_);
  if (!query) return refuse(Refusal::bad_request, query.error().what);
  using Rows = std::vector<SessionRow>;
  ask_all_loops<Rows>(
      connection_.loop(), [query = *query](LwsLoop& loop) { return loop.sessions(query); },
      later([query = *query](ControlAnswer& self, const std::vector<Rows>& loops) {
        self.respond_text(sessions_json(loops, query));
      }));
}

void ControlAnswer::at_session() {
  const auto& loops = connection_.loop().shared().loops;
  const auto [index, number] = target_.session;
  const std::string absent = fmt::format("there is no session {}", to_string(target_.session));
  if (index >= loops.size()) return refuse(Refusal::not_found, absent);
  LwsLoop& loop = *loops[index];
  if (request_.method == Method::del) {
    loop.post([&loop, number = number, then = later([absent](ControlAnswer& self, bool there) {
                                         there ? self.respond_done()
                                               : self.refuse(Refusal::not_found, absent);
                                       })] { then(loop.kick(number)); });
    return;
  }
  loop.post([&loop, number = number,
             then = later([absent](ControlAnswer& self, const std::optional<SessionRow>& row) {
               row ? self.respond(session_json(*row)) : self.refuse(Refusal::not_found, absent);
             })] { then(loop.session(number)); });
}

// ---- streams

void ControlAnswer::no_stream() {
  refuse(Refusal::not_found, fmt::format("there is no stream {}", target_.stream));
}

void ControlAnswer::change_stream() {
  connection_.hub().order_stream(
      target_.stream, {.title = body_["title"].get<std::string>()},
      later([](ControlAnswer& self, bool found, bool) {
        if (!found) return self.no_stream();
        self.respond({{"stream", self.target_.stream}, {"title", self.body_["title"]}});
      }));
}

void ControlAnswer::end_stream() {
  connection_.hub().order_stream(target_.stream, {.stop = true},
                                 later([](ControlAnswer& self, bool found, bool) {
                                   found ? self.respond_done() : self.no_stream();
                                 }));
}

// ---- the side channel

void ControlAnswer::at_chat() {
  ChatOrder order;
  const bool clears = request_.method == Method::del;
  if (request_.method == Method::patch) order = read_order(body_);
  order.clear = clears;
  if (!clears && request_.method != Method::patch) return give_chat();
  connection_.hub().order_stream(
      target_.stream, {.chat = std::move(order)},
      later([clears](ControlAnswer& self, bool found, bool taken) {
        if (!found) return self.no_stream();
        if (!taken)
          return self.refuse(Refusal::limit_exceeded,
                             fmt::format("{} senders are muted already, which is the server's "
                                         "limit (--max-muted)",
                                         self.connection_.hub().config().max_muted));
        clears ? self.respond_done() : self.give_chat();
      }));
}

void ControlAnswer::give_chat() {
  const auto chat = std::make_shared<ChatState>();
  connection_.hub().at_stream(
      target_.stream, [chat](Hub&, Stream& stream) { *chat = stream.chat(); },
      later([chat](ControlAnswer& self, bool found) {
        if (!found) return self.no_stream();
        self.respond(chat_json(self.target_.stream, *chat));
      }));
}

// ---- answers

std::string ControlAnswer::headers() const {
  std::string out = "X-Content-Type-Options: nosniff\r\n";
  if (!request_.origin.empty())  // admitted already
    out += fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", request_.origin);
  return out;
}

void ControlAnswer::respond(const nlohmann::json& json) {
  respond_text(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

// Asked again and again, an answer that is as before costs no more than its tag.
void ControlAnswer::respond_text(std::string_view json) {
  answered_ = true;
  HttpResponse response{200, "application/json", json, headers(), request_.method == Method::head};
  if (request_.method == Method::get || request_.method == Method::head) {
    const std::string tag = tag_of(json);
    response.extra_headers += fmt::format("Cache-Control: private, no-cache\r\nETag: {}\r\n", tag);
    if (names_tag(request_.if_none_match, tag)) {
      response.status = 304;
      response.content_type = response.body = {};
    }
  } else {
    response.extra_headers += "Cache-Control: no-store\r\n";
  }
  connection_.respond(response);
}

void ControlAnswer::respond_done() {
  answered_ = true;
  connection_.respond(HttpResponse{204, {}, {}, headers() + "Cache-Control: no-store\r\n"});
}

void ControlAnswer::refuse(Refusal why, std::string_view message) {
  answered_ = true;
  connection_.respond(why, message);
}

std::unique_ptr<Session> make_control_answer(Connection& connection, const Admission& admission,
                                             const Request& request) {
  return std::make_unique<ControlAnswer>(connection, admission, request);
}

}  // namespace framewire::relay
