// Where connections of trusted proxies wait until their first bytes have shown whether the PROXY
// protocol names the client: its header is taken off the socket, before TLS would read it. What
// begins otherwise goes on as it came.
// Thread: its loop's. Lifetime: its loop's. Limits: a time for the header, given by the caller.
#pragma once
#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "relay/base/clock.h"

namespace framewire::relay {

class ProxyDoor {
 public:
  // entered: the socket, the caller's from then on, and whose it is.
  using Entered = std::function<void(int socket, std::string peer)>;
  ProxyDoor(uv_loop_t& loop, Entered entered);
  ~ProxyDoor();
  ProxyDoor(const ProxyDoor&) = delete;
  ProxyDoor& operator=(const ProxyDoor&) = delete;

  // Takes the socket of a trusted proxy over.
  void admit(int socket, std::string proxy, Time until);
  // Those whose time is over are closed. Now and then.
  void tick(Time now);
  // Closes all that wait; the loop must run once more.
  void close();
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Guest;
  void look(Guest& guest);
  int release(Guest& guest);

  uv_loop_t& loop_;
  const Entered entered_;
  std::vector<Guest*> waiting_;  // each deletes itself once its handle is closed
};

}  // namespace framewire::relay
