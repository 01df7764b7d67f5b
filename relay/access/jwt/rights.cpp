#include "relay/access/jwt/rights.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {
namespace {

using nlohmann::json;

constexpr bool is_pattern_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '/' || c == '*';
}

// What is wrong with it is the end of a sentence.
tl::expected<Right, std::string_view> right_of(const json& row) {
  const auto wrong = [](std::string_view what) { return tl::make_unexpected(what); };
  if (!row.is_object()) return wrong("is no object of action and stream");
  for (const auto& [name, value] : row.items())
    if (name != "action" && name != "stream")
      return wrong("has a member that is neither action nor stream");
  const json* action = member(row, "action");
  if (action == nullptr || !action->is_string()) return wrong("names no action");
  const auto named = action_named(action->get_ref<const std::string&>());
  if (!named) return wrong("names an action that is not known");
  const json* stream = member(row, "stream");
  if (stream == nullptr && *named == Action::metrics) return Right{*named, "*"};
  if (stream == nullptr || !stream->is_string()) return wrong("names no stream");
  if (!is_right_pattern(stream->get_ref<const std::string&>()))
    return wrong("has a stream that no name can fit");
  return Right{*named, stream->get<std::string>()};
}

}  // namespace

bool is_right_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kPatternBytes) return false;
  if (!std::all_of(pattern.begin(), pattern.end(), is_pattern_character)) return false;
  const auto stars = std::count(pattern.begin(), pattern.end(), '*');
  if (static_cast<std::size_t>(stars) > kPatternStars) return false;
  return pattern.front() != '/' && pattern.back() != '/' && pattern.find("//") == pattern.npos;
}

tl::expected<std::vector<Right>, std::string> read_rights(const json& list,
                                                          std::string_view whose) {
  if (!list.is_array() || list.empty() || list.size() > kRights)
    return tl::make_unexpected(fmt::format("{}'s rights are no list of 1 to {}", whose, kRights));
  std::vector<Right> out;
  for (const json& row : list) {
    auto right = right_of(row);
    if (!right)
      return tl::make_unexpected(
          fmt::format("{}'s right {} {}", whose, out.size() + 1, right.error()));
    out.push_back(*std::move(right));
  }
  return out;
}

}  // namespace framewire::jwt
