#include "relay/access/origin_pattern.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace framewire::relay {
namespace {

constexpr std::string_view kSeparator = "://";
constexpr std::string_view kAnyBelow = "*.";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}
bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

// "" or what is wrong with a host and port of a scheme.
std::string wrong_authority(std::string_view scheme, std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool v6 = authority.starts_with('[') && bracket != authority.npos;
  if (colon != authority.npos && (!v6 || colon > bracket)) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0)
      return fmt::format("\"{}\" is no port", port);
    if ((scheme == "https" && number == 443) || (scheme == "http" && number == 80))
      return fmt::format("browsers leave the default port out: {}://{}", scheme, host);
  }
  if (host.starts_with(kAnyBelow)) host.remove_prefix(kAnyBelow.size());
  if (host.empty()) return "the host is missing";
  if (host.find('*') != host.npos)
    return "* stands for hosts below one, at the front alone: https://*.example.org";
  if (v6) return {};
  if (std::any_of(host.begin(), host.end(), [](char c) { return (c & 0x80) != 0; }))
    return "browsers write such a host in punycode (xn--...)";
  if (!std::all_of(host.begin(), host.end(), is_host_character)) return "its host cannot be one";
  return {};
}

}  // namespace

std::string why_no_origin(std::string_view entry) {
  if (entry == "*") return {};
  const std::size_t scheme_end = entry.find(kSeparator);
  std::string wrong;
  if (scheme_end == entry.npos || scheme_end == 0) {
    wrong = "it begins with https:// or http://";
  } else {
    const std::string_view scheme = entry.substr(0, scheme_end);
    const std::string_view authority = entry.substr(scheme_end + kSeparator.size());
    if (authority.find_first_of("/?#") != authority.npos)
      wrong = "an origin ends with its host or port, without a / or a path";
    else if (authority.find_first_of("@ ,") != authority.npos)
      wrong = "one scheme, host and port is all that it is";
    else
      wrong = wrong_authority(scheme, authority);
  }
  if (wrong.empty()) return {};
  return fmt::format(
      "\"{}\" can match no page: {} (an origin is such as https://example.com, or *)", entry,
      wrong);
}

bool origin_matches(std::string_view entry, std::string_view origin) {
  if (entry == "*" || equal_ignoring_case(entry, origin)) return true;
  const std::size_t host_at = entry.find(kSeparator) + kSeparator.size();
  if (!entry.substr(std::min(host_at, entry.size())).starts_with(kAnyBelow)) return false;
  const std::string_view scheme = entry.substr(0, host_at);
  const std::string_view below = entry.substr(host_at + 1);  // ".a.example"
  if (origin.size() <= scheme.size() + below.size() ||
      !equal_ignoring_case(origin.substr(0, scheme.size()), scheme) ||
      !equal_ignoring_case(origin.substr(origin.size() - below.size()), below))
    return false;
  const std::string_view front =
      origin.substr(scheme.size(), origin.size() - scheme.size() - below.size());
  return std::all_of(front.begin(), front.end(), is_host_character);
}

}  // namespace framewire::relay
