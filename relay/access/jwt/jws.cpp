#include "relay/access/jwt/jws.h"

#include <algorithm>

#include "relay/access/jwt/base64url.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {
namespace {

bool is_none(std::string_view algorithm) {
  constexpr std::string_view kNone = "none";
  return std::equal(algorithm.begin(), algorithm.end(), kNone.begin(), kNone.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

Checked<Jws> read_header(const nlohmann::json& header) {
  Jws out;
  const nlohmann::json* algorithm = member(header, "alg");
  if (algorithm == nullptr || !algorithm->is_string())
    return refuse(Fault::algorithm, "the token names no algorithm");
  out.algorithm = algorithm->get<std::string>();
  if (is_none(out.algorithm))
    return refuse(Fault::algorithm, "the token is signed with the algorithm \"none\"");
  if (member(header, "crit") != nullptr)
    return refuse(Fault::critical, "the token asks for an extension that is not known here");
  if (const nlohmann::json* type = member(header, "typ"); type != nullptr && !type->is_string())
    return refuse(Fault::malformed, "the token's typ is no text");
  const nlohmann::json* key_id = member(header, "kid");
  if (key_id == nullptr) return out;
  if (!key_id->is_string()) return refuse(Fault::malformed, "the token's kid is no text");
  out.key_id = key_id->get<std::string>();
  return out;
}

}  // namespace

Checked<Jws> take_apart(std::string_view token) {
  if (token.size() > kTokenBytes) return refuse(Fault::too_long, "the token is longer than 8 KiB");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos)
    return refuse(Fault::malformed, "a token has three parts, and this one less");
  if (token.find('.', second + 1) != std::string_view::npos)
    return refuse(Fault::malformed, "a token has three parts, and this one more");
  const auto header_text = base64url_decode(token.substr(0, first));
  if (!header_text) return refuse(Fault::malformed, "the token's header is no base64url");
  const auto header = parse_object(*header_text);
  if (!header) return refuse(Fault::malformed, "the token's header " + std::string{header.error()});
  auto out = read_header(*header);
  if (!out) return out;
  auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
  if (!payload) return refuse(Fault::malformed, "the token's payload is no base64url");
  auto signature = base64url_decode(token.substr(second + 1));
  if (!signature) return refuse(Fault::malformed, "the token's signature is no base64url");
  out->signed_part = token.substr(0, second);
  out->payload = *std::move(payload);
  out->signature = *std::move(signature);
  return out;
}

}  // namespace framewire::jwt
