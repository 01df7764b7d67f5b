// A client's certificate, as far as it matters who that is: a value that the server makes of a TLS
// connection (relay/tls/client_authority.h), and that keys may name (relay/access/named_keys.h).
// Thread: any.
#pragma once
#include <string>
#include <vector>

#include "relay/base/clock.h"

namespace framewire::relay {

struct ClientCertificate {
  // What it is called, each as a key names it (certificate_name.h): `CN:...`, `DNS:...`, `URI:...`,
  // `email:...`, `IP:...`, and `SHA256:...`, its fingerprint, which is always there.
  std::vector<std::string> names;
  std::string subject;  // for people, printable
  Time ends{};          // of it, or of the first in its chain to expire
};

}  // namespace framewire::relay
