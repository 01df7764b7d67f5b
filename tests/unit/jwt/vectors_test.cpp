// What the RFCs print, taken as they print it. Their `exp` is of 2011, so this is the signature's
// half; A.2's key says no algorithm and gets one here, for nobody could tell it from PS256.
#include "tests/unit/jwt/vectors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relay/access/jwt/signing_key.h"
#include "relay/access/jwt/verify.h"

namespace framewire::jwt {
namespace {

using namespace vectors;

KeySet key(const std::string& jwk) {
  auto read = KeySet::read(jwk);
  EXPECT_TRUE(read) << (read ? "" : read.error().what);
  return read.value_or(KeySet{});
}

const std::string kOct = fmt::format(R"({{"kty":"oct","k":"{}"}})", kSecret);
const std::string kRsa =
    fmt::format(R"({{"kty":"RSA","n":"{}","e":"AQAB","alg":"RS256"}})", kModulus);
const std::string kP256 = fmt::format(R"({{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}})", kX, kY);
const std::string kOkp = fmt::format(R"({{"kty":"OKP","crv":"Ed25519","x":"{}"}})", kXEd25519);

TEST(Vectors, AreSignedWithTheirKeys) {
  struct Case {
    const char* name;
    std::string jwk;
    const char* token;
    const char* payload;
  };
  constexpr const char* kClaims =
      "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
  const Case cases[] = {
      {"RFC 7515 A.1, HS256", kOct, kA1, kClaims},
      {"RFC 7515 A.2, RS256", kRsa, kA2, kClaims},
      {"RFC 7515 A.3, ES256", kP256, kA3, kClaims},
      {"RFC 8037 A.4, EdDSA", kOkp, kEd25519Token, "Example of Ed25519 signing"},
  };
  for (const Case& c : cases) {
    const auto jws = verify_signature(c.token, key(c.jwk));
    ASSERT_TRUE(jws) << c.name << ": " << jws.error().what;
    EXPECT_EQ(jws->payload, c.payload) << c.name;
  }
}

TEST(Vectors, AreOldTokens) {
  const Rules rules;
  for (const auto& [jwk, token] : {std::pair{kOct, kA1}, {kRsa, kA2}, {kP256, kA3}}) {
    const auto claims = verify(token, key(jwk), rules, Instant{std::chrono::seconds{1300819440}});
    ASSERT_FALSE(claims);
    EXPECT_EQ(claims.error().fault, Fault::expired);
  }
}

TEST(Vectors, Es512IsNotTaken) {  // RFC 7515 A.4
  const std::string jwk = fmt::format(
      R"({{"keys":[{{"kty":"EC","crv":"P-521","x":"{}","y":"{}"}},{}]}})", kX521, kY521, kP256);
  const KeySet keys = key(jwk);
  EXPECT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys.left_out(),
            std::vector<std::string>{"key 1 is of a curve that is not taken (\"crv\")"});
  const auto jws = verify_signature(kA4, keys);
  ASSERT_FALSE(jws);
  EXPECT_EQ(jws.error().fault, Fault::algorithm);
}

TEST(Vectors, Ed25519SignsAsTheRfcDoes) {
  const auto ours = SigningKey::read(fmt::format(
      R"({{"kty":"OKP","crv":"Ed25519","d":"{}","x":"{}"}})", kPrivateEd25519, kXEd25519));
  ASSERT_TRUE(ours) << ours.error().what;
  EXPECT_EQ(ours->sign_text(R"({"alg":"EdDSA"})", "Example of Ed25519 signing").value_or(""),
            kEd25519Token);
}

TEST(Vectors, HmacSignsAsTheRfcDoes) {
  const auto ours = SigningKey::read(kOct);
  ASSERT_TRUE(ours) << ours.error().what;
  const auto jws = take_apart(kA1);
  ASSERT_TRUE(jws);
  EXPECT_EQ(ours->sign_text("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", jws->payload).value_or(""),
            kA1);
}

}  // namespace
}  // namespace framewire::jwt
