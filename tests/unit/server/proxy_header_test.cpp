#include "relay/server/proxy_header.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire::relay {
namespace {

using Kind = ProxyHeader::Kind;
using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kV4 =
    kSignature + "\x21\x11\x00\x0c\xcb\x00\x71\x09\x7f\x00\x00\x01\x12\x34\x01\xbb"s;
const std::string kV6 = kSignature + "\x21\x21\x00\x24"s +
                        "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"s + std::string(20, '\0');

TEST(ProxyHeader, IsReadFromItsFirstBytes) {
  const struct {
    const char* name;
    std::string bytes;
    Kind kind;
    std::size_t size;
    const char* source;
  } kRows[] = {
      {"v4", kV4, Kind::header, 28, "203.0.113.9"},
      {"more_behind_it", kV4 + "GET /", Kind::header, 28, "203.0.113.9"},
      {"v6", kV6, Kind::header, 52, "2001:db8::7"},
      {"with_extras",
       kSignature + "\x21\x11\x00\x0e\xcb\x00\x71\x09\x7f\x00\x00\x01\x12\x34\x01\xbb__"s,
       Kind::header, 30, "203.0.113.9"},
      {"by_itself", kSignature + "\x20\x00\x00\x00"s, Kind::header, 16, ""},
      {"a_local_socket", kSignature + "\x21\x00\x00\x02xx"s, Kind::header, 18, ""},
      {"a_byte", "\r", Kind::more, 16, ""},
      {"the_signature", kSignature, Kind::more, 16, ""},
      {"without_the_addresses", kV4.substr(0, 16), Kind::more, 28, ""},
      {"cut", kV4.substr(0, 27), Kind::more, 28, ""},
      {"http", "GET / HTTP/1.1\r\n", Kind::none, 0, ""},
      {"tls", "\x16\x03\x01", Kind::none, 0, ""},
      {"an_empty_line_first", "\r\nGET / HTTP", Kind::none, 0, ""},
      {"version_1", "PROXY TCP4 1.2.3.4", Kind::none, 0, ""},
      {"version_3", kSignature + "\x31\x11\x00\x0c"s, Kind::bad, 0, ""},
      {"an_unknown_command", kSignature + "\x22\x11\x00\x0c"s, Kind::bad, 0, ""},
      {"too_short_for_v4", kSignature + "\x21\x11\x00\x04\x01\x02\x03\x04"s, Kind::bad, 0, ""},
      {"too_short_for_v6", kSignature + "\x21\x21\x00\x0c"s + std::string(12, 'x'), Kind::bad, 0,
       ""},
      {"too_long", kSignature + "\x21\x11\xff\xff"s, Kind::bad, 0, ""},
  };
  for (const auto& row : kRows) {
    const ProxyHeader header = read_proxy_header(as_bytes(row.bytes));
    EXPECT_EQ(header.kind, row.kind) << row.name;
    EXPECT_EQ(header.size, row.size) << row.name;
    EXPECT_EQ(header.source, row.source) << row.name;
  }
}

}  // namespace
}  // namespace framewire::relay
