#include "relay/access/jwt/evp.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "relay/access/jwt/evp_handles.h"

namespace framewire::jwt {
namespace {

constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519SignatureBytes = 64;

// Fetched once: by name it is looked for at every signature.
const EVP_MD* sha256() {
  static const EVP_MD* const kDigest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kDigest;
}

// How RSA pads: as the algorithm says, with nothing of it left to the signature.
bool set_padding(Algorithm algorithm, EVP_PKEY_CTX* context) {
  if (algorithm == Algorithm::rs256)
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
  if (algorithm != Algorithm::ps256) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

const EVP_MD* digest_of(Algorithm algorithm) {
  return algorithm == Algorithm::eddsa ? nullptr : sha256();
}

// r and s to the DER that OpenSSL takes. "": not 64 bytes.
std::string der_of(std::string_view raw) {
  if (raw.size() != 2 * kP256Bytes) return {};
  const EcdsaSignature pair{ECDSA_SIG_new()};
  BigNumber r{BN_bin2bn(octets(raw), kP256Bytes, nullptr)};
  BigNumber s{BN_bin2bn(octets(raw) + kP256Bytes, kP256Bytes, nullptr)};
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<std::size_t>(size), '\0');
  unsigned char* to = octets(der);
  i2d_ECDSA_SIG(pair.get(), &to);
  return der;
}

std::string raw_of(std::string_view der) {
  const unsigned char* from = octets(der);
  const EcdsaSignature pair{d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()))};
  if (!pair) return {};
  std::string raw(2 * kP256Bytes, '\0');
  constexpr int kSize = static_cast<int>(kP256Bytes);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), octets(raw), kSize) != kSize ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), octets(raw) + kSize, kSize) != kSize)
    return {};
  return raw;
}

}  // namespace

std::string hmac_sha256(std::string_view secret, std::string_view message) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(sha256(), secret.data(), static_cast<int>(secret.size()), octets(message),
           message.size(), octets(out), &size) == nullptr)
    throw std::runtime_error("OpenSSL has no HMAC");
  out.resize(size);
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(octets(out), static_cast<int>(count)) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
  return out;
}

bool same_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool verify_with(Algorithm algorithm, const PkeyPtr& key, std::string_view message,
                 std::string_view signature) {
  const ErrorsForgotten forgotten;
  std::string der;
  if (algorithm == Algorithm::es256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  } else if (algorithm == Algorithm::eddsa && signature.size() != kEd25519SignatureBytes) {
    return false;
  }
  const DigestContext context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* of_key = nullptr;
  return context &&
         EVP_DigestVerifyInit(context.get(), &of_key, digest_of(algorithm), nullptr, key.get()) ==
             1 &&
         set_padding(algorithm, of_key) &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

std::string sign_with(Algorithm algorithm, const PkeyPtr& key, std::string_view message) {
  const ErrorsForgotten forgotten;
  const DigestContext context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* of_key = nullptr;
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), &of_key, digest_of(algorithm), nullptr, key.get()) != 1 ||
      !set_padding(algorithm, of_key) ||
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1)
    return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), octets(signature), &size, octets(message), message.size()) != 1)
    return {};
  signature.resize(size);
  return algorithm == Algorithm::es256 ? raw_of(signature) : signature;
}

}  // namespace framewire::jwt
