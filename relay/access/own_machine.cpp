#include "relay/access/own_machine.h"

#include <arpa/inet.h>

#include <string>

#include "relay/access/hosts.h"

namespace framewire::relay {
namespace {

bool is_own_name(std::string_view host) {
  const auto ends_with_localhost = [](std::string name) {
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return name == "localhost" || name.ends_with(".localhost");
  };
  return is_loopback_address(host) || ends_with_localhost(std::string{host});
}

}  // namespace

bool is_loopback_address(std::string_view address) {
  constexpr unsigned char kLoopbackNet = 127;
  const std::string text{address};
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == kLoopbackNet;
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_V4MAPPED(&v6) ? v6.s6_addr[12] == kLoopbackNet
                                   : IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

bool is_of_own_machine(const Request& request, std::string_view socket_peer) {
  return is_loopback_address(socket_peer) && !request.proxied() && request.http_1_1 &&
         is_own_name(host_of(request.host));
}

}  // namespace framewire::relay
