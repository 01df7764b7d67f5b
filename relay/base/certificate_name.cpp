#include "relay/base/certificate_name.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace framewire::relay {
namespace {

constexpr std::size_t kNameBytes = 512;
constexpr std::size_t kFingerprintDigits = 64;

std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::optional<std::string> fingerprint(std::string text) {
  std::erase(text, ':');
  text = in_small_letters(std::move(text));
  const bool hex = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!hex || text.size() != kFingerprintDigits) return std::nullopt;
  return text;
}

std::optional<std::string> address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1 &&
        ::inet_ntop(family, bytes.data(), out.data(), out.size()))
      return std::string{out.data()};
  return std::nullopt;
}

}  // namespace

std::optional<std::string> certificate_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() > kNameBytes) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  std::string name{text.substr(colon + 1)};
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (name.empty() || !plain) return std::nullopt;
  std::optional<std::string> told;
  if (kind == "DNS")
    told = in_small_letters(std::move(name));
  else if (kind == "SHA256")
    told = fingerprint(std::move(name));
  else if (kind == "IP")
    told = address(name);
  else if (kind == "CN" || kind == "URI" || kind == "email")
    told = std::move(name);
  if (!told) return std::nullopt;
  return std::string{kind} + ":" + *told;
}

}  // namespace framewire::relay
