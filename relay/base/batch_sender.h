// Sends to many sockets by one call: what a loop hands to all viewers of a stream in a turn.
// Implemented by relay/server, and by the tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "ingest/base/bytes.h"

namespace framewire::relay {

struct SocketSend {
  int socket = -1;
  Bytes bytes;              // borrowed until send() returns
  std::int32_t result = 0;  // bytes taken, or -errno: as of send(2) on a socket that does not block
};

class BatchSender {
 public:
  static constexpr std::size_t kMost = 256;      // sends at a time
  static constexpr std::size_t kWorthwhile = 4;  // fewer are as cheap one by one

  virtual ~BatchSender() = default;
  // In order, each socket at most once. All results are there when it returns; it waits for no
  // peer. Thread: the loop's.
  virtual void send(std::span<SocketSend> sends) = 0;
};

}  // namespace framewire::relay
