#include "tools/base/option_values.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>
#include <system_error>

namespace framewire::cli {
namespace {

struct Unit {
  std::string_view name;  // lower case
  std::uint64_t factor;
};

constexpr Unit kTimes[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
constexpr Unit kSizes[] = {
    {"", 1},           {"b", 1},          {"kib", 1u << 10}, {"kb", 1'000},
    {"mib", 1u << 20}, {"mb", 1'000'000}, {"gib", 1u << 30}, {"gb", 1'000'000'000}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// Digits, then one of the units; nullopt too when the product does not fit.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{}) return std::nullopt;
  const std::string unit = lower({end, static_cast<std::size_t>(last - end)});
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(number, known.factor, &product)) return std::nullopt;
    return product;
  }
  return std::nullopt;
}

// The largest unit that divides `value`.
std::string format_with_unit(std::uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (value % unit.factor == 0 && value >= unit.factor) best = &unit;
  }
  return fmt::format("{}{}", value / best->factor, best->name);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc{} || end != last) return std::nullopt;
  return port;
}

std::optional<in_addr> as_v4(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in6_addr> as_v6(const std::string& host) {
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

}  // namespace

Parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto ms = parse_with_unit(text, kTimes);
  if (!ms || *ms > 1'000ull * 3'600'000) {
    return tl::make_unexpected(
        fmt::format("\"{}\" is no duration such as 500ms, 10s, 2m or 1h", text));
  }
  return std::chrono::milliseconds{*ms};
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format_with_unit(static_cast<std::uint64_t>(duration.count()), kTimes);
}

Parsed<std::size_t> parse_size(std::string_view text) {
  const auto bytes = parse_with_unit(text, kSizes);
  if (!bytes) {
    return tl::make_unexpected(
        fmt::format("\"{}\" is no size such as 4096, 64KiB, 16MiB or 1MB", text));
  }
  return *bytes;
}

std::string format_size(std::size_t bytes) {
  static constexpr Unit kShown[] = {
      {"", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
  return format_with_unit(bytes, kShown);
}

Parsed<std::uint64_t> parse_count(std::string_view text) {
  static constexpr Unit kNone[] = {{"", 1}};
  const auto count = parse_with_unit(text, kNone);
  if (!count) return tl::make_unexpected(fmt::format("\"{}\" is no whole number", text));
  return *count;
}

Parsed<bool> parse_switch(std::string_view text) {
  static constexpr std::array kOn = {"true", "on", "yes", "1"};
  static constexpr std::array kOff = {"false", "off", "no", "0"};
  const std::string word = lower(text);
  if (std::find(kOn.begin(), kOn.end(), word) != kOn.end()) return true;
  if (std::find(kOff.begin(), kOff.end(), word) != kOff.end()) return false;
  return tl::make_unexpected(fmt::format("\"{}\" is neither true nor false", text));
}

Parsed<Address> parse_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return tl::make_unexpected(
        fmt::format("\"{}\": {} (127.0.0.1:8080, [::1]:8080, 0.0.0.0:80)", text, why));
  };
  if (const auto port = parse_port(text)) return Address{"127.0.0.1", *port};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("HOST:PORT expected");
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return wrong("the port is no number from 0 to 65535");
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!as_v6(host)) return wrong("no IPv6 address in the brackets");
  } else if (lower(host) == "localhost") {
    host = "127.0.0.1";
  } else if (!as_v4(host)) {
    return wrong(as_v6(host) ? "an IPv6 address goes in brackets"
                             : "the host is an address in numbers, or localhost");
  }
  return Address{host, *port};
}

std::string format_address(const Address& address) {
  return address.host.find(':') == std::string::npos
             ? fmt::format("{}:{}", address.host, address.port)
             : fmt::format("[{}]:{}", address.host, address.port);
}

bool is_loopback(const std::string& host) {
  if (const auto v4 = as_v4(host)) return (ntohl(v4->s_addr) >> 24) == 127;
  const auto v6 = as_v6(host);
  if (!v6) return false;
  return IN6_IS_ADDR_LOOPBACK(&*v6) || (IN6_IS_ADDR_V4MAPPED(&*v6) && v6->s6_addr[12] == 127);
}

bool is_wildcard(const std::string& host) {
  if (const auto v4 = as_v4(host)) return v4->s_addr == INADDR_ANY;
  const auto v6 = as_v6(host);
  return v6 && IN6_IS_ADDR_UNSPECIFIED(&*v6);
}

}  // namespace framewire::cli
