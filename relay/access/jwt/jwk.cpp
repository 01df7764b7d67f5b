#include "relay/access/jwt/jwk.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {
namespace {

using nlohmann::json;
template <class T>
using Read = tl::expected<T, JwkTrouble>;

tl::unexpected<JwkTrouble> wrong(std::string what) {
  return tl::make_unexpected(JwkTrouble{false, std::move(what)});
}
tl::unexpected<JwkTrouble> leave_out(std::string what) {
  return tl::make_unexpected(JwkTrouble{true, std::move(what)});
}

// "": not there.
Read<std::string> text_of(const json& jwk, const char* name) {
  const json* value = member(jwk, name);
  if (value == nullptr) return std::string{};
  if (!value->is_string() || value->get_ref<const std::string&>().empty())
    return wrong(std::string{"has a \""} + name + "\" that is no text");
  return value->get<std::string>();
}

Read<void> check_use(const json& jwk, Purpose purpose) {
  const auto use = text_of(jwk, "use");
  if (!use) return tl::make_unexpected(use.error());
  if (!use->empty() && *use != "sig") return leave_out("is not for signatures (\"use\")");
  const json* operations = member(jwk, "key_ops");
  if (operations == nullptr) return {};
  if (!operations->is_array() || !std::all_of(operations->begin(), operations->end(),
                                              [](const json& one) { return one.is_string(); }))
    return wrong("has \"key_ops\" that are no list of texts");
  const char* const wanted = purpose == Purpose::sign ? "sign" : "verify";
  if (std::find(operations->begin(), operations->end(), wanted) == operations->end())
    return leave_out(std::string{"may not "} + wanted + " (\"key_ops\")");
  return {};
}

// The only algorithm that the kind of key is for; nullopt: there are two.
Read<std::optional<Algorithm>> usual_algorithm(const json& jwk, const std::string& kind) {
  if (kind == "oct") return Algorithm::hs256;
  if (kind == "RSA") return std::nullopt;
  if (kind != "EC" && kind != "OKP") return leave_out("is of a kind that is not taken (\"kty\")");
  const auto curve = text_of(jwk, "crv");
  if (!curve) return tl::make_unexpected(curve.error());
  if (curve->empty()) return wrong("names no curve (\"crv\")");
  if (kind == "EC" && *curve == "P-256") return Algorithm::es256;
  if (kind == "OKP" && *curve == "Ed25519") return Algorithm::eddsa;
  return leave_out("is of a curve that is not taken (\"crv\")");
}

Read<Algorithm> algorithm_of(const json& jwk, const std::string& kind) {
  const auto usual = usual_algorithm(jwk, kind);
  if (!usual) return tl::make_unexpected(usual.error());
  const auto name = text_of(jwk, "alg");
  if (!name) return tl::make_unexpected(name.error());
  if (name->empty()) {
    if (*usual) return **usual;
    return wrong("could be for RS256 or PS256: its \"alg\" has to say which");
  }
  const auto named = algorithm_named(*name);
  if (!named) return leave_out("is for an algorithm that is not taken (\"alg\")");
  const bool is_rsa = *named == Algorithm::rs256 || *named == Algorithm::ps256;
  if (*usual ? *named != **usual : !is_rsa)
    return wrong("has an \"alg\" that its kind cannot be for");
  return *named;
}

Read<Numbers> numbers_named(const json& jwk, std::initializer_list<const char*> names) {
  Numbers out;
  for (const char* name : names) {
    const json* value = member(jwk, name);
    auto bytes = value != nullptr && value->is_string()
                     ? base64url_decode(value->get_ref<const std::string&>())
                     : std::nullopt;
    if (!bytes || bytes->empty())
      return wrong(std::string{"has no \""} + name + "\" that is base64url");
    out[name] = *std::move(bytes);
  }
  return out;
}

int bits_in(std::string_view number) {
  while (!number.empty() && number.front() == '\0') number.remove_prefix(1);
  if (number.empty()) return 0;
  int bits = static_cast<int>(number.size() - 1) * 8;
  for (unsigned top = static_cast<unsigned char>(number.front()); top > 0; top >>= 1) ++bits;
  return bits;
}

Read<PkeyPtr> rsa_of(const json& jwk, Purpose purpose) {
  constexpr int kExponentBits = 64;
  const bool with_private = purpose == Purpose::sign;
  const auto numbers = with_private
                           ? numbers_named(jwk, {"n", "e", "d", "p", "q", "dp", "dq", "qi"})
                           : numbers_named(jwk, {"n", "e"});
  if (!numbers) return tl::make_unexpected(numbers.error());
  const int bits = bits_in(numbers->at("n"));
  if (bits < kRsaBits) return wrong("is an RSA key of fewer than 2048 bits");
  if (bits > kLongestRsaBits) return wrong("is an RSA key of more than 8192 bits");
  if (bits_in(numbers->at("e")) > kExponentBits) return wrong("has an \"e\" of more than 64 bits");
  if (PkeyPtr made = make_rsa(*numbers)) return made;
  return wrong("has numbers that are no RSA key");
}

Read<PkeyPtr> pkey_of(const json& jwk, Algorithm algorithm, Purpose purpose) {
  const bool with_private = purpose == Purpose::sign;
  if (member(jwk, "d") != nullptr && !with_private)
    return wrong("is a private key, where the public one is wanted");
  if (member(jwk, "d") == nullptr && with_private) return wrong("has no private part (\"d\")");
  if (algorithm == Algorithm::rs256 || algorithm == Algorithm::ps256) return rsa_of(jwk, purpose);
  if (algorithm == Algorithm::es256) {
    const auto numbers =
        with_private ? numbers_named(jwk, {"x", "y", "d"}) : numbers_named(jwk, {"x", "y"});
    if (!numbers) return tl::make_unexpected(numbers.error());
    if (PkeyPtr made = make_p256(*numbers)) return made;
    return wrong("has numbers that are no point of P-256");
  }
  const auto numbers = with_private ? numbers_named(jwk, {"x", "d"}) : numbers_named(jwk, {"x"});
  if (!numbers) return tl::make_unexpected(numbers.error());
  if (PkeyPtr made = make_ed25519(*numbers)) return made;
  return wrong("has numbers that are no Ed25519 key");
}

Read<Secret> secret_of(const json& jwk) {
  auto numbers = numbers_named(jwk, {"k"});
  if (!numbers) return tl::make_unexpected(numbers.error());
  std::string& bytes = (*numbers)["k"];
  if (bytes.size() < kSecretBytes) return wrong("is a secret of fewer than 32 bytes");
  if (bytes.size() > kLongestSecret) return wrong("is a secret of more than 1024 bytes");
  return make_secret(std::move(bytes));
}

}  // namespace

tl::expected<NamedKey, JwkTrouble> read_jwk(const json& jwk, Purpose purpose) {
  const auto kind = text_of(jwk, "kty");
  if (!kind) return tl::make_unexpected(kind.error());
  if (kind->empty()) return wrong("does not say of which kind it is (\"kty\")");
  if (const auto good = check_use(jwk, purpose); !good) return tl::make_unexpected(good.error());
  const auto algorithm = algorithm_of(jwk, *kind);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  auto key_id = text_of(jwk, "kid");
  if (!key_id) return tl::make_unexpected(key_id.error());
  if (key_id->size() > kKeyIdBytes) return wrong("has a \"kid\" of more than 256 bytes");
  const auto named = key_id->empty() ? std::nullopt : std::optional{*std::move(key_id)};
  if (*algorithm == Algorithm::hs256) {
    auto secret = secret_of(jwk);
    if (!secret) return tl::make_unexpected(secret.error());
    return NamedKey{named, Key{*std::move(secret)}};
  }
  auto pkey = pkey_of(jwk, *algorithm, purpose);
  if (!pkey) return tl::make_unexpected(pkey.error());
  return NamedKey{named, Key{*algorithm, *std::move(pkey)}};
}

}  // namespace framewire::jwt
