#include "relay/access/trusted_proxies.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "relay/access/header_list.h"

namespace framewire::relay {
namespace {

constexpr unsigned kV4Prefix = 96;  // of ::ffff:0.0.0.0/96, in which IPv4 addresses stand here

struct Address {
  in6_addr bytes{};
  bool v4 = false;
};

std::optional<Address> address_of(std::string_view text) {
  const std::string copy{text};
  Address out;
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) {
    out.v4 = true;
    out.bytes.s6_addr[10] = out.bytes.s6_addr[11] = 0xff;
    std::memcpy(out.bytes.s6_addr + 12, &v4, sizeof v4);
    return out;
  }
  if (inet_pton(AF_INET6, copy.c_str(), &out.bytes) != 1) return std::nullopt;
  return out;
}

bool same_bits(const in6_addr& a, const in6_addr& b, unsigned bits) {
  const unsigned whole = bits / 8, rest = bits % 8;
  if (std::memcmp(a.s6_addr, b.s6_addr, whole) != 0) return false;
  const unsigned mask = 0xff00u >> rest & 0xffu;
  return rest == 0 || ((a.s6_addr[whole] ^ b.s6_addr[whole]) & mask) == 0;
}

struct Parsed {
  Address address;
  unsigned bits = 128;
};

std::optional<Parsed> parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = address_of(text.substr(0, slash));
  if (!address) return std::nullopt;
  Parsed out{*address};
  if (slash == std::string_view::npos) return out;
  const std::string_view bits = text.substr(slash + 1);
  unsigned count = 0;
  const auto [end, wrong] = std::from_chars(bits.data(), bits.data() + bits.size(), count);
  if (bits.empty() || wrong != std::errc{} || end != bits.data() + bits.size() ||
      count > (address->v4 ? 32u : 128u))
    return std::nullopt;
  out.bits = count + (address->v4 ? kV4Prefix : 0);
  return out;
}

// Some proxies say the port, too: 192.0.2.1:4711, [2001:db8::1]:4711.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, std::min(text.find(']'), text.size()) - 1);
  const std::size_t colon = text.find(':');
  return colon == text.rfind(':') ? text.substr(0, colon) : text;
}

std::string numeric(const in6_addr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&address))
    inet_ntop(AF_INET, address.s6_addr + 12, text.data(), text.size());
  else
    inet_ntop(AF_INET6, &address, text.data(), text.size());
  return text.data();
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries)
    if (const auto parsed = parse(entry))
      networks_.push_back({parsed->address.bytes, parsed->bits});
}

bool TrustedProxies::hold(const std::string& address) const {
  if (networks_.empty()) return false;
  const auto asked = address_of(address);
  return asked && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return same_bits(network.address, asked->bytes, network.bits);
         });
}

std::string TrustedProxies::client_of(const std::string& proxy,
                                      std::string_view forwarded_for) const {
  std::string client = proxy;
  while (!forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const auto address = address_of(without_port(trimmed(forwarded_for.substr(begin))));
    if (!address) break;
    client = numeric(address->bytes);
    if (!hold(client)) break;
    forwarded_for =
        comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
  }
  return client;
}

std::string why_no_network(std::string_view text) {
  if (parse(text)) return {};
  return fmt::format(
      "\"{}\" is neither an address nor a network, as 10.0.0.7, 10.0.0.0/8 and "
      "fd00::/8 are",
      text);
}

}  // namespace framewire::relay
