// Bytes: a view of media or wire data. Never owns; valid as long as the call that hands it over,
// unless a header says otherwise.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace framewire {

using Bytes = std::span<const std::byte>;
using Buffer = std::vector<std::byte>;

inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(Buffer& to, Bytes from) {
  to.insert(to.end(), from.begin(), from.end());
}

inline std::uint8_t u8(Bytes bytes, std::size_t at) {
  return std::to_integer<std::uint8_t>(bytes[at]);
}

// Big-endian reads, the byte order of EBML, ISO BMFF, FLV, RFC 6455 and framewire.v1.
// The caller has checked that bytes holds them.
template <class T>
constexpr T load_be(Bytes bytes, std::size_t at = 0) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = (value << 8) | std::to_integer<std::uint64_t>(bytes[at + i]);
  return static_cast<T>(value);
}
template <class T>
constexpr void store_be(std::byte* to, T value) {
  auto v = static_cast<std::uint64_t>(value);
  for (std::size_t i = sizeof(T); i-- > 0; v >>= 8) to[i] = static_cast<std::byte>(v & 0xff);
}

}  // namespace framewire
