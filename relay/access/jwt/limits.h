// Every limit of tokens and their keys, in one place.
#pragma once
#include <cstddef>
#include <cstdint>

namespace framewire::jwt {

inline constexpr std::size_t kTokenBytes = 8u << 10;
inline constexpr std::size_t kKeySetBytes = 256u << 10;  // a file, or what a URL answers
inline constexpr std::size_t kKeys = 100;                // in one set
inline constexpr std::size_t kJsonDepth = 16;
inline constexpr std::size_t kKeyIdBytes = 256;
inline constexpr std::size_t kTextBytes = 512;  // iss, sub, an audience
inline constexpr std::size_t kAudiences = 32;   // in one token
inline constexpr std::size_t kRights = 64;      // in one token
inline constexpr std::size_t kPatternBytes = 260;
inline constexpr std::size_t kPatternStars = 8;
inline constexpr std::size_t kSecretBytes = 32;        // of HS256, at least: RFC 7518 3.2
inline constexpr std::size_t kLongestSecret = 1024;    // bytes
inline constexpr int kRsaBits = 2048;                  // at least: RFC 7518 3.3
inline constexpr int kLongestRsaBits = 8192;           // a check costs its square
inline constexpr std::int64_t kLatest = 253402300799;  // the last second of the year 9999

}  // namespace framewire::jwt
