#include "relay/server/per_address_limit.h"

#include "relay/access/counted_address.h"

namespace framewire::relay {

std::string PerAddressLimit::counted_as(const std::string& address) {
  return counted_address(address);
}

}  // namespace framewire::relay
