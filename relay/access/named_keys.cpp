#include "relay/access/named_keys.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"
#include "relay/base/certificate_name.h"
#include "relay/base/config.h"
#include "relay/base/loop.h"
#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

constexpr std::size_t kShortestKey = 8, kLongestKey = 512;

// The end of a sentence.
using Fault = tl::expected<void, std::string>;
tl::unexpected<std::string> wrong(std::string what) {
  return tl::make_unexpected(std::move(what));
}

bool is_plain_name(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return !text.empty() && text.size() <= jwt::kTextBytes &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<Digest> digest_in_hex(std::string_view text) {
  Digest out{};
  if (text.size() != 2 * out.size()) return std::nullopt;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return out;
}

// What the row is about, besides: its digest, and the certificate's name.
Fault read_subject(const json& row, NamedKey& out) {
  const json *key = jwt::member(row, "key"), *sha = jwt::member(row, "sha256"),
             *certificate = jwt::member(row, "certificate");
  if ((key != nullptr) + (sha != nullptr) + (certificate != nullptr) != 1)
    return wrong("needs one of key, sha256 and certificate");
  const json& given = key ? *key : sha ? *sha : *certificate;
  if (!given.is_string()) return wrong("has a key that is no text");
  const auto& text = given.get_ref<const std::string&>();
  if (sha) {
    const auto digest = digest_in_hex(text);
    if (!digest) return wrong("has a sha256 that is not 64 digits of 0-9 a-f");
    out.digest = *digest;
    return {};
  }
  if (certificate) {
    auto name = certificate_name(text);
    if (!name)
      return wrong(
          "has a certificate that is not DNS:, URI:, email:, IP:, CN: or SHA256: and a name");
    out.certificate = *std::move(name);
    // No key has a NUL in it (presented_key), so that none has this digest.
    out.digest = sha256(std::string{"certificate\0", 12} + out.certificate);
    return {};
  }
  const bool visible =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  if (!visible || text.size() < kShortestKey || text.size() > kLongestKey)
    return wrong(fmt::format("has a key that is not {} to {} ASCII characters without blanks",
                             kShortestKey, kLongestKey));
  out.digest = sha256(text);
  return {};
}

Fault read_member(const std::string& name, const json& value, NamedKey& out) {
  if (name == "name") {
    if (!is_plain_name(value)) return wrong("has a name that is no short text");
    out.name = value.get<std::string>();
  } else if (name == "rights") {
    auto rights = jwt::read_rights(value, "");
    if (!rights)
      return wrong("has no list of rights that is understood: " + rights.error().substr(3));
    out.rights = *std::move(rights);
  } else if (name == "expires") {
    const double seconds = value.is_number() ? value.get<double>() : -1;
    if (!(seconds >= 0 && seconds <= static_cast<double>(jwt::kLatest)))
      return wrong("has an expires that is no time in seconds");
    out.expires = jwt::Instant{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
  } else if (name == "limits") {
    auto quota = jwt::read_quota(value, "its");
    if (!quota) return wrong("has no limits that are understood");
    out.quota = *quota;
  } else if (name != "key" && name != "sha256" && name != "certificate") {
    return wrong(
        "has a member that is none of name, key, sha256, certificate, rights, expires and limits");
  }
  return {};
}

tl::expected<NamedKey, std::string> key_of(const json& row) {
  if (!row.is_object()) return wrong("is no object");
  NamedKey out;
  if (auto good = read_subject(row, out); !good) return tl::make_unexpected(good.error());
  for (const auto& [name, value] : row.items())
    if (auto good = read_member(name, value, out); !good) return tl::make_unexpected(good.error());
  if (out.name.empty()) return wrong("has no name");
  if (out.rights.empty()) return wrong("has no rights");
  return out;
}

}  // namespace

tl::expected<NamedKeys, std::string> NamedKeys::read(std::string_view text) {
  const auto object = jwt::parse_object(text);
  if (!object) return wrong(fmt::format("it {}", object.error()));
  const json* list = jwt::member(*object, "keys");
  if (object->size() != 1 || !list || !list->is_array() || list->empty() ||
      list->size() > kNamedKeys)
    return wrong(fmt::format("{{\"keys\": [...]}} with 1 to {} keys is expected", kNamedKeys));
  NamedKeys out;
  for (const json& row : *list) {
    auto key = key_of(row);
    if (!key) return wrong(fmt::format("key {} {}", out.keys_.size() + 1, key.error()));
    const bool twice = std::any_of(out.keys_.begin(), out.keys_.end(), [&](const NamedKey& other) {
      return other.digest == key->digest;
    });
    if (twice) return wrong(fmt::format("key {} is there twice", out.keys_.size() + 1));
    out.keys_.push_back(*std::move(key));
  }
  return out;
}

std::optional<std::size_t> NamedKeys::find(std::string_view presented) const {
  const Digest digest = sha256(presented);
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < keys_.size(); ++i)  // to the end: which one fitted must not be timed
    if (CRYPTO_memcmp(keys_[i].digest.data(), digest.data(), digest.size()) == 0 &&
        keys_[i].certificate.empty())
      found = i;
  return found;
}

std::optional<std::size_t> NamedKeys::find(const ClientCertificate& shown) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const NamedKey& each) {
    return !each.certificate.empty() &&
           std::find(shown.names.begin(), shown.names.end(), each.certificate) != shown.names.end();
  });
  if (found == keys_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - keys_.begin());
}

NamedKeyAuthorizer::NamedKeyAuthorizer(const Config& config, Loop& loop,
                                       std::shared_ptr<Authorizer> next, jwt::Instant wall)
    : next_(std::move(next)),
      loop_(loop),
      keys_(config.named_keys ? config.named_keys : std::make_shared<const NamedKeys>()) {
  for (const NamedKey& key : keys_->all()) {
    std::vector<Right> rights = everybody()->rights();
    for (const jwt::Right& right : key.rights) rights.push_back({right.action, right.stream});
    std::optional<Time> expiry;
    if (key.expires)
      expiry = loop.now() + std::clamp<std::chrono::seconds>(
                                *key.expires - wall, std::chrono::seconds{0}, kLongestRight);
    About about;
    about.quota = key.quota;
    about.personal = true;
    about.key = key.digest;
    about.by_certificate = !key.certificate.empty();
    principals_.push_back(
        std::make_shared<const Principal>(key.name, std::move(rights), expiry, std::move(about)));
  }
}

Authorizer::Reply NamedKeyAuthorizer::authorize(const Credentials& credentials,
                                                OnAnswer on_answer) {
  if (!credentials.token && !credentials.link && credentials.certificate)
    return by_certificate(credentials, std::move(on_answer));
  const auto found = credentials.token ? keys_->find(*credentials.token) : std::nullopt;
  if (!found) return next_->authorize(credentials, std::move(on_answer));
  return answer_of(principals_[*found], credentials, "the key has expired: ask for a new one");
}

Authorizer::Reply NamedKeyAuthorizer::by_certificate(const Credentials& credentials,
                                                     OnAnswer on_answer) {
  const ClientCertificate& shown = *credentials.certificate;
  if (const auto found = keys_->find(shown)) {
    constexpr std::string_view kOver =
        "certificate-expired: the client certificate, or the key that names it, has expired";
    if (loop_.now() >= shown.ends) return over(credentials, kOver);
    return answer_of(principals_[*found], credentials, kOver);
  }
  // Somebody else may know who that is, or it may what everybody may.
  auto reply = next_->authorize(credentials, std::move(on_answer));
  const Answer* answer = std::get_if<Answer>(&reply);
  if (!answer || !*answer || (*answer)->known ||
      (*answer)->principal->may(credentials.action, credentials.stream))
    return reply;
  return Answer{tl::make_unexpected(
      Denial{Refusal::forbidden,
             fmt::format("certificate-unknown: the client certificate of \"{}\" is taken, but no "
                         "key of --keys names it",
                         shown.subject),
             false})};
}

Answer NamedKeyAuthorizer::answer_of(const std::shared_ptr<const Principal>& principal,
                                     const Credentials& credentials,
                                     std::string_view expired) const {
  if (principal->expired(loop_.now())) return over(credentials, expired);
  return Grant{principal, true};
}

// Who needs nothing is not kept out by what has expired.
Answer NamedKeyAuthorizer::over(const Credentials& credentials, std::string_view why) const {
  if (everybody()->may(credentials.action, credentials.stream)) return Grant{everybody()};
  return tl::make_unexpected(Denial{Refusal::token_expired, std::string{why}, false});
}

std::shared_ptr<const Principal> NamedKeyAuthorizer::holder_of(const Digest& key) const {
  const auto& all = keys_->all();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const NamedKey& each) { return each.digest == key; });
  return found == all.end() ? next_->holder_of(key)
                            : principals_[static_cast<std::size_t>(found - all.begin())];
}

}  // namespace framewire::relay
