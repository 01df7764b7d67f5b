// A table of tokens that have to be refused, each by its name, with a sentence that tells nothing
// of them.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/jwt/issuer.h"

namespace framewire::jwt {

struct Attack {
  std::string name;
  std::string token;
  Fault fault;
};

struct Parts {
  std::string header, payload, signature;

  explicit Parts(const std::string& token)
      : header(token.substr(0, token.find('.'))),
        payload(token.substr(header.size() + 1, token.rfind('.') - header.size() - 1)),
        signature(token.substr(token.rfind('.') + 1)) {}
  std::string token() const { return header + "." + payload + "." + signature; }
  std::string signed_part() const { return header + "." + payload; }
  std::string raw_signature() const { return base64url_decode(signature).value_or(""); }
  std::string with_signature(std::string_view raw) const {
    return signed_part() + "." + base64url_encode(raw);
  }
};

inline std::string good_token(const SigningKey& key) {
  return signed_by(key, good_claims());
}

// Nothing that the token says, neither encoded nor decoded.
inline void expect_silent(const Attack& attack, const std::string& sentence) {
  EXPECT_FALSE(sentence.empty()) << attack.name;
  for (const char* told : {"mallory", "s3cret", "login.example", "cam*", "dev/null"})
    EXPECT_EQ(sentence.find(told), std::string::npos) << attack.name << ": " << sentence;
  std::string_view rest = attack.token;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    if (part.size() > 8) {
      EXPECT_EQ(sentence.find(part.substr(0, 8)), std::string::npos) << attack.name;
    }
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  }
}

inline void expect_refused(const std::vector<Attack>& attacks) {
  for (const Attack& attack : attacks) {
    const auto claims = checked(attack.token);
    if (claims) {
      ADD_FAILURE() << attack.name << " was taken";
      continue;
    }
    EXPECT_EQ(to_string(claims.error().fault), to_string(attack.fault))
        << attack.name << ": " << claims.error().what;
    expect_silent(attack, claims.error().what);
  }
}

}  // namespace framewire::jwt
