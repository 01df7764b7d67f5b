#include "relay/hls/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace framewire::relay::hls {
namespace {

constexpr std::string_view kExtension = ".m4s";

// Digits and nothing else; nullopt: no such number, or one too many for 64 bits.
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  // One spelling each: "007" is nobody's name.
  const bool plain = !text.empty() && (text[0] != '0' || text.size() == 1);
  if (!plain || error != std::errc{} || at != end) return std::nullopt;
  return value;
}

std::optional<std::string_view> between(std::string_view text, std::string_view before) {
  if (!text.starts_with(before) || !text.ends_with(kExtension)) return std::nullopt;
  if (text.size() < before.size() + kExtension.size()) return std::nullopt;
  return text.substr(before.size(), text.size() - before.size() - kExtension.size());
}

std::optional<std::string_view> argument(const std::vector<std::string>& arguments,
                                         std::string_view name) {
  for (const std::string& each : arguments)
    if (each.size() > name.size() && each.starts_with(name) && each[name.size()] == '=')
      return std::string_view{each}.substr(name.size() + 1);
  return std::nullopt;
}

std::string encoded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string init_name(std::uint64_t number) {
  return fmt::format("init-{}{}", number, kExtension);
}
std::string segment_name(std::uint64_t msn) {
  return fmt::format("seg-{}{}", msn, kExtension);
}
std::string part_name(std::uint64_t msn, std::size_t part) {
  return fmt::format("part-{}-{}{}", msn, part, kExtension);
}

std::optional<File> parse_file(std::string_view name) {
  using Kind = File::Kind;
  if (name == kIndexName) return File{Kind::index};
  if (name == kMediaName) return File{Kind::media};
  for (const auto& [before, kind] : {std::pair{"init-", Kind::init}, {"seg-", Kind::segment}})
    if (const auto digits = between(name, before)) {
      const auto number = number_in(*digits);
      return number ? std::optional<File>{File{kind, *number}} : std::nullopt;
    }
  const auto both = between(name, "part-");
  if (!both) return std::nullopt;
  const std::size_t dash = both->find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto msn = number_in(both->substr(0, dash));
  const auto part = number_in(both->substr(dash + 1));
  if (!msn || !part) return std::nullopt;
  return File{Kind::part, *msn, *part};
}

Result<Directives> parse_directives(const std::vector<std::string>& arguments) {
  Directives out;
  if (const auto text = argument(arguments, "_HLS_msn")) {
    out.msn = number_in(*text);
    if (!out.msn) return fail(Errc::refused, "_HLS_msn is no number");
  }
  if (const auto text = argument(arguments, "_HLS_part")) {
    out.part = number_in(*text);
    if (!out.part) return fail(Errc::refused, "_HLS_part is no number");
    if (!out.msn) return fail(Errc::refused, "_HLS_part without _HLS_msn");
  }
  if (const auto text = argument(arguments, "_HLS_skip"))
    out.skip = *text == "YES" || *text == "v2";
  return out;
}

std::string query_of(const std::optional<std::string>& token) {
  return token ? "?token=" + encoded(*token) : std::string{};
}

std::string query_of_link(std::string_view expires, std::string_view sign) {
  return "?expires=" + encoded(expires) + "&sign=" + encoded(sign);
}

}  // namespace framewire::relay::hls
