// Whether a request comes from the machine itself: from a program or a browser there, and not by
// way of a proxy that runs there. Where no key may `manage`, only such a request may. A proxy that
// says nothing of itself is told by what it makes of a request: another Host, or HTTP/1.0.
// Pure. Thread: any. Source: RFC 1122 3.2.1.3; RFC 4291 2.5.3; docs/security.md.
#pragma once
#include <string_view>

#include "relay/access/request.h"

namespace framewire::relay {

// 127.0.0.0/8 or ::1, also as an IPv4-mapped address.
bool is_loopback_address(std::string_view address);
// socket_peer: where the socket's other end is, whatever a proxy says of its client.
bool is_of_own_machine(const Request& request, std::string_view socket_peer);

}  // namespace framewire::relay
