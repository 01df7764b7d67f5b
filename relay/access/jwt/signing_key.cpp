#include "relay/access/jwt/signing_key.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/jwk.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {
namespace {

constexpr std::size_t kKeyIdRandomBytes = 8;

// What is no UTF-8 (of a command line, say) is replaced, not thrown.
std::string json_text(const nlohmann::json& value, int indent = -1) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string random_key_id() {
  std::string out;
  for (const char byte : random_bytes(kKeyIdRandomBytes))
    out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

}  // namespace

Result<SigningKey> SigningKey::read(std::string_view text) {
  if (text.size() > kKeySetBytes)
    return fail(Errc::limit_exceeded, "a key of more than 256 KiB is not read");
  const auto json = parse_object(text);
  if (!json) return fail(Errc::bad_text, fmt::format("what should be a key {}", json.error()));
  auto named = read_jwk(*json, Purpose::sign);
  if (!named) return fail(Errc::refused, "the key " + named.error().what);
  return SigningKey{std::move(named->key), named->key_id.value_or("")};
}

SigningKey SigningKey::generate(Algorithm algorithm, std::string key_id) {
  if (key_id.empty()) key_id = random_key_id();
  if (algorithm == Algorithm::hs256)
    return {Key{make_secret(random_bytes(kSecretBytes))}, std::move(key_id)};
  PkeyPtr made = jwt::generate(algorithm);
  if (!made) throw std::runtime_error("OpenSSL made no key");
  return {Key{algorithm, std::move(made)}, std::move(key_id)};
}

Result<std::string> SigningKey::sign(const nlohmann::json& claims) const {
  nlohmann::json header{{"alg", to_string(algorithm())}, {"typ", "JWT"}};
  if (!key_id_.empty()) header["kid"] = key_id_;
  auto token = sign_text(json_text(header), json_text(claims));
  if (token && token->size() > kTokenBytes)
    return fail(Errc::limit_exceeded, "the token would be longer than 8 KiB");
  return token;
}

Result<std::string> SigningKey::sign_text(std::string_view header, std::string_view payload) const {
  std::string token = base64url_encode(header) + "." + base64url_encode(payload);
  const std::string signature = key_.secret() ? hmac_sha256(*key_.secret(), token)
                                              : sign_with(algorithm(), key_.pkey(), token);
  if (signature.empty()) return fail(Errc::internal, "OpenSSL made no signature");
  return token + "." + base64url_encode(signature);
}

nlohmann::json SigningKey::jwk(bool with_private) const {
  nlohmann::json out{{"alg", to_string(algorithm())}, {"use", "sig"}};
  if (!key_id_.empty()) out["kid"] = key_id_;
  if (key_.secret()) {
    out["kty"] = "oct";
    out["k"] = base64url_encode(*key_.secret());
    return out;
  }
  out["kty"] = algorithm() == Algorithm::es256   ? "EC"
               : algorithm() == Algorithm::eddsa ? "OKP"
                                                 : "RSA";
  if (algorithm() == Algorithm::es256) out["crv"] = "P-256";
  if (algorithm() == Algorithm::eddsa) out["crv"] = "Ed25519";
  for (const auto& [name, bytes] : numbers_of(algorithm(), key_.pkey()))
    if (with_private || name == "n" || name == "e" || name == "x" || name == "y")
      out[name] = base64url_encode(bytes);
  return out;
}

std::string SigningKey::private_jwk() const {
  return json_text(jwk(true), 2) + "\n";
}

std::string SigningKey::public_set() const {
  return json_text({{"keys", nlohmann::json::array({jwk(false)})}}, 2) + "\n";
}

}  // namespace framewire::jwt
