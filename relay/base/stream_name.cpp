#include "relay/base/stream_name.h"

#include <cstddef>

namespace framewire::relay {
namespace {

constexpr std::size_t kMaxSegments = 4;
constexpr std::size_t kMaxSegmentLength = 64;

// ASCII only, whatever the locale.
constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_segment(std::string_view segment) {
  return !segment.empty() && segment.size() <= kMaxSegmentLength &&
         std::all_of(segment.begin(), segment.end(), is_name_char);
}

}  // namespace

bool is_stream_name(std::string_view name) {
  for (std::size_t count = 1; count <= kMaxSegments; ++count) {
    const std::size_t slash = name.find('/');
    if (!is_segment(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
  return false;
}

bool is_stream_pattern(std::string_view pattern) {
  std::string sample{pattern};
  std::replace(sample.begin(), sample.end(), '*', 'x');
  return is_stream_name(sample);
}

// Backtracks to the last star, so linear in practice and never recursive.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool matches_stream(std::string_view pattern, std::string_view stream) {
  return pattern == "all" || matches_pattern(pattern, stream);
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view stream) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_stream(pattern, stream); });
}

}  // namespace framewire::relay
