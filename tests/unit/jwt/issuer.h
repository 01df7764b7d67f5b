// Somebody who issues tokens with a key of each algorithm, and the set of keys that a server would
// have of it. Keys are made once for all tests of the program.
#pragma once
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/signing_key.h"
#include "relay/access/jwt/verify.h"

namespace framewire::jwt {

inline constexpr Instant kNow{std::chrono::seconds{1'800'000'000}};

inline std::int64_t seconds_from_now(std::int64_t seconds) {
  return kNow.time_since_epoch().count() + seconds;
}

inline nlohmann::json good_claims() {
  return {{"iss", "https://login.example"},
          {"aud", "framewire"},
          {"sub", "mallory-s3cret"},
          {"exp", seconds_from_now(600)},
          {"framewire", {{{"action", "watch"}, {"stream", "cam*"}}}}};
}

inline Rules good_rules() {
  return {.issuer = "https://login.example", .audiences = {"framewire"}};
}

struct Issuer {
  SigningKey hs = SigningKey::generate(Algorithm::hs256, "hs");
  SigningKey rs = SigningKey::generate(Algorithm::rs256, "rs");
  SigningKey ps = SigningKey::generate(Algorithm::ps256, "ps");
  SigningKey es = SigningKey::generate(Algorithm::es256, "es");
  SigningKey ed = SigningKey::generate(Algorithm::eddsa, "ed");
  KeySet keys = read_all();

  static const Issuer& get() {
    static const Issuer one;
    return one;
  }
  const SigningKey& of(Algorithm algorithm) const {
    const SigningKey* const all[] = {&hs, &rs, &ps, &es, &ed};
    return *all[static_cast<std::size_t>(algorithm)];
  }
  // What `key` would have in a set.
  static nlohmann::json jwk_of(const SigningKey& key) {
    return nlohmann::json::parse(key.public_set())["keys"][0];
  }

 private:
  KeySet read_all() const {
    nlohmann::json set{{"keys", nlohmann::json::array()}};
    for (const SigningKey* key : {&hs, &rs, &ps, &es, &ed}) set["keys"].push_back(jwk_of(*key));
    auto read = KeySet::read(set.dump());
    EXPECT_TRUE(read) << (read ? "" : read.error().what);
    return read.value_or(KeySet{});
  }
};

inline std::string signed_by(const SigningKey& key, const nlohmann::json& claims) {
  return key.sign(claims).value_or("");
}

inline Checked<Claims> checked(std::string_view token, const KeySet& keys = Issuer::get().keys,
                               const Rules& rules = good_rules()) {
  return verify(token, keys, rules, kNow);
}

}  // namespace framewire::jwt
