#include "relay/access/counted_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace framewire::relay {

std::string counted_address(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    inet_ntop(AF_INET, bytes.s6_addr + 12, text.data(), text.size());
    return text.data();
  }
  std::memset(bytes.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &bytes, text.data(), text.size());
  return std::string{text.data()} + "/64";
}

std::optional<std::string> counted_network(std::string_view text) {
  std::string address{text};
  const bool network = address.ends_with("/64");
  if (network) address.resize(address.size() - 3);
  in6_addr bytes{};
  in_addr v4{};
  if (!network && inet_pton(AF_INET, address.c_str(), &v4) == 1) return address;
  if (inet_pton(AF_INET6, address.c_str(), &bytes) != 1) return std::nullopt;
  if (network && IN6_IS_ADDR_V4MAPPED(&bytes)) return std::nullopt;
  return counted_address(address);
}

}  // namespace framewire::relay
