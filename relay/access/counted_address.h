// The name under which an address is counted, paused and banned: an IPv6 address as its /64
// network, which one client has whole. Pure. Thread: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace framewire::relay {

// Of an address in its numeric form: 2001:db8:1:2:3::4 as 2001:db8:1:2::/64, ::ffff:192.0.2.1 as
// 192.0.2.1. What is no IPv6 address stays as it is.
std::string counted_address(const std::string& address);

// The same of what a person writes, 2001:db8:1:2::/64 too. nullopt: it is no address, and no
// network of that size.
std::optional<std::string> counted_network(std::string_view text);

}  // namespace framewire::relay
