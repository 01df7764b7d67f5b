#include "relay/base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace framewire::relay {

std::array<unsigned char, 32> sha256(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return digest;
}

bool same_secret(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  const auto left = sha256(a), right = sha256(b);
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace framewire::relay
