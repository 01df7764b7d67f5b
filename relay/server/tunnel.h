// A framewire.v1 connection where WebSockets are blocked: what the server says is the body of one
// GET that does not end, what the client says comes in POSTs, and both are the ws frames that the
// WebSocket would have carried. The GET's connection is the peer; a POST may come on any other
// connection, of any loop, and names the GET by its token.
// Source: PROTOCOL.md, "Without WebSockets".
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "ingest/base/bytes.h"
#include "ingest/base/mutex.h"
#include "relay/access/request.h"

namespace framewire::relay {

class Connection;
class LwsLoop;
class Session;

// So much in one POST; the next one is sent when it was answered.
inline constexpr std::size_t kTunnelPostBytes = 256u << 10;

// What became of a POST.
enum class Tunnelled : std::uint8_t {
  taken,         // or it was taken before: a POST whose answer was lost is sent again
  out_of_order,  // bytes before it are missing, or another one is not answered yet
  gone,          // the GET has ended
};
using TunnelReply = std::function<void(Tunnelled what, std::uint64_t received)>;

// Which loop has which tunnel. Thread: any. Bounded by the server's connections.
class TunnelBook {
 public:
  struct Place {
    LwsLoop* loop = nullptr;
    std::uint64_t connection = 0;
    bool publishes = false;  // by one who may
  };
  // The answer is its token, 128 bits that nobody can guess.
  std::string enter(Place place);
  void leave(const std::string& token);
  std::optional<Place> find(const std::string& token) const;

 private:
  mutable Mutex mutex_;
  std::unordered_map<std::string, Place> places_ FW_GUARDED_BY(mutex_);
};

// The GET's side: what has come by POSTs. Thread: its connection's loop.
class Tunnel {
 public:
  Tunnel(TunnelBook& book, TunnelBook::Place place) : book_(book), token_(book.enter(place)) {}
  ~Tunnel();
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  const std::string& token() const { return token_; }
  // What is new in a POST whose first byte is byte `at` of all; the reply is given by settle().
  // Empty: it was answered already.
  std::span<std::byte> take(std::uint64_t at, std::span<std::byte> bytes, TunnelReply reply);
  // All that was taken has been read.
  void settle();

 private:
  TunnelBook& book_;
  const std::string token_;
  std::uint64_t received_ = 0;
  TunnelReply reply_;
};

// `?over=http`, and whether it is the POST of a tunnel that is there.
bool is_tunnelled(const Request& request);
// What the peer would have sent, if it could: judged as any other upgrade.
Request as_upgrade(Request request);
// The head of the GET's answer. `origin` may read it; "" = no page of another site asked.
std::string tunnel_answer(const std::string& origin);
// A POST.
std::unique_ptr<Session> make_tunnel_post(Connection& connection, const Request& request);

}  // namespace framewire::relay
