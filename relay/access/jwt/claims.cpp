#include "relay/access/jwt/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {
namespace {

using nlohmann::json;

// Parts of a second are dropped; not_before is asked with `up`, so that it is never earlier.
Checked<std::optional<Instant>> time_of(const json& claims, const char* name, bool up = false) {
  const json* value = member(claims, name);
  if (value == nullptr) return std::nullopt;
  const double seconds = value->is_number() ? value->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= static_cast<double>(kLatest)))
    return refuse(Fault::malformed, fmt::format("the token's {} is no time in seconds", name));
  const double whole = up ? std::ceil(seconds) : std::floor(seconds);
  return Instant{std::chrono::seconds{static_cast<std::int64_t>(whole)}};
}

// Names go to the log and to other people: no line ends, no other controls.
bool is_plain_text(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() <= kTextBytes && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

Checked<std::string> text_claim(const json& claims, const char* name) {
  const json* value = member(claims, name);
  if (value == nullptr) return std::string{};
  if (!is_plain_text(*value))
    return refuse(Fault::malformed, fmt::format("the token's {} is no short text", name));
  return value->get<std::string>();
}

Checked<std::vector<std::string>> audiences_of(const json& claims) {
  const json* value = member(claims, "aud");
  if (value == nullptr) return std::vector<std::string>{};
  const json list = value->is_array() ? *value : json::array({*value});
  if (list.empty() || list.size() > kAudiences ||
      !std::all_of(list.begin(), list.end(), is_plain_text))
    return refuse(Fault::malformed, "the token's aud is no short text, and no list of such");
  return list.get<std::vector<std::string>>();
}

Checked<std::vector<Right>> rights_of(const json& claims, const std::string& name) {
  const json* list = member(claims, name);
  if (list == nullptr) return refuse(Fault::rights, "the token gives no rights");
  auto rights = read_rights(*list, "the token");
  if (!rights) return refuse(Fault::rights, rights.error());
  return *std::move(rights);
}

Checked<void> check_times(const Claims& claims, const Rules& rules, Instant now) {
  if (now >= claims.expires + rules.leeway) return refuse(Fault::expired, "the token has expired");
  if (claims.not_before && now + rules.leeway < *claims.not_before)
    return refuse(Fault::not_yet, "the token is valid later only");
  if (claims.issued && now + rules.leeway < *claims.issued)
    return refuse(Fault::not_yet, "the token was issued in the future");
  return {};
}

Checked<void> check_parties(const Claims& claims, const Rules& rules) {
  if (!rules.issuer.empty() && claims.issuer != rules.issuer)
    return refuse(Fault::issuer, "the token is not of the issuer that is expected");
  const bool for_us = std::any_of(
      claims.audiences.begin(), claims.audiences.end(), [&](const std::string& audience) {
        return std::find(rules.audiences.begin(), rules.audiences.end(), audience) !=
               rules.audiences.end();
      });
  if (for_us || (rules.audiences.empty() && claims.audiences.empty())) return {};
  return refuse(Fault::audience, rules.audiences.empty()
                                     ? "the token is for an audience, and none is expected here"
                                     : "the token is not for the audience that is expected");
}

}  // namespace

Checked<Claims> read_claims(std::string_view payload, const Rules& rules, Instant now) {
  const auto json = parse_object(payload);
  if (!json) return refuse(Fault::malformed, fmt::format("the token's payload {}", json.error()));
  const auto expires = time_of(*json, "exp");
  const auto not_before = time_of(*json, "nbf", true);
  const auto issued = time_of(*json, "iat");
  for (const auto* time : {&expires, &not_before, &issued})
    if (!*time) return tl::make_unexpected(time->error());
  if (!*expires) return refuse(Fault::no_expiry, "the token does not say when it expires");
  auto issuer = text_claim(*json, "iss");
  auto subject = text_claim(*json, "sub");
  for (const auto* text : {&issuer, &subject})
    if (!*text) return tl::make_unexpected(text->error());
  auto audiences = audiences_of(*json);
  if (!audiences) return tl::make_unexpected(audiences.error());
  Claims claims{**expires,           *not_before,           *issued, *std::move(issuer),
                *std::move(subject), *std::move(audiences), {},      {}};
  if (auto good = check_times(claims, rules, now); !good) return tl::make_unexpected(good.error());
  if (auto good = check_parties(claims, rules); !good) return tl::make_unexpected(good.error());
  auto rights = rights_of(*json, rules.claim);
  if (!rights) return tl::make_unexpected(rights.error());
  claims.rights = *std::move(rights);
  if (const auto* limits = member(*json, rules.claim + "_limits")) {
    const auto quota = read_quota(*limits, "the token");
    if (!quota) return refuse(Fault::rights, quota.error());
    // All tokens without one would share them.
    if (quota->any() && claims.subject.empty())
      return refuse(Fault::rights, "the token has limits, and no sub to count them by");
    claims.quota = *quota;
  }
  return claims;
}

}  // namespace framewire::jwt
