// What one connection is being used for: a WebSocket, or one HTTP request after another. The
// Connection reads, and calls these; a session answers by way of it. Thread: its loop's. Lifetime:
// owned by the Connection.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/wire/message_reassembler.h"
#include "relay/access/authorizer.h"
#include "relay/base/clock.h"
#include "relay/base/refusal.h"
#include "relay/fanout/viewer.h"

namespace framewire::relay {

// Why the server ends what a connection is used for.
struct Dismissal {
  CloseCode close;           // of a WebSocket
  Refusal refusal;           // of an HTTP request that nothing was answered to
  std::string_view code;     // the close frame's reason
  std::string_view message;  // for people

  // Another will be there in a moment: nothing is said but that.
  constexpr bool server_stops() const { return close == CloseCode::restarting; }
};
inline constexpr Dismissal kServerStops{CloseCode::restarting, Refusal::overloaded, "restarting",
                                        "the server restarts"};
inline constexpr Dismissal kExpired{CloseCode::policy, Refusal::token_expired, "token-expired",
                                    kTokenExpired};

inline constexpr Dismissal kKeyRemoved{CloseCode::policy, Refusal::key_removed, "key-removed",
                                       "this key is not taken any more"};

inline constexpr Dismissal kKeyNeeded{CloseCode::policy, Refusal::unauthorized, "unauthorized",
                                      "a key is needed from now on"};

inline constexpr Dismissal kCertificateRemoved{CloseCode::policy, Refusal::key_removed,
                                               "key-removed",
                                               "this client certificate is not taken any more"};

inline constexpr std::string_view kBannedSentence =
    "whoever comes from this address, or by this name, is not let in";
inline constexpr Dismissal kBanned{CloseCode::policy, Refusal::banned, "banned", kBannedSentence};
inline constexpr Dismissal kKicked{CloseCode::policy, Refusal::kicked, "kicked",
                                   "an operator ended this connection"};

// Who publishes or watches by a session, for the control API. Views: for the length of the call.
struct SessionFacts {
  bool publishes = false;
  std::string_view stream;     // an origin's name
  std::string_view output;     // of a viewer: "origin", "webm", "mp4" ...
  std::string_view transport;  // "framewire.v1", "websocket", "http" or "tcp"
  std::uint64_t bytes = 0;     // of media, received or sent
  std::uint64_t skips = 0;
  std::optional<std::uint32_t> delay_ms;  // as the viewer reported it last
  std::string sender;                     // what the side channel calls it, once it does
};

class Session {
 public:
  virtual ~Session() = default;
  virtual void on_open() = 0;
  // WebSocket: a piece of a message, in order.
  virtual void on_receive(const FragmentPiece&) {}
  // WebSocket: what came is no ws frame of RFC 6455, so that nothing more can be read: say so,
  // close.
  virtual void on_broken(const Error&) {}
  // WebSocket: the peer's close frame came; code 1005 = it named none. on_gone follows.
  virtual void on_peer_close(std::uint16_t /*code*/) {}
  // HTTP: a piece of the request's body, decoded; the last one was given.
  virtual void on_body(Bytes) {}
  virtual void on_body_end() {}
  // HTTP: nothing was answered yet, and will not be before the body has come.
  virtual bool awaits_body() const { return false; }
  // The socket has room again and has taken everything written before.
  virtual void on_writeable() {}
  // The connection is gone; the session is destroyed next.
  virtual void on_gone() {}
  // nullopt: it neither publishes nor watches.
  virtual std::optional<SessionFacts> facts() const { return std::nullopt; }
  // Of one without facts: the stream that its right is on, "" = it is of the whole server; nullopt:
  // that is not known any more, and it is over soon.
  virtual std::optional<std::string_view> right_on() const { return std::nullopt; }
  // Once a second.
  virtual void tick(Time) {}
  // A ping now would fall into a message that is coming in (Firefox then leaks bufferedAmount).
  virtual bool quiet_for_ping() const { return true; }
  // It is over: say why and end. An answer that comes within moments may be let out first.
  virtual void dismiss(const Dismissal& why) = 0;
};

}  // namespace framewire::relay
