#include "relay/access/jwt/key_set.h"

#include <fmt/format.h>

#include "relay/access/jwt/jwk.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/strict_json.h"

namespace framewire::jwt {

Result<KeySet> KeySet::read(std::string_view text) {
  if (text.size() > kKeySetBytes)
    return fail(Errc::limit_exceeded, "keys of more than 256 KiB are not read");
  const auto json = parse_object(text);
  if (!json) return fail(Errc::bad_text, fmt::format("what should be keys {}", json.error()));
  KeySet set;
  const nlohmann::json* keys = member(*json, "keys");
  if (keys == nullptr) {
    if (auto added = set.add("the key", *json); !added) return tl::make_unexpected(added.error());
  } else {
    if (member(*json, "kty") != nullptr)
      return fail(Errc::refused, "keys are a set or one key, and this is both");
    if (!keys->is_array()) return fail(Errc::bad_text, "\"keys\" is no list");
    if (keys->size() > kKeys)
      return fail(Errc::limit_exceeded, "a set of more than 100 keys is not read");
    for (std::size_t i = 0; i < keys->size(); ++i)
      if (auto added = set.add(fmt::format("key {}", i + 1), (*keys)[i]); !added)
        return tl::make_unexpected(added.error());
  }
  if (auto done = set.finish(); !done) return tl::make_unexpected(done.error());
  return set;
}

Result<void> KeySet::add(const std::string& which, const nlohmann::json& jwk) {
  if (!jwk.is_object()) return fail(Errc::bad_text, which + " is no JSON object");
  auto read = read_jwk(jwk, Purpose::verify);
  if (!read) {
    std::string sentence = fmt::format("{} {}", which, read.error().what);
    if (!read.error().left_out) return fail(Errc::refused, std::move(sentence));
    left_out_.push_back(std::move(sentence));
    return {};
  }
  if (!read->key_id) {
    unnamed_.push_back(std::move(read->key));
  } else if (!named_.emplace(*read->key_id, std::move(read->key)).second) {
    return fail(Errc::refused, which + " has the same \"kid\" as another one");
  }
  return {};
}

Result<void> KeySet::finish() {
  if (size() > 1 && !unnamed_.empty()) {
    left_out_.push_back("keys without a \"kid\" are no good among several");
    unnamed_.clear();
  }
  if (size() > 0) return {};
  return fail(Errc::refused, left_out_.empty() ? "there are no keys"
                                               : "there is no key of use: " + left_out_.front());
}

const Key* KeySet::find(const std::optional<std::string>& key_id) const {
  if (key_id) {
    const auto found = named_.find(*key_id);
    return found == named_.end() ? nullptr : &found->second;
  }
  if (size() != 1) return nullptr;
  return unnamed_.empty() ? &named_.begin()->second : &unnamed_.front();
}

}  // namespace framewire::jwt
