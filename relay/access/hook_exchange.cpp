#include "relay/access/hook_exchange.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::relay {
namespace {

using jwt::member;
using nlohmann::json;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// It goes to the log and to other people: no line ends, no other controls.
bool is_plain(const std::string& text, std::size_t most) {
  return text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

tl::unexpected<std::string> wrong(std::string_view what) {
  return tl::make_unexpected(fmt::format("the answer {}", what));
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_players_own(std::string_view argument) {
  return argument.starts_with("_HLS_");
}

}  // namespace

std::string hook_question(const Credentials& credentials) {
  json query = json::array();
  for (const std::string& argument : credentials.arguments) {
    const std::string_view text{argument};
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (name == "token" || is_players_own(name)) continue;
    query.push_back(json::array(
        {name, equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1)}));
  }
  json out = json::object();
  out["action"] = to_string(credentials.action);
  out["stream"] = credentials.stream;
  out["protocol"] = credentials.protocol;
  if (credentials.token)
    out["token"] = *credentials.token;
  else
    out["token"] = nullptr;
  out["address"] = credentials.address;
  out["user_agent"] = credentials.user_agent;
  out["query"] = std::move(query);
  out["connection"] = credentials.connection;
  return text_of(out);
}

std::string hook_subject(const Credentials& credentials) {
  std::string out;
  // Each with its length before it, so that no two are written alike.
  const auto add = [&](std::string_view text) {
    out += fmt::format("{}:", text.size());
    out += text;
  };
  add(to_string(credentials.action));
  add(credentials.stream);
  add(credentials.protocol);
  add(credentials.token ? "1" : "0");
  add(credentials.token.value_or(""));
  add(credentials.address);
  add(credentials.user_agent);
  for (const std::string& argument : credentials.arguments)
    if (!is_players_own(argument) && !argument.starts_with("token=")) add(argument);
  return out;
}

tl::expected<HookAnswer, std::string> read_hook_answer(std::string_view body) {
  HookAnswer out;
  if (without_blanks(body).empty()) return out;
  const auto object = jwt::parse_object(body);
  if (!object) return wrong(object.error());
  for (const auto& [name, value] : object->items()) {
    if (name == "rights") {
      auto rights = jwt::read_rights(value, "the answer");
      if (!rights) return tl::make_unexpected(rights.error());
      out.rights = *std::move(rights);
    } else if (name == "expires") {
      const double seconds = value.is_number() ? value.get<double>() : -1;
      if (!(seconds >= 0 && seconds <= static_cast<double>(jwt::kLatest)))
        return wrong("has an \"expires\" that is no time in seconds");
      out.expires = jwt::Instant{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
    } else if (name == "name") {
      if (!value.is_string() || !is_plain(value.get_ref<const std::string&>(), kHookNameBytes))
        return wrong(
            fmt::format("has a \"name\" that is no text of {} bytes at most, without "
                        "line ends",
                        kHookNameBytes));
      out.name = value.get<std::string>();
    } else if (name == "metadata") {
      out.metadata = text_of(value);
      if (!value.is_object() || out.metadata.size() > kHookMetadataBytes)
        return wrong(fmt::format("has \"metadata\" that is no object of {} bytes at most",
                                 kHookMetadataBytes));
    } else if (name == "limits") {
      const auto quota = jwt::read_quota(value, "the answer");
      if (!quota) return tl::make_unexpected(quota.error());
      out.quota = *quota;
    } else {
      return wrong(
          "has a member that is none of rights, expires, name, metadata and limits: what is not "
          "understood "
          "might be a restriction");
    }
  }
  // All of whom it names nobody would share them.
  if (out.quota.any() && out.name.empty()) return wrong("has limits, and no name to count them by");
  return out;
}

std::string hook_sentence(std::string_view body) {
  const auto object = jwt::parse_object(body);
  const json* message = object ? member(*object, "message") : nullptr;
  if (!message || !message->is_string()) return {};
  const auto& text = message->get_ref<const std::string&>();
  return is_plain(text, jwt::kTextBytes) ? text : std::string{};
}

std::chrono::seconds max_age_of(std::string_view cache_control) {
  constexpr std::string_view kMaxAge = "max-age=";
  constexpr std::chrono::seconds kNone{0}, kLongest{kHookLongest};
  std::optional<std::chrono::seconds> age;
  while (!cache_control.empty()) {
    const std::size_t comma = std::min(cache_control.find(','), cache_control.size());
    std::string_view one = without_blanks(cache_control.substr(0, comma));
    cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
    const auto is = [&](std::string_view name) {
      return one.size() >= name.size() && strncasecmp(one.data(), name.data(), name.size()) == 0;
    };
    if (is("no-store") || is("no-cache")) return kNone;
    if (!is(kMaxAge)) continue;
    one.remove_prefix(kMaxAge.size());
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"')
      one = one.substr(1, one.size() - 2);
    std::uint64_t seconds = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), seconds);
    if (age || one.empty() || end != one.data() + one.size()) return kNone;
    // RFC 9111 1.2.2: one that is too large is as much as there can be.
    if (error == std::errc::result_out_of_range ||
        seconds > static_cast<std::uint64_t>(kLongest.count()))
      age = kLongest;
    else
      age = std::chrono::seconds{static_cast<std::int64_t>(seconds)};
  }
  return age.value_or(kNone);
}

}  // namespace framewire::relay
