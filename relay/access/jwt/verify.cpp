#include "relay/access/jwt/verify.h"

namespace framewire::jwt {

Checked<Jws> verify_signature(std::string_view token, const KeySet& keys) {
  auto jws = take_apart(token);
  if (!jws) return jws;
  const auto algorithm = algorithm_named(jws->algorithm);
  if (!algorithm) return refuse(Fault::algorithm, "the token's algorithm is not taken here");
  const Key* key = keys.find(jws->key_id);
  if (key == nullptr)
    return refuse(Fault::key_unknown, jws->key_id
                                          ? "the token is signed with a key that is not known here"
                                          : "the token does not say which of the keys it is of");
  if (key->algorithm() != *algorithm)
    return refuse(Fault::algorithm, "the token's algorithm is not the one of its key");
  if (!key->verifies(jws->signed_part, jws->signature))
    return refuse(Fault::signature, "the token's signature is wrong");
  return jws;
}

Checked<Claims> verify(std::string_view token, const KeySet& keys, const Rules& rules,
                       Instant now) {
  const auto jws = verify_signature(token, keys);
  if (!jws) return tl::make_unexpected(jws.error());
  return read_claims(jws->payload, rules, now);
}

}  // namespace framewire::jwt
