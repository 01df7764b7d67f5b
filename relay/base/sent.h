// What became of bytes that a connection was given. Thread: its loop's.
#pragma once
#include <cstdint>

namespace framewire::relay {

enum class Sent : std::uint8_t {
  all,   // the socket took it: write on
  kept,  // the transport holds the rest: write nothing until on_writeable
  gone,  // the connection is ending: write nothing, the owner will detach the viewer
};

}  // namespace framewire::relay
