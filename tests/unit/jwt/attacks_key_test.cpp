// Attacks on keys and signatures.
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "relay/access/jwt/evp.h"
#include "relay/access/jwt/evp_handles.h"
#include "tests/unit/jwt/attack.h"

namespace framewire::jwt {
namespace {

std::string header_of(std::string_view algorithm, std::string_view key_id,
                      std::string_view more = "") {
  return fmt::format(R"({{"alg":"{}","kid":"{}"{}}})", algorithm, key_id, more);
}

// Signed with HMAC and a secret of the attacker's choice.
std::string forged(std::string_view header, std::string_view secret) {
  const std::string head = base64url_encode(header) + "." + base64url_encode(good_claims().dump());
  return head + "." + base64url_encode(hmac_sha256(secret, head));
}

const Key& public_key(const char* name) {
  return *Issuer::get().keys.find(std::string{name});
}

std::string pem_of(const Key& key) {
  BIO* const out = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(out, key.pkey().get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

std::string der_of(std::string_view raw) {
  const EcdsaSignature pair{ECDSA_SIG_new()};
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(octets(raw), 32, nullptr),
                 BN_bin2bn(octets(raw) + 32, 32, nullptr));
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  unsigned char* to = octets(der);
  i2d_ECDSA_SIG(pair.get(), &to);
  return der;
}

// A signature of RSASSA-PSS that is right but for the length of its salt.
std::string salted(const std::string& message, int salt_bytes) {
  const auto private_rsa = nlohmann::json::parse(Issuer::get().ps.private_jwk());
  Numbers numbers;
  for (const char* name : {"n", "e", "d", "p", "q", "dp", "dq", "qi"})
    numbers[name] = *base64url_decode(private_rsa[name].get<std::string>());
  const PkeyPtr key = make_rsa(numbers);
  const DigestContext context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* of_key = nullptr;
  EVP_DigestSignInit(context.get(), &of_key, EVP_sha256(), nullptr, key.get());
  EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, salt_bytes);
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  EVP_DigestSign(context.get(), octets(signature), &size, octets(message), message.size());
  return signature;
}

// S + L of Ed25519, which a careless verifier takes as well as S (RFC 8032 8.4).
std::string plus_order(std::string signature) {
  constexpr unsigned char kOrder[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                        0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                        0,    0,    0,    0,    0,    0,    0,    0,
                                        0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + kOrder[i];
    signature[32 + i] = static_cast<char>(carry & 0xff);
    carry >>= 8;
  }
  return signature;
}

TEST(Attacks, APublicKeyAsASecret) {
  std::vector<Attack> attacks;
  for (const char* name : {"rs", "ps", "es", "ed"}) {
    const SigningKey& key = Issuer::get().of(public_key(name).algorithm());
    const nlohmann::json jwk = Issuer::jwk_of(key);
    const std::string number = jwk.value("n", jwk.value("x", ""));
    const std::pair<const char*, std::string> secrets[] = {
        {"its PEM", pem_of(public_key(name))},
        {"its JWK", jwk.dump()},
        {"its set", key.public_set()},
        {"its number, as text", number},
        {"its number", base64url_decode(number).value_or("")},
    };
    for (const auto& [what, secret] : secrets) {
      const std::string title = fmt::format("key {}: {} as the secret", name, what);
      attacks.push_back({title, forged(header_of("HS256", name), secret), Fault::algorithm});
      attacks.push_back({title + ", its own alg",
                         forged(header_of(to_string(key.algorithm()), name), secret),
                         Fault::signature});
      attacks.push_back({title + ", for the HS256 key", forged(header_of("HS256", "hs"), secret),
                         Fault::signature});
    }
  }
  expect_refused(attacks);
}

TEST(Attacks, OnTheChoiceOfTheKey) {
  const Issuer& all = Issuer::get();
  const SigningKey mine = SigningKey::generate(Algorithm::es256, "mine");
  const std::string payload = good_claims().dump();
  const auto by = [&](const SigningKey& key, const std::string& header) {
    return key.sign_text(header, payload).value_or("");
  };
  const auto named = [](const std::string& key_id) {
    return forged(header_of("HS256", key_id), "");
  };
  const std::string my_jwk = Issuer::jwk_of(mine).dump();
  constexpr Fault kUnknown = Fault::key_unknown;
  expect_refused({
      {"an empty secret", forged(header_of("HS256", "hs"), ""), Fault::signature},
      {"a secret of NULs", forged(header_of("HS256", "hs"), std::string(32, '\0')),
       Fault::signature},
      {"the key's name as the secret", forged(header_of("HS256", "hs"), "hs"), Fault::signature},
      {"kid as a path", named("../../../../dev/null"), kUnknown},
      {"kid as a path from the root", named("/dev/null"), kUnknown},
      {"kid as a URL", named("https://mallory.example/keys"), kUnknown},
      {"kid as a command", named("| id"), kUnknown},
      {"kid as SQL", named("x' UNION SELECT 's3cret"), kUnknown},
      {"kid of nothing", named(""), kUnknown},
      {"kid with a NUL", named("hs\\u0000"), kUnknown},
      {"kid in capitals", named("HS"), kUnknown},
      {"kid of 4 KiB", named(std::string(4096, 'k')), kUnknown},
      {"no kid, several keys", forged(R"({"alg":"HS256"})", ""), kUnknown},
      {"another's key of this name", by(mine, header_of("ES256", "es")), Fault::signature},
      {"another's key, and its name", by(mine, header_of("ES256", "mine")), kUnknown},
      {"another's key, in the header", by(mine, header_of("ES256", "es", ",\"jwk\":" + my_jwk)),
       Fault::signature},
      {"another's key, in the header, by its name",
       by(mine, header_of("ES256", "mine", ",\"jwk\":" + my_jwk)), kUnknown},
      {"an address of keys in the header",
       by(mine, header_of("ES256", "es", R"(,"jku":"https://mallory.example/keys")")),
       Fault::signature},
      {"certificates in the header",
       by(mine, header_of("ES256", "es", R"(,"x5c":["MIIB"],"x5u":"https://mallory.example/c")")),
       Fault::signature},
      {"RS256 by the key of PS256", by(all.rs, header_of("RS256", "ps")), Fault::algorithm},
      {"RS256 said to be PS256", by(all.rs, header_of("PS256", "ps")), Fault::signature},
      {"PS256 by the key of RS256", by(all.ps, header_of("PS256", "rs")), Fault::algorithm},
      {"PS256 said to be RS256", by(all.ps, header_of("RS256", "rs")), Fault::signature},
      {"ES256 by the key of EdDSA", by(all.es, header_of("ES256", "ed")), Fault::algorithm},
      {"EdDSA by the key of ES256", by(all.ed, header_of("EdDSA", "es")), Fault::algorithm},
      {"EdDSA said to be ES256", by(all.ed, header_of("ES256", "es")), Fault::signature},
      {"ES256 said to be EdDSA", by(all.es, header_of("EdDSA", "ed")), Fault::signature},
      {"ES256 by the key of HS256", by(all.es, header_of("ES256", "hs")), Fault::algorithm},
      {"HS256 said to be RS256", by(all.hs, header_of("RS256", "rs")), Fault::signature},
  });
}

TEST(Attacks, OnTheSignature) {
  std::vector<Attack> attacks;
  for (const char* name : {"hs", "rs", "ps", "es", "ed"}) {
    const SigningKey& key = Issuer::get().of(public_key(name).algorithm());
    const Parts good{good_token(key)};
    const std::string raw = good.raw_signature();
    auto more_rights = good_claims();
    more_rights["framewire"][0]["action"] = "manage";
    const Parts other{signed_by(key, more_rights)};
    const auto flipped = [&](std::size_t at) {
      std::string bytes = raw;
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      return good.with_signature(bytes);
    };
    const auto add = [&](const char* what, const std::string& token) {
      attacks.push_back({fmt::format("key {}: {}", name, what), token, Fault::signature});
    };
    add("another header",
        base64url_encode(header_of(to_string(key.algorithm()), name, R"(,"typ":"x")")) + "." +
            good.payload + "." + good.signature);
    add("another payload", good.header + "." + other.payload + "." + good.signature);
    add("another's signature", good.signed_part() + "." + other.signature);
    add("a bit of its first byte", flipped(0));
    add("a bit of its middle", flipped(raw.size() / 2));
    add("a bit of its last byte", flipped(raw.size() - 1));
    add("none", good.with_signature(""));
    add("a byte less", good.with_signature(raw.substr(0, raw.size() - 1)));
    add("a byte less in front", good.with_signature(raw.substr(1)));
    add("a byte more", good.with_signature(raw + '\0'));
    add("a NUL in front", good.with_signature('\0' + raw));
    add("twice", good.with_signature(raw + raw));
    add("NULs", good.with_signature(std::string(raw.size(), '\0')));
    add("ones", good.with_signature(std::string(raw.size(), '\xff')));
  }
  expect_refused(attacks);
}

TEST(Attacks, OnTheSignatureOfOneAlgorithm) {
  const Issuer& all = Issuer::get();
  const Parts es{good_token(all.es)};
  const std::string raw = es.raw_signature();
  constexpr std::string_view order{
      "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
      "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51",
      32};
  const std::string zeros(32, '\0');
  const std::string r = raw.substr(0, 32);
  const std::string s = raw.substr(32);
  const Parts ed{good_token(all.ed)};
  const Parts ps{good_token(all.ps)};
  const Parts hs{good_token(all.hs)};
  expect_refused({
      {"ES256 in DER", es.with_signature(der_of(raw)), Fault::signature},
      {"ES256 with wide numbers", es.with_signature('\0' + r + '\0' + s), Fault::signature},
      {"ES256 as long as ES512",
       es.with_signature(std::string(34, '\0') + r + std::string(34, '\0') + s), Fault::signature},
      {"ES256 of r alone", es.with_signature(r), Fault::signature},
      {"ES256 with s and r", es.with_signature(s + r), Fault::signature},
      {"ES256 with r = 0", es.with_signature(zeros + s), Fault::signature},
      {"ES256 with s = 0", es.with_signature(r + zeros), Fault::signature},
      {"ES256 with r = n", es.with_signature(std::string{order} + s), Fault::signature},
      {"ES256 with s = n", es.with_signature(r + std::string{order}), Fault::signature},
      {"EdDSA with S + L", ed.with_signature(plus_order(ed.raw_signature())), Fault::signature},
      {"PS256 without salt", ps.with_signature(salted(ps.signed_part(), 0)), Fault::signature},
      {"PS256 with a short salt", ps.with_signature(salted(ps.signed_part(), 20)),
       Fault::signature},
      {"HS256 cut to 16 bytes", hs.with_signature(hs.raw_signature().substr(0, 16)),
       Fault::signature},
  });
  EXPECT_TRUE(checked(ps.with_signature(salted(ps.signed_part(), 32)))) << "the salt it has to be";
}

TEST(Attacks, LeaveNoErrorForTls) {
  const Parts es{good_token(Issuer::get().es)};
  ERR_clear_error();
  EXPECT_FALSE(checked(es.with_signature(std::string(64, '\x01'))));
  EXPECT_FALSE(
      checked(Parts{good_token(Issuer::get().rs)}.with_signature(std::string(256, '\x01'))));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace framewire::jwt
