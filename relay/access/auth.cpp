#include "relay/access/auth.h"

#include <algorithm>
#include <cstddef>

#include "relay/access/origin_pattern.h"

namespace framewire::relay {
namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> bearer_key(std::string_view authorization) {
  authorization = trim(authorization);
  const std::size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  if (!equal_ignoring_case(authorization.substr(0, blank), "bearer")) return std::nullopt;
  return trim(authorization.substr(blank + 1));
}

// Same host and port; a port that is the default of the origin's scheme may be left out on either
// side.
bool same_authority(std::string_view origin, std::string_view host) {
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;  // "null", or no origin at all
  const std::string_view default_port = origin.substr(0, scheme_end) == "https" ? ":443" : ":80";
  std::string_view authority = origin.substr(scheme_end + 3);
  for (std::string_view* side : {&authority, &host}) {
    if (side->ends_with(default_port)) side->remove_suffix(default_port.size());
  }
  return !authority.empty() && equal_ignoring_case(authority, host);
}

}  // namespace

Result<std::optional<std::string>> presented_key(std::string_view authorization,
                                                 std::span<const std::string> arguments) {
  std::optional<std::string> key;
  if (const auto bearer = bearer_key(authorization)) key = *bearer;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (argument.substr(0, equals) != "token") continue;
    if (key) return fail(Errc::refused, "a key is given twice");
    key = equals == std::string_view::npos ? "" : argument.substr(equals + 1);
  }
  if (key && key->find('\0') != std::string::npos) return fail(Errc::refused, "a NUL in the key");
  return key;
}

Result<std::optional<jwt::ShownLink>> presented_link(std::span<const std::string> arguments,
                                                     bool with_key) {
  std::optional<std::string> sign, expires;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    auto* place = name == "sign" ? &sign : name == "expires" ? &expires : nullptr;
    if (!place) continue;
    if (*place) return fail(Errc::refused, "a signed link has \"sign\" and \"expires\" once");
    *place = equals == std::string_view::npos ? "" : argument.substr(equals + 1);
  }
  if (!sign && !expires) return std::nullopt;
  if (!sign || !expires)
    return fail(Errc::refused, "a signed link has both \"sign\" and \"expires\"");
  if (with_key) return fail(Errc::refused, "a key and a signed link: one of them is enough");
  return jwt::ShownLink{*std::move(sign), *std::move(expires)};
}

bool origin_admitted(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed) {
  if (origin.empty() || same_authority(origin, host)) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& entry) { return origin_matches(entry, origin); });
}

}  // namespace framewire::relay
