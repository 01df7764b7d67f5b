#include "relay/access/jwt/key.h"

#include <openssl/crypto.h>

namespace framewire::jwt {

Secret make_secret(std::string bytes) {
  auto* const kept = new std::string{std::move(bytes)};
  return Secret{kept, [](std::string* secret) {
                  OPENSSL_cleanse(secret->data(), secret->size());
                  delete secret;
                }};
}

bool Key::verifies(std::string_view message, std::string_view signature) const {
  if (algorithm_ == Algorithm::hs256)
    return same_in_constant_time(hmac_sha256(*secret_, message), signature);
  return verify_with(algorithm_, pkey_, message, signature);
}

}  // namespace framewire::jwt
