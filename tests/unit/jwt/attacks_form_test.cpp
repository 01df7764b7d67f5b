// Attacks on the form of a token, its header and its algorithm.
#include <fmt/format.h>

#include "tests/unit/jwt/attack.h"

namespace framewire::jwt {
namespace {

// Signed by `key`, whatever the header says.
std::string with_header(const SigningKey& key, std::string_view header) {
  return key.sign_text(header, good_claims().dump()).value_or("");
}

// The next letter of the alphabet for the last one: the same bytes, other bits behind them.
std::string other_bits(std::string text) {
  text.back() = static_cast<char>(text.back() + 1);
  return text;
}

TEST(Attacks, OnTheForm) {
  const SigningKey& es = Issuer::get().es;
  const Parts good{good_token(es)};
  const std::string token = good.token();
  std::string spoilt = token;
  spoilt[3] = ' ';
  std::string with_nul = token;
  with_nul.back() = '\0';
  // 64 bytes end in a letter that holds two bits: A, Q, g or w.
  const std::string trailing = good.signed_part() + "." + other_bits(good.signature);
  constexpr Fault kMalformed = Fault::malformed;
  expect_refused({
      {"nothing", "", kMalformed},
      {"a dot", ".", kMalformed},
      {"two dots", "..", kMalformed},
      {"one part", good.header, kMalformed},
      {"two parts", good.signed_part(), kMalformed},
      {"four parts", token + ".e30", kMalformed},
      {"five parts, as encrypted tokens have", token + ".e30.e30", kMalformed},
      {"no header", "." + good.payload + "." + good.signature, kMalformed},
      {"a leading blank", " " + token, kMalformed},
      {"leading line ends", "\r\n" + token, kMalformed},
      {"a trailing blank", token + " ", kMalformed},
      {"a trailing line end", token + "\n", kMalformed},
      {"a blank in the header", spoilt, kMalformed},
      {"the scheme before it", "Bearer " + token, kMalformed},
      {"a token twice", token + token, kMalformed},
      {"two tokens", token + "," + token, kMalformed},
      {"padding behind the header", good.header + "=." + good.payload + "." + good.signature,
       kMalformed},
      {"padding behind the payload", good.signed_part() + "==." + good.signature, kMalformed},
      {"padding behind the signature", token + "==", kMalformed},
      {"base64 in place of base64url", good.signed_part() + ".+/+/", kMalformed},
      {"bits behind the signature", trailing, kMalformed},
      {"bits behind the payload", good.header + ".e31." + good.signature, kMalformed},
      {"half a byte", good.signed_part() + ".A", kMalformed},
      {"a NUL", with_nul, kMalformed},
      {"bytes that are no ASCII", token + "\xc3\xa4", kMalformed},
      {"a byte more than 8 KiB", token + std::string(8193 - token.size(), 'A'), Fault::too_long},
      {"a megabyte of dots", std::string(1u << 20, '.'), Fault::too_long},
  });
}

TEST(Attacks, ATokenOf8KiBIsStillRead) {
  auto claims = good_claims();
  const auto& es = Issuer::get().es;
  std::size_t size = 0;
  for (std::size_t more = 1; size < 8190; more += std::max<std::size_t>(1, (8190 - size) / 2)) {
    claims["more"] = std::string(more, 'x');
    size = signed_by(es, claims).size();
  }
  EXPECT_LE(size, 8192u);
  EXPECT_TRUE(checked(signed_by(es, claims)));
}

TEST(Attacks, OnTheHeader) {
  const SigningKey& es = Issuer::get().es;
  const auto header = [&](std::string_view text) { return with_header(es, text); };
  std::string deep = R"({"alg":"ES256","kid":"es","x":)";
  deep += std::string(40, '[') + std::string(40, ']') + "}";
  constexpr Fault kMalformed = Fault::malformed;
  expect_refused({
      {"no JSON", header("ES256"), kMalformed},
      {"nothing", header(""), kMalformed},
      {"a list", header(R"([{"alg":"ES256","kid":"es"}])"), kMalformed},
      {"a text", header(R"("ES256")"), kMalformed},
      {"null", header("null"), kMalformed},
      {"something behind it", header(R"({"alg":"ES256","kid":"es"}x)"), kMalformed},
      {"two of them", header(R"({"alg":"ES256","kid":"es"}{})"), kMalformed},
      {"a comment", header(R"({"alg":"ES256",/**/"kid":"es"})"), kMalformed},
      {"alg twice", header(R"({"alg":"none","kid":"es","alg":"ES256"})"), kMalformed},
      {"alg twice, once in escapes", header(R"({"alg":"ES256","kid":"es","\u0061lg":"none"})"),
       kMalformed},
      {"kid twice", header(R"({"alg":"ES256","kid":"es","kid":"hs"})"), kMalformed},
      {"a member twice, deep in it", header(R"({"alg":"ES256","kid":"es","x":{"a":1,"a":1}})"),
       kMalformed},
      {"lists in lists", header(deep), kMalformed},
      {"no UTF-8", header("{\"alg\":\"ES256\",\"kid\":\"es\",\"x\":\"\xff\"}"), kMalformed},
      {"half a surrogate", header(R"({"alg":"ES256","kid":"es","x":"\ud800"})"), kMalformed},
      {"typ is a number", header(R"({"alg":"ES256","kid":"es","typ":1})"), kMalformed},
      {"kid is a number", header(R"({"alg":"ES256","kid":0})"), kMalformed},
      {"kid is a list", header(R"({"alg":"ES256","kid":["es"]})"), kMalformed},
      {"kid is null", header(R"({"alg":"ES256","kid":null})"), kMalformed},
      {"crit of something unknown", header(R"({"alg":"ES256","kid":"es","crit":["x"],"x":1})"),
       Fault::critical},
      {"crit of exp", header(R"({"alg":"ES256","kid":"es","crit":["exp"],"exp":1})"),
       Fault::critical},
      {"a payload that is not encoded",
       header(R"({"alg":"ES256","kid":"es","crit":["b64"],"b64":false})"), Fault::critical},
      {"crit of nothing", header(R"({"alg":"ES256","kid":"es","crit":[]})"), Fault::critical},
      {"crit is a text", header(R"({"alg":"ES256","kid":"es","crit":"exp"})"), Fault::critical},
      {"crit is null", header(R"({"alg":"ES256","kid":"es","crit":null})"), Fault::critical},
  });
}

TEST(Attacks, TheHeaderMaySayWhatMeansNothingHere) {
  const SigningKey& es = Issuer::get().es;
  for (const char* header :
       {R"({"alg":"ES256","kid":"es"})", R"({"kid":"es","alg":"ES256","typ":"jwt"})",
        R"({"alg":"ES256","kid":"es","typ":"at+jwt"})", R"({"alg":"ES256","kid":"es","cty":"x"})",
        " { \"alg\" : \"ES256\" ,\r\n \"kid\" : \"es\" } "})
    EXPECT_TRUE(checked(with_header(es, header))) << header;
}

TEST(Attacks, WithNoAlgorithm) {
  const SigningKey& hs = Issuer::get().hs;
  std::vector<Attack> attacks;
  for (const char* name :
       {"none",         "None",  "NONE",       "nOnE",  "noNE",  " none",   "none ",  "none\\u0000",
        "\\u006eone",   "",      "n\\u043ene", "null",  "hs256", "Hs256",   "HS256 ", " HS256",
        "HS256\\u0000", "HS384", "HS512",      "HS1",   "RS384", "RS512",   "PS512",  "ES256K",
        "ES384",        "ES512", "Ed25519",    "eddsa", "HMAC",  "A256GCM", "dir"}) {
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"hs"}})", name);
    const Parts well_signed{with_header(hs, header)};
    attacks.push_back(
        {fmt::format("alg {}, signed well", name), well_signed.token(), Fault::algorithm});
    attacks.push_back({fmt::format("alg {}, not signed", name), well_signed.with_signature(""),
                       Fault::algorithm});
  }
  for (const char* value : {"null", "0", "true", "[]", R"(["HS256"])", R"({"alg":"HS256"})"}) {
    const std::string header = fmt::format(R"({{"alg":{},"kid":"hs"}})", value);
    attacks.push_back({fmt::format("alg is {}", value), with_header(hs, header), Fault::algorithm});
  }
  attacks.push_back({"no alg", with_header(hs, R"({"kid":"hs"})"), Fault::algorithm});
  attacks.push_back({"Alg", with_header(hs, R"({"Alg":"HS256","kid":"hs"})"), Fault::algorithm});
  expect_refused(attacks);
}

}  // namespace
}  // namespace framewire::jwt
