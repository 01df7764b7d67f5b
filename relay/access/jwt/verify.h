// Is a token true, and good here and now? In this order: length, form, algorithm and extensions,
// key, signature; what it says is read only after that (RFC 8725). Pure. Thread: any.
#pragma once
#include <string_view>

#include "relay/access/jwt/claims.h"
#include "relay/access/jwt/jws.h"
#include "relay/access/jwt/key_set.h"

namespace framewire::jwt {

Checked<Claims> verify(std::string_view token, const KeySet& keys, const Rules& rules, Instant now);

// The first half of it: who signed these bytes was one of the keys.
Checked<Jws> verify_signature(std::string_view token, const KeySet& keys);

}  // namespace framewire::jwt
