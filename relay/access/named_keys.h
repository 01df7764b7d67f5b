// Keys of a file (--keys), each with a name, rights, an end and limits of its own:
//   {"keys": [{"name": "anna", "key": "...", "rights": [{"action": "watch", "stream": "room/*"}],
//              "expires": 1900000000, "limits": {"viewers": 3}}]}
// In place of "key" may stand "sha256", the key's digest as 64 hexadecimal digits. Only digests are
// kept, and compared in constant time. Thread: immutable, any. Source: docs/security.md, "Keys with
// rights".
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "relay/access/authorizer.h"
#include "relay/access/digest_cache.h"
#include "relay/access/jwt/claims.h"
#include "relay/access/jwt/quota.h"

namespace framewire::relay {

inline constexpr std::size_t kNamedKeys = 1'000;
inline constexpr std::size_t kNamedKeysBytes = 4u << 20;  // of the file

struct NamedKey {
  Digest digest{};
  std::string name;
  std::vector<jwt::Right> rights;
  std::optional<jwt::Instant> expires;
  jwt::Quota quota;
};

class NamedKeys {
 public:
  // Errors: a sentence with the key's number, and nothing of the key.
  static tl::expected<NamedKeys, std::string> read(std::string_view text);

  // Its place among all(); nullopt: it is none of them.
  std::optional<std::size_t> find(std::string_view presented) const;
  const std::vector<NamedKey>& all() const { return keys_; }

 private:
  std::vector<NamedKey> keys_;
};

// These keys before whatever else says who may. A key's rights are added to those that everybody
// has. Thread: its loop's.
class NamedKeyAuthorizer final : public Authorizer {
 public:
  // config.named_keys is not null. next: asked about whoever shows none of them. wall: what time it
  // is for people, now.
  NamedKeyAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> next,
                     jwt::Instant wall);

  Reply authorize(const Credentials& credentials, OnAnswer on_answer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return next_->everybody(); }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override;

 private:
  const std::shared_ptr<Authorizer> next_;
  Loop& loop_;
  const std::shared_ptr<const NamedKeys> keys_;
  std::vector<std::shared_ptr<const Principal>> principals_;  // in the order of the keys
};

}  // namespace framewire::relay
