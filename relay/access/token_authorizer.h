// Signed tokens (relay/access/jwt) beside the static keys: what looks like a token is verified, all
// else is a key. A token's rights are added to those that everybody has. Signatures are checked on
// the loop, as one takes 7 to 102 µs (docs/security.md, "Tokens"), and each token's once
// (token_cache.h). Only a token of a key that is not known waits, for a new look at the keys.
// Thread: its loop's. Source: RFC 7519, RFC 6750.
#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "relay/access/authorizer.h"
#include "relay/access/jwt/verify.h"
#include "relay/access/static_keys.h"
#include "relay/access/token_cache.h"
#include "relay/access/token_keys.h"

namespace framewire::relay {

// Two dots, as in header.payload.signature: it is verified, and never taken for a static key.
bool looks_like_token(std::string_view key);

class TokenAuthorizer final : public Authorizer {
 public:
  using WallClock = std::function<jwt::Instant()>;
  // config.token_keys is not null. wall: what time it is for people.
  TokenAuthorizer(const Config& config, Loop& loop, WallClock wall);

  Reply authorize(const Credentials& credentials, OnAnswer on_answer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return keys_.everybody(); }
  const std::shared_ptr<const Principal>& everybody_here() const override {
    return keys_.everybody_here();
  }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override {
    return keys_.holder_of(key);
  }

 private:
  class Look;
  using Found = jwt::Checked<std::shared_ptr<const Principal>>;

  Found find(std::string_view token);
  Answer answer_of(const Found& found, const Credentials& credentials) const;
  std::shared_ptr<const Principal> principal_of(const jwt::Claims& claims) const;

  StaticKeys keys_;
  Loop& loop_;
  const WallClock wall_;
  const jwt::Rules rules_;
  const std::shared_ptr<TokenKeys> source_;
  TokenKeys::Current current_;
  TokenCache cache_;
};

// All of them, as the configuration has them, in the order in which they are asked: keys with
// names, signed links, then static keys or tokens, and the operator's own server about the rest.
std::shared_ptr<Authorizer> make_usual_authorizer(const Config& config, Loop& loop);

}  // namespace framewire::relay
