// A key that makes tokens: for who issues them, and for `framewire token`. A server has none.
// Thread: any; immutable. Errors: a sentence that holds nothing of the key.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "ingest/base/error.h"
#include "relay/access/jwt/key.h"

namespace framewire::jwt {

class SigningKey {
 public:
  // A private JWK.
  static Result<SigningKey> read(std::string_view text);
  // `key_id` "": one by chance.
  static SigningKey generate(Algorithm algorithm, std::string key_id);

  Algorithm algorithm() const { return key_.algorithm(); }
  const std::string& key_id() const { return key_id_; }  // "": none
  void set_key_id(std::string key_id) { key_id_ = std::move(key_id); }

  // A compact token.
  Result<std::string> sign(const nlohmann::json& claims) const;
  // Any header, any payload: for tests of what has to be refused.
  Result<std::string> sign_text(std::string_view header, std::string_view payload) const;

  std::string private_jwk() const;
  // A JWK Set of what a server needs: of HS256 that is the secret itself.
  std::string public_set() const;

 private:
  SigningKey(Key key, std::string key_id) : key_(std::move(key)), key_id_(std::move(key_id)) {}
  nlohmann::json jwk(bool with_private) const;

  Key key_;
  std::string key_id_;
};

}  // namespace framewire::jwt
