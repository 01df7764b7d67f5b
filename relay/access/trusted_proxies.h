// Proxies in front of this server whose word on who asks is taken (--trust-proxy), and what their
// X-Forwarded-For says. What anybody else says of that is worth nothing: it would choose its own
// address. Thread: immutable, any. Source: MDN "X-Forwarded-For", "Selecting an IP address".
#pragma once
#include <netinet/in.h>

#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

class TrustedProxies {
 public:
  // Addresses and networks, 10.0.0.7, 10.0.0.0/8 or fd00::/8, checked already.
  explicit TrustedProxies(const std::vector<std::string>& entries);

  bool empty() const { return networks_.empty(); }
  // `address`: in numbers.
  bool hold(const std::string& address) const;
  // Whose request it is that a trusted `proxy` passed on with this header: the last address in it
  // that is no trusted proxy's, for what stands before it the client may have made up. Where it
  // says nothing, or nothing that can be read, the proxy's own.
  std::string client_of(const std::string& proxy, std::string_view forwarded_for) const;

 private:
  struct Network {
    in6_addr address{};
    unsigned bits = 128;
  };
  std::vector<Network> networks_;
};

// What is wrong with an entry, as a sentence; "" = nothing.
std::string why_no_network(std::string_view text);

}  // namespace framewire::relay
