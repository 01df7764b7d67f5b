#include "relay/access/jwt/rights.h"

#include <algorithm>

#include "relay/access/jwt/limits.h"

namespace framewire::jwt {
namespace {

constexpr bool is_pattern_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '/' || c == '*';
}

}  // namespace

bool is_right_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > kPatternBytes) return false;
  if (!std::all_of(pattern.begin(), pattern.end(), is_pattern_character)) return false;
  const auto stars = std::count(pattern.begin(), pattern.end(), '*');
  if (static_cast<std::size_t>(stars) > kPatternStars) return false;
  return pattern.front() != '/' && pattern.back() != '/' && pattern.find("//") == pattern.npos;
}

}  // namespace framewire::jwt
