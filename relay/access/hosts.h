// Which names this server may be asked by. A page can have its own name lead to this machine's
// address (DNS rebinding): its Origin and its Host then agree, and the browser takes this server
// for the page's own. So where a name opens more than a key does, only names that such a page
// cannot have are served. Thread: immutable, any. Source: RFC 9110, 7.2 (Host); RFC 6454, 4.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

struct Config;

class HostRules {
 public:
  explicit HostRules(const Config& config);

  // `host`: the Host header, as it came. Served are addresses, localhost, names that nobody can
  // register (without a dot, *.local, *.localhost, *.home.arpa), the machine's own, those of --host
  // and --listen and the hosts of --allow-origin, at whatever port; every name at all if publishing
  // takes a key, over TLS (a browser compares the certificate's names with the page's) and with
  // --allow-origin
  // '*'.
  bool admits(std::string_view host) const;

 private:
  bool any_ = false;
  std::vector<std::string> names_;
};

// Without its port and brackets: "[::1]:80" gives "::1". Empty: no host at all, or what cannot be
// one.
std::string_view host_of(std::string_view authority);

}  // namespace framewire::relay
