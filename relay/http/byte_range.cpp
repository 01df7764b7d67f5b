#include "relay/http/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace framewire::relay {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ByteRange judge_range(std::string_view range, std::string_view if_range, std::string_view etag,
                      std::uint64_t file_size) {
  using Sort = ByteRange::Answer;
  const ByteRange whole{Sort::whole, 0, file_size};
  constexpr std::string_view kUnit = "bytes=";
  if (!range.starts_with(kUnit) || (!if_range.empty() && if_range != etag)) return whole;
  range.remove_prefix(kUnit.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return whole;

  const auto first = number(range.substr(0, dash));
  const auto last = number(range.substr(dash + 1));
  if (dash == 0) {  // the last so many
    if (!last) return whole;
    const std::uint64_t size = std::min(*last, file_size);
    if (size == 0) return {Sort::unsatisfiable, 0, 0};
    return {Sort::part, file_size - size, size};
  }
  const bool open = dash + 1 == range.size();
  if (!first || (!open && (!last || *last < *first))) return whole;
  if (*first >= file_size) return {Sort::unsatisfiable, 0, 0};
  const std::uint64_t end = open ? file_size : std::min(*last, file_size - 1) + 1;
  return {Sort::part, *first, end - *first};
}

}  // namespace framewire::relay
