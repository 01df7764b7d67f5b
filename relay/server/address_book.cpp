#include "relay/server/address_book.h"

#include "relay/access/counted_address.h"

namespace framewire::relay {

std::string AddressBook::counted_as(const std::string& address) {
  return counted_address(address);
}

}  // namespace framewire::relay
