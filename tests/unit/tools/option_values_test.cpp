#include "tools/base/option_values.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsANumberWithAUnit) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("10s"), milliseconds(10'000));
  EXPECT_EQ(parse_duration("2m"), milliseconds(120'000));
  EXPECT_EQ(parse_duration("1h"), milliseconds(3'600'000));
  EXPECT_EQ(parse_duration("0s"), milliseconds(0));
  for (const char* bad : {"", "s", "10", "-1s", "+1s", "1.5s", "10 s", "10sec", "1d", " 1s",
                          "99999999999999999999s", "9999999999h"}) {
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
  }
}

TEST(Duration, IsShownInItsLargestUnit) {
  for (const char* text : {"500ms", "1500ms", "10s", "2m", "90s", "1h", "0ms"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
}

TEST(Size, HasPowersOf1024And1000) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("64kib"), 65536u);
  EXPECT_EQ(parse_size("16MiB"), 16u << 20);
  EXPECT_EQ(parse_size("1MB"), 1'000'000u);
  EXPECT_EQ(parse_size("2GiB"), 2ull << 30);
  EXPECT_EQ(parse_size("7B"), 7u);
  for (const char* bad : {"", "KiB", "1K", "1.5MiB", "-1", "1 MiB", "99999999999GiB"}) {
    EXPECT_FALSE(parse_size(bad).has_value()) << bad;
  }
  for (const char* text : {"0", "100", "64KiB", "16MiB", "1GiB", "1000000"}) {
    EXPECT_EQ(format_size(*parse_size(text)), text);
  }
}

TEST(Switch, HasFourSpellings) {
  for (const char* on : {"true", "ON", "yes", "1"}) EXPECT_EQ(parse_switch(on), true) << on;
  for (const char* off : {"false", "Off", "no", "0"}) EXPECT_EQ(parse_switch(off), false) << off;
  EXPECT_FALSE(parse_switch("maybe").has_value());
}

struct AddressCase {
  std::string text;
  std::optional<std::string> shown;  // nullopt: refused
  bool loopback = false;
};

const AddressCase kAddresses[] = {
    {"127.0.0.1:8080", "127.0.0.1:8080", true},
    {"127.9.9.9:0", "127.9.9.9:0", true},
    {"localhost:80", "127.0.0.1:80", true},
    {"9000", "127.0.0.1:9000", true},
    {"[::1]:8080", "[::1]:8080", true},
    {"[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", true},
    {"0.0.0.0:65535", "0.0.0.0:65535"},
    {"[::]:8080", "[::]:8080"},
    {"192.168.1.5:8080", "192.168.1.5:8080"},
    {"[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]:1"},
    {"", std::nullopt},
    {":8080", std::nullopt},
    {"127.0.0.1", std::nullopt},
    {"127.0.0.1:", std::nullopt},
    {"127.0.0.1:65536", std::nullopt},
    {"127.0.0.1:80x", std::nullopt},
    {"127.1:80", std::nullopt},
    {"::1:8080", std::nullopt},
    {"[::1]", std::nullopt},
    {"[127.0.0.1]:80", std::nullopt},
    {"example.com:80", std::nullopt},
};

TEST(Address, IsHostAndPort) {
  for (const AddressCase& c : kAddresses) {
    const auto address = parse_address(c.text);
    ASSERT_EQ(address.has_value(), c.shown.has_value()) << c.text;
    if (!address) continue;
    EXPECT_EQ(format_address(*address), c.shown);
    EXPECT_EQ(is_loopback(address->host), c.loopback) << c.text;
  }
  EXPECT_TRUE(is_wildcard("0.0.0.0"));
  EXPECT_TRUE(is_wildcard("::"));
  EXPECT_FALSE(is_wildcard("127.0.0.1"));
}

}  // namespace
}  // namespace framewire::cli
