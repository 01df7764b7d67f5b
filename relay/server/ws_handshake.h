// The server's side of the opening handshake: the answer to a request that judge_upgrade() admits.
// Pure. Thread: any.  Source: RFC 6455, section 4.2.2.
#pragma once
#include <string>
#include <string_view>

namespace framewire::relay {

// The whole head of the 101. key: Sec-WebSocket-Key as it came. v1: framewire.v1 is agreed on.
std::string upgrade_answer(std::string_view key, bool v1);

}  // namespace framewire::relay
