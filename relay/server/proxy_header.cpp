#include "relay/server/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace framewire::relay {
namespace {

constexpr std::array<unsigned char, 12> kSignature = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                      0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::size_t kFixedBytes = 16;
constexpr std::size_t kV4Bytes = 12, kV6Bytes = 36;  // two addresses and two ports

std::string numeric(int family, const std::byte* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

}  // namespace

ProxyHeader read_proxy_header(Bytes begin) {
  using Kind = ProxyHeader::Kind;
  const std::size_t shown = std::min(begin.size(), kSignature.size());
  if (std::memcmp(begin.data(), kSignature.data(), shown) != 0) return {Kind::none, 0, {}};
  if (begin.size() < kFixedBytes) return {Kind::more, kFixedBytes, {}};
  const auto version_and_command = load_be<std::uint8_t>(begin, 12);
  const auto family = load_be<std::uint8_t>(begin, 13);
  const std::size_t length = load_be<std::uint16_t>(begin, 14);
  const std::size_t size = kFixedBytes + length;
  const unsigned command = version_and_command & 0xfu;
  if (version_and_command >> 4 != 2 || command > 1 || size > kLongestProxyHeader)
    return {Kind::bad, 0, {}};
  if (begin.size() < size) return {Kind::more, size, {}};
  ProxyHeader out{Kind::header, size, {}};
  if (command == 0) return out;
  switch (family >> 4) {
    case 1:
      if (length < kV4Bytes) return {Kind::bad, 0, {}};
      out.source = numeric(AF_INET, begin.data() + kFixedBytes);
      break;
    case 2:
      if (length < kV6Bytes) return {Kind::bad, 0, {}};
      out.source = numeric(AF_INET6, begin.data() + kFixedBytes);
      break;
    default:  // by a local socket, or unknown
      break;
  }
  return out;
}

}  // namespace framewire::relay
