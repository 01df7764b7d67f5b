#include "relay/access/jwt/link.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/evp.h"

namespace framewire::jwt {
namespace {

constexpr Instant kNow{std::chrono::seconds{1'800'000'000}};
constexpr Instant kEnd{std::chrono::seconds{1'800'000'600}};
const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOther = "another-key-another-key-another-key!";

LinkKeys keys_of(const std::string& text) {
  auto keys = LinkKeys::read(text);
  EXPECT_TRUE(keys) << keys.error();
  return *std::move(keys);
}

// printf 'framewire link 1\nwatch\ncam\n1800000600' | openssl dgst -sha256 -hmac KEY -binary |
// basenc --base64url
TEST(Link, IsWhatTheDocumentSays) {
  const LinkKeys keys = keys_of(kKey);
  EXPECT_EQ(keys.sign(Action::watch, "cam", kEnd), "RZlC9tz_Wm5Xsdx35NeklG226_Js0QCI3HB5FTvVBq0");
  EXPECT_EQ(keys.sign(Action::watch, "cam", kEnd),
            base64url_encode(hmac_sha256(kKey, "framewire link 1\nwatch\ncam\n1800000600")));
}

TEST(Link, OpensWhatItIsFor) {
  const LinkKeys keys = keys_of("# the first signs\n" + kKey + "\r\n\n" + kOther);
  EXPECT_EQ(keys.size(), 2u);
  for (const LinkKeys& by : {keys, keys_of(kOther)}) {
    const ShownLink link{by.sign(Action::publish, "a/b", kEnd), "1800000600"};
    const auto end = keys.verify(link, Action::publish, "a/b", kNow);
    ASSERT_TRUE(end) << end.error().what;
    EXPECT_EQ(*end, kEnd);
    EXPECT_TRUE(keys.verify(link, Action::publish, "a/b", kEnd - std::chrono::seconds{1}));
    const auto late = keys.verify(link, Action::publish, "a/b", kEnd);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().fault, LinkFault::expired);
  }
}

TEST(Link, OfAnythingElseIsRefusedByName) {
  const LinkKeys keys = keys_of(kKey);
  const std::string sign = keys.sign(Action::watch, "cam", kEnd), end = "1800000600";
  std::string upper = sign, lower = sign, changed = sign;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  changed[0] = changed[0] == 'A' ? 'B' : 'A';
  const std::string hex(64, '0');
  struct Row {
    const char* what;
    ShownLink link;
    LinkFault fault;
    Action action = Action::watch;
    const char* stream = "cam";
  };
  constexpr auto kMalformed = LinkFault::malformed, kSignature = LinkFault::signature;
  for (const Row& row : std::vector<Row>{
           {"another stream", {sign, end}, kSignature, Action::watch, "cam2"},
           {"a part of its name", {sign, end}, kSignature, Action::watch, "ca"},
           {"no stream", {sign, end}, kSignature, Action::watch, ""},
           {"a pattern", {sign, end}, kSignature, Action::watch, "*"},
           {"another action", {sign, end}, kSignature, Action::publish},
           {"to talk", {sign, end}, kSignature, Action::talk},
           {"metrics", {sign, end}, kSignature, Action::metrics, ""},
           {"a later end", {sign, "1800000601"}, kSignature},
           {"the end of time", {sign, "253402300799"}, kSignature},
           {"a moved line", {sign, end}, kSignature, Action::watch, "cam\n1800000600"},
           {"upper case", {upper, end}, kSignature},
           {"lower case", {lower, end}, kSignature},
           {"another character", {changed, end}, kSignature},
           {"all zeros", {std::string(43, 'A'), end}, kSignature},
           {"cut", {sign.substr(0, 42), end}, kMalformed},
           {"cut to nothing", {"", end}, kMalformed},
           {"padded", {sign + "=", end}, kMalformed},
           {"longer", {sign + "A", end}, kMalformed},
           {"blanks", {" " + sign.substr(1), end}, kMalformed},
           {"of base64", {"+/" + sign.substr(2), end}, kMalformed},
           {"in hex", {hex, end}, kMalformed},
           {"without an end", {sign, ""}, kMalformed},
           {"a leading zero", {sign, "01800000600"}, kMalformed},
           {"a plus", {sign, "+1800000600"}, kMalformed},
           {"below zero", {sign, "-1"}, kMalformed},
           {"a part of a second", {sign, "1800000600.0"}, kMalformed},
           {"a blank before", {sign, " 1800000600"}, kMalformed},
           {"a blank behind", {sign, "1800000600 "}, kMalformed},
           {"in words", {sign, "tomorrow"}, kMalformed},
           {"beyond numbers", {sign, "99999999999999999999999"}, kMalformed},
           {"beyond the year 9999", {sign, "253402300800"}, kMalformed},
       }) {
    const auto end_of = keys.verify(row.link, row.action, row.stream, kNow);
    ASSERT_FALSE(end_of) << row.what;
    EXPECT_EQ(to_string(end_of.error().fault), to_string(row.fault)) << row.what;
    EXPECT_FALSE(end_of.error().what.empty());
  }
  EXPECT_EQ(keys_of(kOther).verify({sign, end}, Action::watch, "cam", kNow).error().fault,
            kSignature);
  // One that has expired and is not true is not said to have been true.
  EXPECT_EQ(keys.verify({sign, "1700000000"}, Action::watch, "cam", kNow).error().fault,
            kSignature);
}

TEST(LinkKeys, OfAFileThatHasNoneAreRefused) {
  std::string many;
  for (std::size_t n = 0; n <= kLinkKeys; ++n) many += kKey + std::to_string(n) + "\n";
  for (const std::string& text :
       {std::string{}, std::string{"\n# nothing\n"}, std::string{"short-s3cret"},
        kKey + "\nshort-s3cret\n", "with a blank " + kKey, kKey + "\t", std::string(1025, 'x'),
        std::string{"\xef\xbb\xbf"} + kKey, many}) {
    const auto keys = LinkKeys::read(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace framewire::jwt
