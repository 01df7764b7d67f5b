#include "relay/access/jwt/signing_key.h"

#include <gmock/gmock.h>

#include "tests/unit/jwt/issuer.h"

namespace framewire::jwt {
namespace {

constexpr Algorithm kAll[] = {Algorithm::hs256, Algorithm::rs256, Algorithm::ps256,
                              Algorithm::es256, Algorithm::eddsa};

TEST(SigningKey, WhatItSignsIsVerified) {
  for (const Algorithm algorithm : kAll) {
    const auto claims = checked(signed_by(Issuer::get().of(algorithm), good_claims()));
    ASSERT_TRUE(claims) << to_string(algorithm) << ": " << claims.error().what;
    EXPECT_EQ(claims->subject, "mallory-s3cret");
    EXPECT_EQ(claims->rights, (std::vector<Right>{{Action::watch, "cam*"}}));
  }
}

TEST(SigningKey, IsReadAsItWasWritten) {
  for (const Algorithm algorithm : kAll) {
    const SigningKey& ours = Issuer::get().of(algorithm);
    const auto again = SigningKey::read(ours.private_jwk());
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(again->private_jwk(), ours.private_jwk());
    EXPECT_EQ(again->key_id(), ours.key_id());
    EXPECT_EQ(again->algorithm(), algorithm);
    EXPECT_TRUE(checked(signed_by(*again, good_claims())));
  }
}

TEST(SigningKey, ThePublicSetHasNoPrivateNumbers) {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa}) {
    const nlohmann::json jwk = Issuer::jwk_of(Issuer::get().of(algorithm));
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"})
      EXPECT_FALSE(jwk.contains(name)) << to_string(algorithm) << " " << name;
  }
}

TEST(SigningKey, NamesOfKeysAreByChanceIfNoneIsSaid) {
  const auto one = SigningKey::generate(Algorithm::eddsa, "");
  const auto other = SigningKey::generate(Algorithm::eddsa, "");
  EXPECT_EQ(one.key_id().size(), 16u);
  EXPECT_NE(one.key_id(), other.key_id());
}

TEST(SigningKey, ATokenThatNobodyWouldTakeIsNotMade) {
  auto claims = good_claims();
  claims["more"] = std::string(8192, 'x');
  const auto token = Issuer::get().ed.sign(claims);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::limit_exceeded);
}

TEST(SigningKey, APublicOrBrokenKeySignsNothing) {
  const Issuer& issuer = Issuer::get();
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa}) {
    const auto read = SigningKey::read(Issuer::jwk_of(issuer.of(algorithm)).dump());
    ASSERT_FALSE(read) << to_string(algorithm);
    EXPECT_THAT(read.error().what, testing::HasSubstr("private"));
  }
  // The private part of one key, the public of another.
  const auto mixed = [](const SigningKey& one, const SigningKey& other, const char* name) {
    auto jwk = nlohmann::json::parse(one.private_jwk());
    jwk[name] = nlohmann::json::parse(other.private_jwk())[name];
    return jwk.dump();
  };
  EXPECT_FALSE(
      SigningKey::read(mixed(issuer.es, SigningKey::generate(Algorithm::es256, "other"), "d")));
  EXPECT_FALSE(
      SigningKey::read(mixed(issuer.ed, SigningKey::generate(Algorithm::eddsa, "other"), "d")));
  EXPECT_FALSE(SigningKey::read(mixed(issuer.rs, issuer.ps, "d")));
  for (const char* none : {"", "{}", "[]", "null", R"({"keys":[]})"})
    EXPECT_FALSE(SigningKey::read(none)) << none;
}

}  // namespace
}  // namespace framewire::jwt
