// What a token says of its bearer (RFC 7519 4.1), read and held against what is expected here.
// Pure: what time it is, is told. Thread: any. Source: RFC 7519 4, RFC 8725 3.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/access/jwt/quota.h"
#include "relay/access/jwt/refused.h"
#include "relay/access/jwt/rights.h"

namespace framewire::jwt {

using Instant = std::chrono::sys_seconds;

// What a server expects of all tokens.
struct Rules {
  std::string issuer;  // "": any, also none
  std::vector<std::string>
      audiences;                    // one of them; none: a token may not name any (RFC 7519 4.1.3)
  std::chrono::seconds leeway{60};  // between the clocks of who issues and who verifies
  std::string claim = "framewire";  // where the rights are
};

struct Claims {
  Instant expires;  // as it is said: the leeway comes on top
  std::optional<Instant> not_before;
  std::optional<Instant> issued;
  std::string issuer;   // "": not said
  std::string subject;  // "": not said
  std::vector<std::string> audiences;
  std::vector<Right> rights;  // one at least
  Quota quota;                // of the claim beside, with `_limits` behind its name
};

// Of the payload of a token whose signature is good. All faults but those of Jws and keys.
Checked<Claims> read_claims(std::string_view payload, const Rules& rules, Instant now);

}  // namespace framewire::jwt
