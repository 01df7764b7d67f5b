// Keys of a file (--keys), each with a name, rights, an end and limits of its own:
//   {"keys": [{"name": "anna", "key": "...", "rights": [{"action": "watch", "stream": "room/*"}],
//              "expires": 1900000000, "limits": {"viewers": 3}}]}
// In place of "key" may stand "sha256", the key's digest as 64 hexadecimal digits, or
// "certificate", what a client's certificate is called (certificate_name.h), which is then shown in
// place of a key. Only digests of keys are kept, and compared in constant time. Thread: immutable,
// any. Source: docs/security.md, "Keys with rights", "Client certificates".
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
  Digest digest{};          // of the key; of a certificate's name it is no key's
  std::string certificate;  // the name of one; "": it is a key
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
  // The same of the first that names this certificate.
  std::optional<std::size_t> find(const ClientCertificate& shown) const;
  const std::vector<NamedKey>& all() const { return keys_; }

 private:
  std::vector<NamedKey> keys_;
};

// These keys before whatever else says who may. A key's rights are added to those that everybody
// has. A certificate counts where the request itself shows nothing. Thread: its loop's.
class NamedKeyAuthorizer final : public Authorizer {
 public:
  // config.named_keys may be null: then no certificate is anybody's. next: asked about whoever
  // shows none of them. wall: what time it is for people, now.
  NamedKeyAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> next,
                     jwt::Instant wall);

  Reply authorize(const Credentials& credentials, OnAnswer on_answer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return next_->everybody(); }
  const std::shared_ptr<const Principal>& everybody_here() const override {
    return next_->everybody_here();
  }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override;

 private:
  Answer answer_of(const std::shared_ptr<const Principal>& principal,
                   const Credentials& credentials, std::string_view expired) const;
  Answer over(const Credentials& credentials, std::string_view why) const;
  Reply by_certificate(const Credentials& credentials, OnAnswer on_answer);

  const std::shared_ptr<Authorizer> next_;
  Loop& loop_;
  const std::shared_ptr<const NamedKeys> keys_;
  std::vector<std::shared_ptr<const Principal>> principals_;  // in the order of the keys
};

}  // namespace framewire::relay
