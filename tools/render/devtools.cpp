#include "tools/render/devtools.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "ingest/base/try.h"
#include "tools/base/http_transfer.h"
#include "tools/base/option_values.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kLook{200};  // for Ctrl-C
constexpr std::size_t kPipeRead = 256u << 10;

// Chromium writes it first.
int id_of(std::string_view message) {
  constexpr std::string_view kBegin = "{\"id\":";
  int id = 0;
  if (message.starts_with(kBegin))
    std::from_chars(message.data() + kBegin.size(), message.data() + message.size(), id);
  return id;
}

}  // namespace

tl::unexpected<RenderFailure> Devtools::ended() const {
  const std::string words = browser_.last_words();
  return no_film(words.empty() ? "Chromium has ended"
                               : fmt::format("Chromium has ended; it said last: {}", words));
}

Rendered<int> Devtools::send(const std::string& method, const json& params) {
  json message = {{"id", ++last_id_}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  if (!session_.empty()) message["sessionId"] = session_;
  std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  text += '\0';
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t put = ::write(browser_.writes(), rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ended();
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  return last_id_;
}

void Devtools::hand_on(const json& event) {
  const std::string method = event["method"].get<std::string>();
  const json params = event.value("params", json::object());
  if (event.value("sessionId", "") == session_)
    event_(method, params);
  else if (method == "Target.detachedFromTarget" && params.value("sessionId", "") == session_)
    give_up("the page has closed itself");
}

Rendered<std::string> Devtools::receive(Clock::time_point deadline) {
  while (true) {
    if (auto message = reader_.next()) {
      if (id_of(*message) != 0 || !event_) return *std::move(message);
      const json event = json::parse(*message, nullptr, false);
      if (event.is_object() && event.contains("method")) hand_on(event);
      return std::string{};
    }
    if (!given_up_.empty()) return no_film(given_up_);
    if (stop_ && *stop_) return no_film("given up");
    if (Interrupt::asked()) return no_film("given up by a signal");
    if (Clock::now() >= deadline) {
      const std::string why = why_late_ ? why_late_() : "";
      return no_film(fmt::format("the page did not go on for {}{}{}", format_duration(wait_),
                                 why.empty() ? "" : ": ", why));
    }
    pollfd readable{browser_.reads(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(kLook.count())) <= 0) continue;
    std::array<std::byte, kPipeRead> bytes;
    const ssize_t got = ::read(browser_.reads(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ended();
    if (auto fed = reader_.feed(Bytes{bytes}.first(static_cast<std::size_t>(got))); !fed)
      return no_film(fed.error().what);
  }
}

Rendered<std::string> Devtools::answer_to(int id) {
  const auto deadline = Clock::now() + wait_;
  while (true) {
    ASSIGN_OR_RETURN(std::string message, receive(deadline));
    if (!message.empty() && id_of(message) == id) return message;
  }
}

Rendered<json> Devtools::result_of(const std::string& method, const std::string& answer) {
  json message = json::parse(answer, nullptr, false);
  if (!message.is_object()) return no_film(fmt::format("Chromium's answer to {} is none", method));
  refused_ = message.contains("error");
  if (refused_)
    return no_film(fmt::format("Chromium: {}: {}", method,
                               message["error"].value("message", "an error without a word")));
  return message.value("result", json::object());
}

Rendered<json> Devtools::call(const std::string& method, const json& params) {
  refused_ = false;
  ASSIGN_OR_RETURN(const int id, send(method, params));
  ASSIGN_OR_RETURN(const std::string answer, answer_to(id));
  return result_of(method, answer);
}

Rendered<Buffer> Devtools::call_for_bytes(const std::string& method, const json& params,
                                          std::string_view key) {
  ASSIGN_OR_RETURN(const int id, send(method, params));
  ASSIGN_OR_RETURN(const std::string answer, answer_to(id));
  if (const auto text = plain_member(answer, key))
    if (auto bytes = base64_decode(*text)) return *std::move(bytes);
  RETURN_IF_ERROR(result_of(method, answer));
  return no_film(fmt::format("Chromium's answer to {} has no {}", method, key));
}

void Devtools::post(const std::string& method, const json& params) {
  (void)send(method, params);
}

Rendered<void> Devtools::until(const std::function<bool()>& so) {
  const auto deadline = Clock::now() + wait_;
  while (!so()) RETURN_IF_ERROR(receive(deadline));
  return {};
}

Rendered<void> Devtools::attach() {
  std::string target;
  const auto deadline = Clock::now() + wait_;
  while (target.empty()) {
    ASSIGN_OR_RETURN(const json targets, call("Target.getTargets"));
    for (const json& one : targets.value("targetInfos", json::array()))
      if (one.value("type", "") == "page") target = one.value("targetId", "");
    if (target.empty() && Clock::now() >= deadline) return no_film("Chromium opens no page");
  }
  ASSIGN_OR_RETURN(const json attached,
                   call("Target.attachToTarget", {{"targetId", target}, {"flatten", true}}));
  session_ = attached.value("sessionId", "");
  return {};
}

}  // namespace framewire::cli
