// What a plain TCP connection may be.
#pragma once
#include <memory>
#include <string>

#include "relay/server/tcp_peer.h"

namespace framewire::relay {

class Hub;

std::unique_ptr<TcpPeer> make_tcp_publisher(TcpHost& host, int socket, std::string address,
                                            const std::string& stream);
// name: as in /live/{name}.
std::unique_ptr<TcpPeer> make_tcp_viewer(TcpHost& host, int socket, std::string address,
                                         const std::string& name);

// The people of one chat port, numbered from 1 as they come. Each line that one sends goes to all,
// itself too, as "NUMBER TEXT"; to each that comes, first, "* you are NUMBER". It goes into the
// stream's side channel as {"name": NUMBER, "data": TEXT}, and what others say there comes as
// "@NAME TEXT". "* ..." are the server's own lines. What is said in one turn is told together, and
// the more people hear it the more of it is.
class TcpRoom {
 public:
  virtual ~TcpRoom() = default;
  virtual std::unique_ptr<TcpPeer> seat(int socket, std::string address) = 0;
  // Ten times a second: tells what is due.
  virtual void tick() = 0;
  virtual void deliver() = 0;  // all that is not told yet
  virtual void close() = 0;
};
std::unique_ptr<TcpRoom> make_tcp_room(TcpHost& host, const std::string& stream);

}  // namespace framewire::relay
