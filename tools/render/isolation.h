// How the page of a stranger is kept from this machine and its network (--isolated): flags of
// Chromium, and the address that a file of HTML is shown under, which no server has.
//
// Every request goes to a proxy that does not exist, but for those to the origins that it may
// reach. So a redirection, a frame, a picture, a WebSocket, a worker or what DNS says change
// nothing. Names of other hosts are not looked up; WebRTC opens no socket of its own.
// Pure. Thread: any.  Source: Chromium, net/docs/proxy.md, "Proxy bypass rules".
#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace framewire::cli {

// Where HTML that came without a server is shown: a secure context, whose origin is nobody's
// (RFC 6761, section 6.4).
inline constexpr std::string_view kIsolatedPage = "https://film.invalid/page.html";
inline constexpr std::string_view kIsolatedPattern = "https://film.invalid/*";

// The part of an origin that Chromium's rules name: "https://a.example:443" of https://a.example,
// the host alone besides. "*" stands for hosts below one (https://*.example.org), or for all.
struct ReachRule {
  std::string scheme;
  std::string host;  // as in the URL, [::1] in brackets; "*" = any
  std::string port;
};
// An error is a sentence.
tl::expected<ReachRule, std::string> reach_rule(std::string_view origin);

// Flags of Chromium; none where the page may reach all. Each entry has a rule.
std::vector<std::string> isolation_flags(const std::vector<std::string>& reach);

// What Chromium says of a request that was kept back, in words that help; and kIsolatedPage as
// page.html.
std::string in_words_of_isolation(std::string line);

}  // namespace framewire::cli
