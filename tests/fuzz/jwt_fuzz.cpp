// Whatever a token, what it says, or a set of keys is: a value within the limits or a refusal with
// a sentence, no exception, and no rights by chance. The first byte chooses what the rest is.
#include <nlohmann/json.hpp>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/signing_key.h"
#include "relay/access/jwt/verify.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

using namespace framewire;
using fuzz::check;

constexpr jwt::Instant kNow{std::chrono::seconds{1'800'000'000}};

const jwt::SigningKey& signing_key() {
  static const auto key = jwt::SigningKey::generate(jwt::Algorithm::hs256, "k");
  return key;
}
const jwt::KeySet& keys() {
  static const auto set = jwt::KeySet::read(signing_key().public_set());
  return *set;
}

template <class T>
void check_refusal(const jwt::Checked<T>& checked) {
  check(checked || !checked.error().what.empty(), "a refusal has a sentence");
}

// Nobody who has not the key is let in.
void try_token(std::string_view text) {
  check_refusal(jwt::take_apart(text));
  const auto claims = jwt::verify(text, keys(), {}, kNow);
  check(!claims, "no token is good by chance");
  check_refusal(claims);
  if (const auto bytes = jwt::base64url_decode(text))
    check(jwt::base64url_encode(*bytes) == text, "base64url has one spelling");
}

// Of who has the key.
void try_claims(std::string_view text) {
  const auto claims = jwt::read_claims(text, {}, kNow);
  check_refusal(claims);
  const auto token = signing_key().sign_text(R"({"alg":"HS256"})", text);
  const auto whole = jwt::verify(*token, keys(), {}, kNow);
  if (token->size() <= jwt::kTokenBytes)
    check(whole.has_value() == claims.has_value(), "what is signed is what is read");
  if (!claims) return;
  check(claims->expires + std::chrono::seconds{60} > kNow, "it has not expired");
  check(!claims->rights.empty() && claims->rights.size() <= jwt::kRights, "rights are limited");
  for (const auto& right : claims->rights)
    check(jwt::is_right_pattern(right.stream), "streams are patterns");
  check(claims->subject.find('\n') == std::string::npos, "names are of one line");
}

void try_header(std::string_view text) {
  const auto token = signing_key().sign_text(text, "{}");
  const auto jws = jwt::verify_signature(*token, keys());
  check_refusal(jws);
  if (jws) check(jws->algorithm == "HS256", "the key's algorithm and no other");
}

void try_keys(std::string_view text) {
  if (const auto set = jwt::KeySet::read(text)) {
    check(set->size() > 0 && set->size() <= jwt::kKeys, "keys are limited");
  } else {
    check(!set.error().what.empty(), "an error has a sentence");
  }
  if (const auto key = jwt::SigningKey::read(text)) {
    const auto again = jwt::SigningKey::read(key->private_jwk());
    check(again && again->private_jwk() == key->private_jwk(), "a key is written as it was read");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kTries[])(std::string_view) = {try_token, try_claims, try_header, try_keys};
  kTries[data[0] % std::size(kTries)]({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
