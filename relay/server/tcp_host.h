// The plain TCP ports of a server (relay/base/tcp_point.h), all on its first loop: they are few,
// and what they publish and watch crosses to other loops as anything else does. PROTOCOL.md, "Plain
// TCP". Thread: its loop's, but for the constructor and open(), which come before it runs.
#pragma once
#include <uv.h>

#include <memory>
#include <vector>

#include "relay/server/lws_loop.h"
#include "relay/server/tcp_peer.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

class TcpChat;

class TcpHost {
 public:
  explicit TcpHost(LwsLoop& loop);
  ~TcpHost();
  // Listens on all of them. Errors: refused, a sentence.
  Result<void> open();
  void tick(Time now);
  void drain();
  std::vector<TcpPeer*> peers() const;  // that are not over
  bool done() const { return peers_.empty(); }
  // The loop must run once more before it is destroyed.
  void close();

  LwsLoop& loop() { return loop_; }
  Hub& hub() { return loop_.hub(); }
  uv_loop_t& uv() { return loop_.uv(); }
  // Somewhere a peer is over: it goes once this turn's calls have returned.
  void reap();

 private:
  struct Port;
  void accept(Port& port, int socket, const std::string& address);
  void leave(const TcpPeer& peer);  // counts it no more
  void reap_now();

  LwsLoop& loop_;
  std::vector<std::unique_ptr<Port>> ports_;
  struct Seated {
    Port* port;
    std::unique_ptr<TcpPeer> peer;
  };
  std::vector<Seated> peers_;
  std::uint64_t bans_seen_ = 0;  // Bans::number()
  bool reaping_ = false;
  bool closed_ = false;
};

}  // namespace framewire::relay
