// The token of a framewire.v1 WebSocket: how long it is good is told, and another one takes its
// place on the same socket, so that whoever shows one in time is never cut off (PROTOCOL.md,
// "Tokens"). What is refused changes nothing: the old one goes on until its own end. It is looked
// at in a turn of its own (Loop::post_costly): thousands may be shown at one moment. A viewer's
// next messages wait for that, a publisher's media does not. Thread: the connection's loop.
// Lifetime: within its session.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/access/authorizer.h"
#include "relay/access/judge.h"
#include "relay/base/interned.h"
#include "relay/streams/side_channel_limiter.h"

namespace framewire::relay {

class Connection;

class Renewal {
 public:
  Renewal(Connection& connection, const Admission& admission, const Request& request);

  // The session begins: its peer is told when the token ends, if it does, and that it may moderate,
  // if it may.
  void begin();
  void take(std::string_view token);
  // Who it is, to be shown to others: SideText::user.
  std::string shown() const;
  bool may(Action action) const;

 private:
  // What a token that is shown here needs; hardly a viewer ever shows one.
  struct Asking {
    TokenBucket rate;
    std::optional<std::string> token{};  // that waits for its turn
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    std::shared_ptr<Authorizer> authorizer{};  // outlives its question
    std::unique_ptr<Authorizer::Question> question{};
  };

  void look();
  void settle(const Answer& answer);
  void refuse(std::string_view message, bool guessed);
  void tell() const;
  void tell_rights();

  Connection& connection_;
  const Action action_;       // what the socket is open for
  bool told_rights_ = false;  // that it may moderate
  const Interned stream_;
  const Interned user_agent_;
  std::unique_ptr<const std::vector<std::string>> arguments_;  // of whose time ends; null: none
  std::unique_ptr<Asking> asking_;                             // from the first token on
};

}  // namespace framewire::relay
