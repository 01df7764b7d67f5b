#include "relay/access/jwt/base64url.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire::jwt {
namespace {

struct Good {
  std::string bytes;
  const char* text;
};

// RFC 4648 10, and bytes whose spelling in base64 has + and /.
const Good kGood[] = {
    {"", ""},
    {"f", "Zg"},
    {"fo", "Zm8"},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg"},
    {"fooba", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "-_-_"},
    {std::string(1, '\0'), "AA"},
};

TEST(Base64url, GoesThereAndBack) {
  for (const Good& c : kGood) {
    EXPECT_EQ(base64url_encode(c.bytes), c.text);
    EXPECT_EQ(base64url_decode(c.text), c.bytes) << c.text;
  }
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    EXPECT_EQ(base64url_decode(base64url_encode(all)), all);
  }
}

TEST(Base64url, TakesOneSpellingOnly) {
  for (const std::string& text : {
           std::string{"Zg=="},   // padding
           std::string{"Zm8="},   //
           std::string{"="},      //
           std::string{"Zh"},     // bits behind the last byte
           std::string{"Zm9"},    //
           std::string{"Z"},      // half a byte
           std::string{"Zm9vY"},  //
           std::string{" Zg"},    // blanks and line ends
           std::string{"Zg "},    //
           std::string{"Zm9v\n"},
           std::string{"Zm\r\n9v"},
           std::string{"Zm\t9v"},
           std::string{"+/+/"},  // base64
           std::string{"Zm.v"},
           std::string{"Zm\0v", 4},
           std::string{"Zm\xc3\xa4"},
       })
    EXPECT_FALSE(base64url_decode(text)) << text;
}

}  // namespace
}  // namespace framewire::jwt
