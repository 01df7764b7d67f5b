// Who asks, and what that one may do. One question for each request that needs a right, of HLS
// several a second: what is costly to find out is for the authorizer to remember. The answer
// comes at once (static keys, a signed token whose key is known) or later (a key server, a JWKS
// that must be fetched), and what asked meanwhile waits without holding up its loop.
// Thread: each loop has an authorizer of its own, which it alone calls, and which answers there.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/base/error.h"
#include "relay/access/jwt/link.h"
#include "relay/access/principal.h"
#include "relay/base/client_certificate.h"
#include "relay/base/refusal.h"

namespace framewire::relay {

struct Config;
class Loop;

// What a request shows, and what for. Views into it: for the length of the call.
struct Credentials {
  std::optional<std::string_view> token;    // `Authorization: Bearer` or ?token=
  std::optional<jwt::ShownLink> link = {};  // ?sign= and ?expires=, where links are taken
  Action action = Action::watch;            // what it is about to do
  std::string_view stream;                  // "" as in Principal::may()
  std::string_view protocol;                // "websocket" or "http"
  std::string_view address;                 // the client's, as a trusted proxy names it
  std::string_view user_agent;
  std::span<const std::string> arguments;  // of the URL, decoded, each `name=value`
  std::string_view connection;             // its name on this server, until it ends
  bool of_own_machine = false;             // own_machine.h
  // That its connection has shown, and TLS has checked (--client-ca); null: none.
  const ClientCertificate* certificate = nullptr;
};

// Rights last no longer, whatever a token or link says: a steady clock's nanoseconds do not reach
// to the year 9999, nor from then to 1970.
constexpr std::chrono::hours kLongestRight{24 * 3650};

struct Grant {
  std::shared_ptr<const Principal> principal;  // never null; the rights decide, not its being there
  // The token is one that we know. Whoever shows none, or a wrong one, is given what everybody may.
  bool known = false;
  // What was shown was made up, as far as can be told: counts as a wrong key (key_pause.h). One
  // that has expired, or that is good for something else, is none.
  bool guessed = false;
};

// No answer of rights: an expired token, a server that fails. 401, 403 and what the operator's own
// server does not say (auth_...) are told to a framewire.v1 peer after the upgrade, as a page is
// shown no status; others instead of it.
struct Denial {
  Refusal why = Refusal::unauthorized;
  std::string message;   // for people; never with the token in it
  bool guessed = false;  // counts as a wrong key (key_pause.h)
};

using Answer = tl::expected<Grant, Denial>;

class Authorizer {
 public:
  // One that is not answered yet. Destroying it withdraws it: its on_answer is called no more.
  class Question {
   public:
    virtual ~Question() = default;
  };
  // Called once, in a later turn, never within authorize(). It may destroy its question.
  using OnAnswer = std::function<void(const Answer&)>;
  using Reply = std::variant<Answer, std::unique_ptr<Question>>;  // never a null question

  virtual ~Authorizer() = default;
  // May outlive no question: who asks holds the authorizer until the answer.
  virtual Reply authorize(const Credentials& credentials, OnAnswer on_answer) = 0;
  // What those may do who show nothing. Never null, without expiry.
  virtual const std::shared_ptr<const Principal>& everybody() const = 0;
  // The same of requests of the machine itself (own_machine.h), which may do no less.
  virtual const std::shared_ptr<const Principal>& everybody_here() const { return everybody(); }
  // Who has this key of the configuration (About::key) now; null: it was taken out.
  virtual std::shared_ptr<const Principal> holder_of(const Digest&) const { return nullptr; }
};

inline constexpr std::string_view kTokenExpired =
    "the token has expired: connect again with a new one";
inline constexpr std::string_view kHookTimedOut =
    "the server that says who may did not answer in time: try again";
inline constexpr std::string_view kHookOverloaded =
    "too many requests wait to be told whether they may";
inline constexpr std::string_view kHookFailed =
    "the server that says who may gave no answer of use: try again, or tell the operator";

// For one loop, at the start, before it runs, and at each reload.
using MakeAuthorizer = std::function<std::shared_ptr<Authorizer>(const Config&, Loop&)>;

}  // namespace framewire::relay
