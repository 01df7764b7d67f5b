// Bans that an operator makes or lifts at one node of a cluster hold at all: what one node tells
// the others, and what they do then. They write nothing down: it is the first node's to keep them.
// Thread: any.
#pragma once
#include <string>

#include "relay/access/bans.h"

namespace framewire::relay {

std::string ban_order(const Ban& ban, bool lift);
// What is no such order is passed over, and told in the log.
void obey_ban_order(const std::string& order, Bans& bans);

}  // namespace framewire::relay
