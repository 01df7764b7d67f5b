#include "relay/base/restream.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMaxUrl = 2'000;
constexpr std::string_view kPath = "%path";

struct Scheme {
  std::string_view name;
  std::string_view output;
  bool needs_port;
  bool needs_path;
};
// RTMP carries the tags of FLV (Adobe's RTMP specification 1.0, section 7), SRT mostly MPEG-TS.
constexpr Scheme kSchemes[] = {{"rtmp://", "flv", false, true},
                               {"rtmps://", "flv", false, true},
                               {"srt://", "ts", true, false}};

const Scheme* scheme_of(std::string_view url) {
  for (const Scheme& scheme : kSchemes)
    if (url.starts_with(scheme.name)) return &scheme;
  return nullptr;
}

// RFC 3986, section 3.2, of what follows the scheme.
struct Authority {
  std::string_view host;  // with brackets, if it has any
  std::optional<std::string_view> port;
  std::string_view after;  // path and query
};
Authority authority_of(std::string_view rest) {
  Authority out;
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  out.after = rest.substr(end);
  std::string_view at = rest.substr(0, end);
  at = at.substr(at.rfind('@') + 1);  // without user and password
  const std::size_t colon = at.rfind(':');
  out.host = at.substr(0, colon);
  if (colon != std::string_view::npos && at.find(']', colon) == std::string_view::npos)
    out.port = at.substr(colon + 1);
  else
    out.host = at;
  return out;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65'535;
}

// What is wrong with an address of this scheme, "" = nothing.
std::string_view fault_of(std::string_view url, const Scheme& scheme) {
  const auto is_visible = [](char c) { return c > ' ' && c < 127; };
  if (url.size() > kMaxUrl) return "a restream's address has at most 2,000 characters";
  if (!std::all_of(url.begin(), url.end(), is_visible))
    return "a restream's address is ASCII without blanks";
  if (const std::size_t path = url.find(kPath);
      path != std::string_view::npos && url.find(kPath, path + 1) != std::string_view::npos)
    return "%path stands once in a restream's address";
  const Authority authority = authority_of(url.substr(scheme.name.size()));
  if (!is_host(authority.host)) return "a restream's address has a host";
  if (authority.port ? !is_port(*authority.port) : scheme.needs_port)
    return "a restream's port is a number from 1 to 65535; SRT has no default";
  if (scheme.needs_path && authority.after.size() < 2)
    return "RTMP wants an application and mostly a key: rtmp://host/app/key";
  return {};
}

}  // namespace

Result<RestreamTarget> parse_restream(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fail(Errc::refused, "a restream is NAME=URL, such as cam=rtmp://host/app/key");
  RestreamTarget out;
  out.pattern = text.substr(0, equals);
  out.url = text.substr(equals + 1);
  if (out.pattern != "all" && !is_stream_pattern(out.pattern))
    return fail(Errc::refused,
                "what stands before = is neither all nor a stream's name, in which * stands for "
                "anything");
  const Scheme* scheme = scheme_of(out.url);
  if (!scheme) return fail(Errc::refused, "a restream goes to rtmp://, rtmps:// or srt://");
  if (const auto fault = fault_of(out.url, *scheme); !fault.empty())
    return fail(Errc::refused, std::string{fault});
  const Authority at = authority_of(std::string_view{out.url}.substr(scheme->name.size()));
  out.shown = fmt::format("{}{}{}{}", scheme->name, at.host, at.port ? ":" : "",
                          at.port.value_or(std::string_view{}));
  out.output = scheme->output;
  static std::atomic<std::uint64_t> last_id{0};
  out.id = ++last_id;
  return out;
}

std::string RestreamTarget::address_for(std::string_view stream) const {
  std::string out = url;
  if (const std::size_t path = out.find(kPath); path != std::string::npos)
    out.replace(path, kPath.size(), stream);
  return out;
}

}  // namespace framewire::relay
