// OpenSSL's EVP, as far as tokens need it: keys made of numbers, signatures checked and made.
// Nothing is left in OpenSSL's queue of errors, where TLS on the same thread would find it.
// Thread: any; a key is immutable once it is made. Source: RFC 7518 3, RFC 8037 3.1.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "relay/access/jwt/algorithm.h"

struct evp_pkey_st;  // EVP_PKEY

namespace framewire::jwt {

using PkeyPtr = std::shared_ptr<evp_pkey_st>;
// A key's numbers by the names that JWK has for them (RFC 7518 6), big-endian bytes.
using Numbers = std::map<std::string, std::string, std::less<>>;

// Null: they are no key. RSA: n, e; with d a private key, with p, q, dp, dq, qi beside it a faster
// one. P-256: x, y, d. Ed25519: x, d.
PkeyPtr make_rsa(const Numbers& numbers);
PkeyPtr make_p256(const Numbers& numbers);
PkeyPtr make_ed25519(const Numbers& numbers);

// A new one, private, of `algorithm`, which is not HS256. RSA: of 2048 bits, with e = 65537.
PkeyPtr generate(Algorithm algorithm);
Numbers numbers_of(Algorithm algorithm, const PkeyPtr& key);

int bits_of(const PkeyPtr& key);

std::string hmac_sha256(std::string_view secret, std::string_view message);
std::string random_bytes(std::size_t count);
bool same_in_constant_time(std::string_view a, std::string_view b);

// `signature` as tokens have it: ES256 is r and s, 32 bytes each, never DER.
bool verify_with(Algorithm algorithm, const PkeyPtr& key, std::string_view message,
                 std::string_view signature);
// "": it could not be made.
std::string sign_with(Algorithm algorithm, const PkeyPtr& key, std::string_view message);

}  // namespace framewire::jwt
