// A token as it stands on the wire (RFC 7515, compact form), taken apart, before anybody has looked
// whether it is true:
//
//   base64url(header) "." base64url(payload) "." base64url(signature)
//
// Only `alg`, `kid` and `crit` of the header mean anything here; keys or addresses of keys in it
// (jwk, jku, x5u, x5c) are somebody else's word. Pure. Thread: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "relay/access/jwt/refused.h"

namespace framewire::jwt {

struct Jws {
  std::string algorithm;
  std::optional<std::string> key_id;
  std::string_view signed_part;  // of the token: header, dot, payload
  std::string payload;
  std::string signature;
};

// Lifetime: `signed_part` is a view of `token`. Faults: too_long, malformed, algorithm (`none`, or
// no text), critical.
Checked<Jws> take_apart(std::string_view token);

}  // namespace framewire::jwt
