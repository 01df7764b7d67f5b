// Sockets whose peers were told why they are refused, held open for a moment after that: what a
// peer has sent by then is read and dropped, for a socket that is closed with bytes unread is
// reset, and a reset may reach the peer before it has read what was said to it (RFC 9112,
// section 9.6; RFC 8446, section 6.1). Thread: its loop's. Lifetime: its loop's. Limits: so many,
// and so long; beyond, they are let go.
#pragma once
#include <cstddef>
#include <vector>

#include "ingest/base/unique_fd.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class LastWords {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr Duration kHeld{1'000};

  // Whoever has the socket says what is to be said, and closes it, within this turn.
  void hold(int socket, Time now);
  // Ten times a second.
  void tick(Time now);
  std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    UniqueFd socket;  // a second descriptor
    Time until;
  };
  std::vector<Held> held_;
};

}  // namespace framewire::relay
