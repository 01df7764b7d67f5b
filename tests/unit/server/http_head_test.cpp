#include "relay/http/http_head.h"

#include <gtest/gtest.h>

#include "relay/access/header_list.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kMost = 8192;

// What a head means, in one line.
std::string shown(const RequestHead& head) {
  const Request& r = head.request;
  std::string out = std::to_string(static_cast<int>(r.method)) + " " + r.path;
  for (const std::string& argument : r.arguments) out += " [" + argument + "]";
  out += " host=" + r.host + (head.keep_alive ? " keep" : " close");
  if (r.content_length) out += " length=" + std::to_string(*r.content_length);
  if (r.chunked()) out += " chunked";
  return out;
}

struct Good {
  const char* name;
  std::string_view head;
  std::string_view means;
  std::string_view left = {};
};

constexpr Good kGood[] = {
    {"plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "0 / host=a keep"},
    {"no_blank_behind_the_colon", "GET / HTTP/1.1\r\nHost:a:80\r\n\r\n", "0 / host=a:80 keep"},
    {"blanks_about_a_value", "GET / HTTP/1.1\r\nHOST: \t a \t\r\n\r\n", "0 / host=a keep"},
    {"an_empty_line_before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "0 / host=a keep"},
    {"the_next_one_behind", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\n",
     "0 / host=a keep", "GET /x HTTP/1.1\r\n"},
    {"http_1_0", "GET / HTTP/1.0\r\n\r\n", "0 / host= close"},
    {"no_host", "GET / HTTP/1.1\r\n\r\n", "0 / host= keep"},
    {"empty_host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", "0 / host= keep"},
    {"a_proxys_form_without_host", "GET http://b/ HTTP/1.1\r\n\r\n", "0 / host= keep"},
    {"a_proxys_form_of_1_0", "GET http://b/ HTTP/1.0\r\n\r\n", "0 / host=b close"},
    {"close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "0 / host=a close"},
    {"connection_twice", "GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n",
     "0 / host=a close"},
    {"ipv6", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "0 / host=[::1]:8080 keep"},
    {"a_proxys_form", "GET HTTP://b/c?d HTTP/1.1\r\nHost: a\r\n\r\n", "0 /c [d] host=b keep"},
    {"a_proxys_form_without_a_path", "GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "0 / host=b keep"},
    {"query", "GET /a%20b?x=1+2&&y=%26&z HTTP/1.1\r\nHost: a\r\n\r\n",
     "0 /a b [x=1 2] [y=&] [z] host=a keep"},
    {"nothing_is_folded", "GET /a/../b//c HTTP/1.1\r\nHost: a\r\n\r\n", "0 /a/../b//c host=a keep"},
    {"length", "PUT /p HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n",
     "3 /p host=a keep length=7"},
    {"chunks", "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
     "2 /p host=a keep chunked"},
    {"an_unknown_method", "BREW /p HTTP/1.1\r\nHost: a\r\n\r\n", "7 /p host=a keep"},
    {"bytes_beyond_ascii_in_a_value", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\xff\r\n\r\n",
     "0 / host=a keep"},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "6 * host=a keep"},
};

class GoodHead : public testing::TestWithParam<std::tuple<Good, std::size_t>> {};

TEST_P(GoodHead, IsRead) {
  const auto& [c, cut] = GetParam();
  HeadReader reader{kMost};
  std::string left, means;
  for (std::size_t at = 0; at < c.head.size(); at += cut) {
    Bytes piece = as_bytes(c.head.substr(at, cut));
    if (means.empty()) {
      const auto head = reader.feed(piece);
      ASSERT_TRUE(head) << head.error().what << " at " << head.error().offset;
      if (*head) means = shown(**head);
    }
    left += as_text(piece);
  }
  EXPECT_EQ(means, c.means);
  EXPECT_EQ(left, c.left);
  EXPECT_FALSE(reader.begun());
}

INSTANTIATE_TEST_SUITE_P(All, GoodHead,
                         testing::Combine(testing::ValuesIn(kGood), testing::Values(1, 7, 1000)),
                         [](const auto& param) {
                           return std::string{std::get<0>(param.param).name} + "_by_" +
                                  std::to_string(std::get<1>(param.param));
                         });

struct Bad {
  const char* name;
  std::string_view head;
  std::size_t offset;
};

constexpr std::string_view kNul{"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 34};

constexpr Bad kBad[] = {
    {"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 25},
    {"a_blank_in_host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 0},
    {"a_path_in_host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0},
    {"a_user_in_host", "GET / HTTP/1.1\r\nHost: u@b\r\n\r\n", 0},
    {"bare_lf", "GET / HTTP/1.1\nHost: a\r\n\r\n", 14},
    {"bare_lf_in_a_header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 23},
    {"bare_cr", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 24},
    {"nul", kNul, 28},
    {"obs_fold", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 31},
    {"a_blank_before_the_first_header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 16},
    {"a_blank_before_the_colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 16},
    {"no_colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 25},
    {"no_name", "GET / HTTP/1.1\r\n: a\r\n\r\n", 16},
    {"a_name_that_is_no_token", "GET / HTTP/1.1\r\nH(st: a\r\n\r\n", 16},
    {"two_blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"no_version", "GET /\r\nHost: a\r\n\r\n", 0},
    {"http_0_9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 6},
    {"http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 6},
    {"a_version_of_two_digits", "GET / HTTP/1.11\r\nHost: a\r\n\r\n", 6},
    {"lower_case_version", "GET / http/1.1\r\nHost: a\r\n\r\n", 6},
    {"no_path", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 4},
    {"connect", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 8},
    {"a_fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 4},
    {"half_an_escape", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", 4},
    {"half_an_escape_in_the_query", "GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", 4},
    {"noise", "\x80\x80\x80", 0},
    {"tls", "\x16\x03\x01", 0},
    {"two_empty_lines_before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 2},
    {"two_lengths", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
     44},
    {"lengths_in_a_list", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 25},
    {"a_negative_length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 25},
    {"a_length_with_a_plus", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 25},
    {"a_hex_length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 25},
    {"an_empty_length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 25},
    {"a_length_of_65_bits",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 25},
    {"length_and_chunks",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"gzip", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 0},
    {"an_empty_encoding",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\n", 0},
    {"chunked_not_quite", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 0},
    {"two_encodings",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", 53},
    {"chunks_in_http_1_0", "PUT / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
    {"two_keys", "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 43},
};

class BadHead : public testing::TestWithParam<std::tuple<Bad, std::size_t>> {};

TEST_P(BadHead, IsRefused) {
  const auto& [c, cut] = GetParam();
  HeadReader reader{kMost};
  std::optional<Error> error;
  for (std::size_t at = 0; at < c.head.size() && !error; at += cut) {
    Bytes piece = as_bytes(c.head.substr(at, cut));
    const auto head = reader.feed(piece);
    if (!head) error = head.error();
    ASSERT_TRUE(!head || !*head) << shown(**head);
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::protocol);
  EXPECT_FALSE(error->what.empty());
  EXPECT_EQ(error->offset, c.offset) << error->what;
}

INSTANTIATE_TEST_SUITE_P(All, BadHead,
                         testing::Combine(testing::ValuesIn(kBad), testing::Values(1, 7, 1000)),
                         [](const auto& param) {
                           return std::string{std::get<0>(param.param).name} + "_by_" +
                                  std::to_string(std::get<1>(param.param));
                         });

TEST(HeadReader, HasALimit) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  for (const std::size_t over : {0u, 1u}) {
    HeadReader reader{kMost};
    const std::string head = start + std::string(kMost - start.size() - 4 + over, 'x') + "\r\n\r\n";
    Bytes bytes = as_bytes(head);
    const auto read = reader.feed(bytes);
    EXPECT_EQ(read.has_value(), over == 0);
    if (!read) {
      EXPECT_EQ(read.error().code, Errc::limit_exceeded);
      EXPECT_EQ(read.error().offset, kMost);
    }
  }
}

TEST(HeadReader, ReadsOneAfterTheOther) {
  HeadReader reader{kMost};
  std::string all;
  for (int i = 0; i < 100; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  Bytes bytes = as_bytes(all);
  for (int i = 0; i < 100; ++i) {
    const auto head = reader.feed(bytes);
    ASSERT_TRUE(head && *head);
    EXPECT_EQ((*head)->request.path, "/" + std::to_string(i));
  }
  EXPECT_TRUE(bytes.empty());
}

// Who is on the server's own machine is known by their absence.
TEST(Head, ShowsThatAProxyWasOnTheWay) {
  const auto proxied = [](const std::string& line) {
    const auto head = parse_head("GET / HTTP/1.1\r\nHost: localhost\r\n" + line + "\r\n\r\n");
    EXPECT_TRUE(head) << line;
    return head && head->request.proxied();
  };
  for (const char* yes :
       {"X-Forwarded-For: 192.0.2.1", "X-Forwarded-For:", "x-forwarded: yes",
        "X-FORWARDED-PREFIX: /cam", "X-Forwarded-Ssl: on", "Forwarded:", "Via:", "X-Real-IP:",
        "CF-Connecting-IP: 192.0.2.1", "Fly-Client-IP: 192.0.2.1",
        "X-Cluster-Client-IP:", "X-Envoy-External-Address: 192.0.2.1", "CDN-Loop: cdn"})
    EXPECT_TRUE(proxied(yes)) << yes;
  for (const char* no : {"User-Agent: curl", "X-Request-ID: 1", "X-For: 1", "Referer: http://a/"})
    EXPECT_FALSE(proxied(no)) << no;
}

TEST(HeaderLists, FindsWholeTokens) {
  EXPECT_TRUE(header_lists("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(header_lists(",,\tupgrade\t,", "upgrade"));
  EXPECT_FALSE(header_lists("upgrades", "upgrade"));
  EXPECT_FALSE(header_lists("", "upgrade"));
}

TEST(AcceptsCoding, ByNameAndWeight) {
  for (const char* yes : {"br", "gzip, deflate, BR", "gzip;q=1.0, br ; q=0.1", "br;q=1", "*, br"})
    EXPECT_TRUE(accepts_coding(yes, "br")) << yes;
  for (const char* no :
       {"", "gzip", "br;q=0", "br; q=0.000", "*", "brotli", "xbr", "b r", ";", ","})
    EXPECT_FALSE(accepts_coding(no, "br")) << no;
}

}  // namespace
}  // namespace framewire::relay
