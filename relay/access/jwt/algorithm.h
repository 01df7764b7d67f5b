// The signatures that are taken, by their names of RFC 7518 3.1 and RFC 8037 3.1. Thread: any.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace framewire::jwt {

enum class Algorithm : std::uint8_t {
  hs256,  // HMAC, SHA-256
  rs256,  // RSASSA-PKCS1-v1_5, SHA-256
  ps256,  // RSASSA-PSS, SHA-256, MGF1 with the same, a salt of 32 bytes
  es256,  // ECDSA, P-256, SHA-256
  eddsa,  // Ed25519
};

inline constexpr std::array<std::string_view, 5> kAlgorithmNames = {"HS256", "RS256", "PS256",
                                                                    "ES256", "EdDSA"};

constexpr std::string_view to_string(Algorithm algorithm) {
  return kAlgorithmNames[static_cast<std::size_t>(algorithm)];
}
constexpr std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i)
    if (kAlgorithmNames[i] == name) return static_cast<Algorithm>(i);
  return std::nullopt;
}

}  // namespace framewire::jwt
