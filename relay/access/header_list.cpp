#include "relay/access/header_list.h"

#include <strings.h>

#include <algorithm>
#include <cstddef>

namespace framewire::relay {
namespace {

template <class Is>
bool any_item(std::string_view header, const Is& is) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    if (is(trimmed(header.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) break;
    header.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool header_lists(std::string_view header, std::string_view token) {
  return any_item(header, [&](std::string_view item) {
    return item.size() == token.size() && strncasecmp(item.data(), token.data(), item.size()) == 0;
  });
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  return any_item(if_none_match, [&](std::string_view item) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == tag || item == "*";
  });
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  return any_item(accept_encoding, [&](std::string_view item) {
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = trimmed(item.substr(0, semicolon));
    if (name.size() != coding.size() || strncasecmp(name.data(), coding.data(), name.size()) != 0)
      return false;
    std::string_view weight = item.substr(semicolon);
    weight.remove_prefix(std::min(weight.find_first_of("0123456789"), weight.size()));
    return weight.empty() || weight.find_first_of("123456789") != std::string_view::npos;
  });
}

}  // namespace framewire::relay
