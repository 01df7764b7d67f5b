#include "relay/access/jwt/key_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "relay/access/jwt/limits.h"
#include "tests/unit/jwt/issuer.h"
#include "tests/unit/jwt/vectors.h"

namespace framewire::jwt {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using namespace vectors;

const json kRsa{{"kty", "RSA"}, {"n", kModulus}, {"e", "AQAB"}, {"alg", "RS256"}, {"kid", "r"}};
const json kOct{{"kty", "oct"}, {"k", kSecret}, {"kid", "o"}};
const json kEc{{"kty", "EC"}, {"crv", "P-256"}, {"x", kX}, {"y", kY}, {"kid", "e"}};
const json kOkp{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", kXEd25519}, {"kid", "k"}};

json changed(json jwk, const char* name, const json& value) {
  jwk[name] = value;
  return jwk;
}
json cut(json jwk, const char* name) {
  jwk.erase(name);
  return jwk;
}
json set_of(const std::vector<json>& keys) {
  return {{"keys", keys}};
}

// As some writers of numbers with a sign do it.
std::string with_nul_in_front(std::string_view number) {
  return base64url_encode('\0' + base64url_decode(number).value_or(""));
}

TEST(KeySet, EachKeyHasOneAlgorithm) {
  struct Case {
    json jwk;
    Algorithm algorithm;
  };
  for (const Case& c : std::initializer_list<Case>{
           {kRsa, Algorithm::rs256},
           {changed(kRsa, "alg", "PS256"), Algorithm::ps256},
           {kOct, Algorithm::hs256},
           {changed(kOct, "alg", "HS256"), Algorithm::hs256},
           {kEc, Algorithm::es256},
           {changed(kEc, "alg", "ES256"), Algorithm::es256},
           {kOkp, Algorithm::eddsa},
           {changed(kOkp, "alg", "EdDSA"), Algorithm::eddsa},
           {changed(kRsa, "use", "sig"), Algorithm::rs256},
           {changed(kRsa, "key_ops", json::array({"verify"})), Algorithm::rs256},
           {changed(kOct, "key_ops", json::array({"sign", "verify"})), Algorithm::hs256},
           {changed(kRsa, "x5c", json::array({"MIIB"})), Algorithm::rs256},
           {changed(kRsa, "n", with_nul_in_front(kModulus)), Algorithm::rs256},
       }) {
    const auto keys = KeySet::read(c.jwk.dump());
    ASSERT_TRUE(keys) << c.jwk << keys.error().what;
    const Key* key = keys->find(c.jwk["kid"].get<std::string>());
    ASSERT_TRUE(key) << c.jwk;
    EXPECT_EQ(key->algorithm(), c.algorithm) << c.jwk;
  }
}

TEST(KeySet, FindsByName) {
  const auto keys = KeySet::read(set_of({kRsa, kOct, kEc, kOkp}).dump());
  ASSERT_TRUE(keys) << keys.error().what;
  EXPECT_EQ(keys->size(), 4u);
  EXPECT_TRUE(keys->left_out().empty());
  EXPECT_EQ(keys->find("o")->algorithm(), Algorithm::hs256);
  EXPECT_EQ(keys->find("x"), nullptr);
  EXPECT_EQ(keys->find(""), nullptr);
  EXPECT_EQ(keys->find(std::nullopt), nullptr) << "there are several";
}

TEST(KeySet, AnOnlyKeyNeedsNoName) {
  const auto named = KeySet::read(kEc.dump());
  ASSERT_TRUE(named);
  EXPECT_TRUE(named->find(std::nullopt));
  EXPECT_TRUE(named->find("e"));
  const auto unnamed = KeySet::read(set_of({cut(kEc, "kid")}).dump());
  ASSERT_TRUE(unnamed);
  EXPECT_TRUE(unnamed->find(std::nullopt));
  EXPECT_EQ(unnamed->find("e"), nullptr);
}

TEST(KeySet, GoesWithoutKeysForSomethingElse) {
  const json others[] = {
      changed(kRsa, "use", "enc"),
      changed(kRsa, "alg", "RSA-OAEP"),
      changed(kRsa, "alg", "RS512"),
      changed(kRsa, "key_ops", json::array({"encrypt"})),
      changed(kRsa, "key_ops", json::array({"sign"})),
      changed(kRsa, "key_ops", json::array()),
      changed(kOct, "alg", "HS512"),
      changed(kOct, "alg", "A256GCM"),
      changed(kOct, "alg", "none"),
      changed(kEc, "crv", "P-384"),
      changed(kEc, "crv", "secp256k1"),
      changed(kEc, "alg", "ECDH-ES"),
      changed(kOkp, "crv", "X25519"),
      changed(kOkp, "crv", "Ed448"),
      changed(kOkp, "kty", "AKP"),
  };
  for (const json& other : others) {
    const auto keys = KeySet::read(set_of({changed(other, "kid", "other"), kEc}).dump());
    ASSERT_TRUE(keys) << other << keys.error().what;
    EXPECT_EQ(keys->size(), 1u) << other;
    EXPECT_EQ(keys->left_out().size(), 1u) << other;
    EXPECT_EQ(keys->find("other"), nullptr) << other;
    const auto alone = KeySet::read(other.dump());
    ASSERT_FALSE(alone) << other;
    EXPECT_THAT(alone.error().what, HasSubstr("no key of use: the key ")) << other;
  }
  const auto unnamed = KeySet::read(set_of({cut(kRsa, "kid"), kEc}).dump());
  ASSERT_TRUE(unnamed);
  EXPECT_EQ(unnamed->size(), 1u);
  EXPECT_EQ(unnamed->left_out().size(), 1u);
}

// A number of that many bits, as base64url; odd.
std::string number_of(int bits) {
  std::string bytes(static_cast<std::size_t>((bits + 7) / 8), '\x5b');
  bytes.front() = static_cast<char>(1 << ((bits - 1) % 8));
  return base64url_encode(bytes);
}

TEST(KeySet, RefusesWeakKeys) {
  struct Case {
    json jwk;
    const char* why;
  };
  const std::string secret31 = base64url_encode(std::string(31, 's'));
  for (const Case& c : std::initializer_list<Case>{
           {changed(kOct, "k", secret31), "fewer than 32 bytes"},
           {changed(kOct, "k", "AA"), "fewer than 32 bytes"},
           {changed(kOct, "k", base64url_encode(std::string(1025, 's'))), "more than 1024"},
           {changed(kRsa, "n", number_of(2047)), "fewer than 2048 bits"},
           {changed(kRsa, "n", number_of(1024)), "fewer than 2048 bits"},
           {changed(kRsa, "n", base64url_encode(std::string(256, '\0'))), "fewer than 2048 bits"},
           {changed(kRsa, "n", base64url_encode(std::string(200, '\0') + std::string(128, '\xff'))),
            "fewer than 2048 bits"},
           {changed(kRsa, "n", number_of(8193)), "more than 8192 bits"},
           {changed(kRsa, "e", "AQ"), "no RSA key"},    // 1: the signature is the message
           {changed(kRsa, "e", "AQAA"), "no RSA key"},  // even
           {changed(kRsa, "e", number_of(65)), "more than 64 bits"},
           {cut(kRsa, "alg"), "RS256 or PS256"},
           {changed(kEc, "d", kPrivateP256), "private"},
           {changed(kOkp, "d", kPrivateEd25519), "private"},
           {changed(kRsa, "d", "AQAB"), "private"},
       }) {
    const auto keys = KeySet::read(c.jwk.dump());
    ASSERT_FALSE(keys) << c.jwk;
    EXPECT_EQ(keys.error().code, Errc::refused);
    EXPECT_THAT(keys.error().what, HasSubstr(c.why));
    EXPECT_FALSE(KeySet::read(set_of({changed(kEc, "kid", "good"), c.jwk}).dump())) << c.jwk;
  }
}

TEST(KeySet, TakesASecretOf32Bytes) {
  EXPECT_TRUE(KeySet::read(changed(kOct, "k", base64url_encode(std::string(32, 's'))).dump()));
}

TEST(KeySet, RefusesWhatIsNoKey) {
  const std::string padded = std::string{kX} + "=";
  std::string off_curve{kY};
  off_curve[5] = off_curve[5] == 'A' ? 'B' : 'A';
  for (const json& jwk : {
           cut(kRsa, "kty"),
           changed(kRsa, "kty", 1),
           changed(kRsa, "kty", ""),
           changed(kRsa, "kty", json::array({"RSA"})),
           cut(kRsa, "n"),
           cut(kRsa, "e"),
           changed(kRsa, "n", 5),
           changed(kRsa, "n", ""),
           changed(kRsa, "e", ""),
           changed(kRsa, "alg", "HS256"),
           changed(kRsa, "alg", "ES256"),
           changed(kRsa, "alg", 256),
           changed(kRsa, "alg", json::array({"RS256", "PS256"})),
           changed(kRsa, "alg", ""),
           changed(kRsa, "alg", nullptr),
           changed(kOct, "alg", "RS256"),
           changed(kEc, "alg", "EdDSA"),
           changed(kOkp, "alg", "ES256"),
           cut(kOct, "k"),
           changed(kOct, "k", ""),
           changed(kOct, "k", std::string{kSecret} + "=="),
           changed(kOct, "k", std::string{" "} + kSecret),
           cut(kEc, "crv"),
           cut(kEc, "x"),
           cut(kEc, "y"),
           changed(kEc, "x", padded),
           changed(kEc, "x", kY),
           changed(kEc, "y", off_curve),
           changed(kEc, "x", std::string{"AA"} + kX),
           changed(kEc, "x", base64url_encode(std::string(32, '\0'))),
           changed(kEc, "x", base64url_encode(std::string(33, '\1'))),
           changed(kEc, "crv", 256),
           cut(kOkp, "x"),
           changed(kOkp, "x", base64url_encode(std::string(31, 'x'))),
           changed(kOkp, "x", base64url_encode(std::string(33, 'x'))),
           changed(kEc, "kid", 1),
           changed(kEc, "kid", ""),
           changed(kEc, "kid", std::string(257, 'k')),
           changed(kEc, "use", 1),
           changed(kEc, "key_ops", "verify"),
           changed(kEc, "key_ops", json::array({1})),
       }) {
    const auto keys = KeySet::read(jwk.dump());
    ASSERT_FALSE(keys) << jwk;
    EXPECT_EQ(keys.error().code, Errc::refused) << jwk << keys.error().what;
    EXPECT_FALSE(keys.error().what.empty());
  }
}

TEST(KeySet, RefusesWhatIsNoSet) {
  const std::string key = kEc.dump();
  struct Case {
    std::string text;
    Errc code;
  };
  json many = json::array();
  for (std::size_t i = 0; i <= kKeys; ++i) many.push_back(changed(kEc, "kid", std::to_string(i)));
  for (const Case& c : std::initializer_list<Case>{
           {"", Errc::bad_text},
           {"[]", Errc::bad_text},
           {"null", Errc::bad_text},
           {"-----BEGIN PUBLIC KEY-----\n", Errc::bad_text},
           {key + key, Errc::bad_text},
           {"{}", Errc::refused},
           {R"({"keys":{}})", Errc::bad_text},
           {R"({"keys":null})", Errc::bad_text},
           {R"({"keys":[]})", Errc::refused},
           {R"({"keys":["x"]})", Errc::bad_text},
           {R"({"keys":[[]]})", Errc::bad_text},
           {set_of({kEc, kEc}).dump(), Errc::refused},
           {set_of({kEc, changed(kOct, "kid", "e")}).dump(), Errc::refused},
           {set_of({cut(kEc, "kid"), cut(kOkp, "kid")}).dump(), Errc::refused},
           {R"({"keys":[],"keys":[)" + key + "]}", Errc::bad_text},
           {R"({"kid":"e","kid":"e",)" + key.substr(1), Errc::bad_text},
           {changed(kEc, "keys", json::array({kOkp})).dump(), Errc::refused},
           {json{{"keys", many}}.dump(), Errc::limit_exceeded},
           {key + std::string(kKeySetBytes, ' '), Errc::limit_exceeded},
       }) {
    const auto keys = KeySet::read(c.text);
    ASSERT_FALSE(keys) << c.text.substr(0, 99);
    EXPECT_EQ(keys.error().code, c.code) << c.text.substr(0, 99) << keys.error().what;
  }
}

TEST(KeySet, ErrorsHoldNothingOfTheKey) {
  for (const json& jwk : {cut(kRsa, "alg"), changed(kOct, "k", "c2VjcmV0"),
                          changed(kEc, "d", kPrivateP256), changed(kOct, "k", "c2VjcmV0=")}) {
    const auto keys = KeySet::read(jwk.dump());
    ASSERT_FALSE(keys);
    for (const char* secret : {kModulus, kSecret, kPrivateP256, "c2VjcmV0"})
      EXPECT_EQ(keys.error().what.find(std::string{secret}.substr(0, 8)), std::string::npos);
  }
}

}  // namespace
}  // namespace framewire::jwt
