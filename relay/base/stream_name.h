// The names of streams and of their derived renditions, and the patterns that operators choose
// streams by. A name is 1 to 4 segments of [A-Za-z0-9_-]{1,64} joined by '/'; the name of a derived
// one is its origin's, a dot, and its output: nobody can publish it. Pure. Thread: any.
// Source: PROTOCOL.md, "URLs".
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

bool is_stream_name(std::string_view name);

// `*` stands for any characters, nothing else for anything but itself.
bool matches_pattern(std::string_view pattern, std::string_view text);

// `all`, or a stream's name in which * stands for any characters.
bool is_stream_pattern(std::string_view pattern);
bool matches_stream(std::string_view pattern, std::string_view stream);
bool any_matches(const std::vector<std::string>& patterns, std::string_view stream);

inline bool is_derived(std::string_view stream) {
  return stream.find('.') != std::string_view::npos;
}
inline std::string derived_name(std::string_view origin, std::string_view output) {
  return std::string{origin} + "." + std::string{output};
}
inline std::string_view origin_of(std::string_view derived) {
  return derived.substr(0, derived.find('.'));
}
inline std::string_view output_of(std::string_view derived) {
  return derived.substr(std::min(derived.size(), derived.find('.') + 1));
}

}  // namespace framewire::relay
