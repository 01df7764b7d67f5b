// The header of the PROXY protocol, version 2, that a proxy sends before anything else:
//
//   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | 2c | family | length (16) | source, destination, ports
//   ...
//
// Pure. Thread: any. Source: "The PROXY protocol", version 2 (haproxy.org), section 2.2.
#pragma once
#include <cstddef>
#include <string>

#include "ingest/base/bytes.h"

namespace framewire::relay {

struct ProxyHeader {
  enum class Kind {
    none,    // what comes is no such header
    more,    // so far it may be one: `size` bytes show more
    header,  // `size` bytes, then what the client sends
    bad,
  };
  Kind kind = Kind::none;
  std::size_t size = 0;
  std::string source;  // the client's address in numbers; "" = the proxy speaks for itself
};

// `begin`: the first bytes of a connection, as far as they have come.
ProxyHeader read_proxy_header(Bytes begin);

// Longer ones are bad: the addresses, and what a proxy adds to them (TLVs).
inline constexpr std::size_t kLongestProxyHeader = 4096;

}  // namespace framewire::relay
