// The spellings of option values: 10s, 64KiB, 127.0.0.1:8080, on. The same for flags, environment
// and file. A parser gives the value, or a sentence that says what is wrong with the text and what
// would be right. Thread: any.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace framewire::cli {

template <class T>
using Parsed = tl::expected<T, std::string>;

// 500ms, 10s, 2m, 1h. A unit is needed.
Parsed<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);

// 4096, 64KiB, 16MiB, 1GiB (powers of 1024); 64KB, 1MB, 1GB (of 1000). Case does not matter.
Parsed<std::size_t> parse_size(std::string_view text);
std::string format_size(std::size_t bytes);

Parsed<std::uint64_t> parse_count(std::string_view text);

// true/false, on/off, yes/no, 1/0.
Parsed<bool> parse_switch(std::string_view text);

struct Address {
  std::string host;  // an IPv4 or IPv6 address in numbers, without brackets
  std::uint16_t port = 0;
};

// 127.0.0.1:8080, [::1]:8080, localhost:8080, or a port alone for 127.0.0.1. Names but localhost
// are refused: whether an address is public must not depend on a name server.
Parsed<Address> parse_address(std::string_view text);
std::string format_address(const Address& address);

// 127.0.0.0/8, ::1, and the former written as IPv6 (::ffff:127.0.0.1).
bool is_loopback(const std::string& host);

// 0.0.0.0 and ::, that is every address of the machine.
bool is_wildcard(const std::string& host);

}  // namespace framewire::cli
