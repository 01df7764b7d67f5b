#include "relay/access/hosts.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "relay/base/config.h"

namespace framewire::relay {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// As browsers write them: 127.1 and 0x7f000001 come as 127.0.0.1.
bool is_address(const std::string& host) {
  in6_addr room{};
  return inet_pton(AF_INET, host.c_str(), &room) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

// Names that nobody can register: RFC 6761, RFC 6762 (mDNS), RFC 8375; and those without a dot, of
// a home's router or of containers, which are none of the DNS' (RFC 7085).
bool is_home_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
      }))
    return true;
  constexpr std::array<std::string_view, 3> kOwnedByNobody = {".localhost", ".local", ".home.arpa"};
  return std::any_of(kOwnedByNobody.begin(), kOwnedByNobody.end(), [&](std::string_view end) {
    return name.size() > end.size() && name.ends_with(end);
  });
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return lower(name.data());
}

bool is_port(std::string_view text) {
  return text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view host_of(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && end == std::string_view::npos) return {};
  std::string_view port = end == std::string_view::npos
                              ? std::string_view{}
                              : authority.substr(end + (bracketed ? 1 : 0));
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) return {};
  return bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
}

HostRules::HostRules(const Config& config)
    : any_(!config.publish_keys.empty() || config.asks_for_identity() || !config.tls_cert.empty()) {
  names_ = {"localhost", lower(config.host), machine_name()};
  for (const std::string& host : config.hosts) names_.push_back(lower(host));
  for (const std::string& origin : config.allowed_origins) {
    if (origin == "*") any_ = true;
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end != std::string::npos)
      names_.push_back(lower(host_of(std::string_view{origin}.substr(scheme_end + 3))));
  }
}

bool HostRules::admits(std::string_view host) const {
  if (any_) return true;
  const std::string name = lower(host_of(host));
  if (name.empty()) return false;
  return is_address(name) || is_home_name(name) ||
         std::find(names_.begin(), names_.end(), name) != names_.end();
}

}  // namespace framewire::relay
