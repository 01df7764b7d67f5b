#include "tools/serving/serve_token_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "relay/access/jwt/limits.h"
#include "relay/fetch/http_get.h"
#include "tools/serving/key_source.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

// As claims may have it (relay/access/jwt/claims.h).
std::string check_text(std::string_view text) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!text.empty() && text.size() <= jwt::kTextBytes && plain) return {};
  return fmt::format("1 to {} characters, without line ends, are expected", jwt::kTextBytes);
}

std::string check_file(std::string_view text) {
  return text.empty() ? "a file is missing" : std::string{};
}

std::string check_jwks(std::string_view text) {
  const std::string given{text};
  if (given.empty()) return "a file, or a URL, is missing";
  return is_jwks_url(given) ? relay::why_not_fetched(given) : std::string{};
}

std::string check_client_cert(std::string_view text) {
  return text == "optional" || text == "required" ? "" : "it is optional or required";
}

OptionRow text_row(std::string name, std::string shape, Place<std::string> place,
                   std::string (*check)(std::string_view), std::string help) {
  return {std::move(name),
          std::move(shape),
          {},
          std::move(help),
          default_of(place),
          OptionRow::Kind::value,
          [=](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (std::string wrong = check(texts[0]); !wrong.empty())
              return tl::make_unexpected(std::move(wrong));
            place(to.config) = texts[0];
            return {};
          }};
}

}  // namespace

std::vector<OptionRow> token_rows() {
  return {
      text_row(
          "keys", "FILE", [](Config& c) -> std::string& { return c.keys_file; }, check_file,
          "Keys with a name, rights, an end and limits each (JSON); who shows nothing that is "
          "known may neither publish nor watch. Read anew by a reload"),
      fixed_whether(text_row(
          "client-ca", "FILE", [](Config& c) -> std::string& { return c.client_ca; }, check_file,
          "Ask clients for a certificate of these authorities (PEM, with revocation lists if there "
          "are any): --keys says what each may. Needs TLS. Read anew by a reload")),
      fixed(text_row(
          "client-cert", "optional|required",
          [](Config& c) -> std::string& { return c.client_cert; }, check_client_cert,
          "With --client-ca: whether a client without a certificate is let in, to show a key "
          "instead")),
      text_row(
          "link-key", "FILE", [](Config& c) -> std::string& { return c.link_key_file; }, check_file,
          "Take links signed with a key of this file (?expires= and ?sign=, made by `framewire "
          "token link`). Read anew by a reload"),
      text_row(
          "jwks", "FILE|URL", [](Config& c) -> std::string& { return c.jwks; }, check_jwks,
          "Take tokens (JWT) signed with these keys (JWK Set): who shows neither token nor key may "
          "neither publish nor watch. A file is read anew when it has changed, a URL (https:) "
          "fetched now and then"),
      toggle(
          "open-watch", [](Config& c) -> bool& { return c.open_watch; },
          "With --jwks, --keys, --link-key or --auth-url: anybody may watch, they are for the "
          "rest"),
      text_row(
          "jwt-issuer", "TEXT", [](Config& c) -> std::string& { return c.jwt_issuer; }, check_text,
          "Take tokens of this issuer (iss) only"),
      list(
          "jwt-audience", "TEXT",
          [](Config& c) -> std::vector<std::string>& { return c.jwt_audiences; }, check_text,
          "Take tokens for this audience (aud) only; without it, those for none. Repeatable: for "
          "one of these"),
      duration(
          "jwt-leeway", [](Config& c) -> milliseconds& { return c.jwt_leeway; }, 0s, 1h,
          "How much the clock of who issues tokens may differ from this one's"),
      text_row(
          "jwt-claim", "NAME", [](Config& c) -> std::string& { return c.jwt_claim; }, check_text,
          "The claim that holds a token's rights"),
      count<std::size_t>(
          "jwt-cache", [](Config& c) -> std::size_t& { return c.jwt_cache; }, 0, 1'000'000,
          "Tokens whose signature is not checked again at each request, by each loop"),
      duration(
          "jwks-every", [](Config& c) -> milliseconds& { return c.jwks_every; }, 1s, 24h,
          "How often the keys of a URL are fetched anew"),
      duration(
          "jwks-pause", [](Config& c) -> milliseconds& { return c.jwks_pause; }, 1s, 1h,
          "How soon after that they are fetched again, for a token of a key that is not among "
          "them, "
          "or because it failed"),
      duration(
          "jwks-timeout", [](Config& c) -> milliseconds& { return c.jwks_timeout; }, 100ms, 1min,
          "Time to fetch them; such a token waits for as long, --authorize-timeout at most"),
  };
}

}  // namespace framewire::cli
