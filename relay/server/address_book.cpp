#include "relay/server/address_book.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace framewire::relay {

std::string AddressBook::counted_as(const std::string& address) {
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

}  // namespace framewire::relay
