// By which addresses others reach this machine. Thread: any. Source: getifaddrs(3).
#pragma once
#include <string>
#include <vector>

namespace framewire::relay {

// In numbers, IPv4 first; neither loopback nor link-local.
std::vector<std::string> machine_addresses();
// Its name, and with .local as it is found on a LAN (RFC 6762); empty when it has none.
std::vector<std::string> machine_names();

}  // namespace framewire::relay
