// A key that checks signatures, of exactly one algorithm: the one its JWK says, or the only one it
// can be for, never the one a token says (RFC 8725 3.1, 3.2). Cheap to copy. Thread: any;
// immutable.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "relay/access/jwt/algorithm.h"
#include "relay/access/jwt/evp.h"

namespace framewire::jwt {

using Secret = std::shared_ptr<const std::string>;
// Its bytes are wiped when the last who has it is gone.
Secret make_secret(std::string bytes);

class Key {
 public:
  Key(Algorithm algorithm, PkeyPtr pkey) : algorithm_(algorithm), pkey_(std::move(pkey)) {}
  explicit Key(Secret secret) : algorithm_(Algorithm::hs256), secret_(std::move(secret)) {}

  Algorithm algorithm() const { return algorithm_; }
  const PkeyPtr& pkey() const { return pkey_; }     // null for HS256
  const Secret& secret() const { return secret_; }  // null for all others

  // HS256 is compared in constant time.
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  Algorithm algorithm_;
  PkeyPtr pkey_;
  Secret secret_;
};

}  // namespace framewire::jwt
