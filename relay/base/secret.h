// Secrets are compared by their digests, in constant time. Thread: any.
#pragma once
#include <array>
#include <string_view>

namespace framewire::relay {

// SHA-256 (FIPS 180-4). Throws std::runtime_error where OpenSSL has none.
std::array<unsigned char, 32> sha256(std::string_view text);

// Whether two secrets are the same, in a time that tells nothing of either. Not for empty ones,
// which are no secrets: false.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace framewire::relay
