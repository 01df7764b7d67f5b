#include "tools/render/isolation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace framewire::cli {
namespace {

// A host that no resolver answers for, and that is kept from it all the same.
constexpr const char* kNoProxy = "http://none.film.invalid:9";
// Its own words for a request that is kept back, and how we call its page.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"net::ERR_PROXY_CONNECTION_FAILED", "kept back: an isolated page may not reach this server"},
    {kIsolatedPage, "page.html"}};

bool is_host(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ||
             c == ':' || c == '.';
    });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_port(std::string_view port) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size() && number != 0;
}

}  // namespace

tl::expected<ReachRule, std::string> reach_rule(std::string_view origin) {
  if (origin == "*") return ReachRule{"*", "*", ""};
  ReachRule out;
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos) out.scheme = origin.substr(0, scheme_end);
  if (out.scheme == "http" || out.scheme == "https") {
    std::string_view authority = origin.substr(scheme_end + 3);
    const std::size_t colon = authority.rfind(':'), bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    out.host = authority.substr(0, has_port ? colon : authority.size());
    out.port = has_port ? authority.substr(colon + 1) : out.scheme == "https" ? "443" : "80";
    if (is_host(out.host) && is_port(out.port)) return out;
  }
  return tl::make_unexpected(
      fmt::format("\"{}\" is no origin, such as https://cdn.example.org, or *", origin));
}

std::vector<std::string> isolation_flags(const std::vector<std::string>& reach) {
  if (std::find(reach.begin(), reach.end(), "*") != reach.end()) return {};
  // The first takes back what is let through unasked: this machine, and its own network's
  // addresses.
  std::string direct = "<-loopback>", names = "MAP * ~NOTFOUND";
  for (const std::string& origin : reach) {
    const auto rule = reach_rule(origin);
    if (!rule) continue;
    const char* socket = rule->scheme == "https" ? "wss" : "ws";
    direct += fmt::format(";{}://{}:{};{}://{}:{}", rule->scheme, rule->host, rule->port, socket,
                          rule->host, rule->port);
    names += fmt::format(", EXCLUDE {}", rule->host);
  }
  return {fmt::format("--proxy-server={}", kNoProxy), "--proxy-bypass-list=" + direct,
          "--host-resolver-rules=" + names,
          // Its name of before and of now.
          "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
          "--webrtc-ip-handling-policy=disable_non_proxied_udp"};
}

std::string in_words_of_isolation(std::string line) {
  for (const auto& [said, meant] : kWords)
    for (auto at = line.find(said); at != std::string::npos; at = line.find(said, at))
      line.replace(at, said.size(), meant);
  return line;
}

}  // namespace framewire::cli
