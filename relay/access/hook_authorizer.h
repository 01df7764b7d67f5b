// The operator's own server says who may (--auth-url), beside keys and tokens: it is asked about
// whoever shows neither a key nor, with --jwks, a token, and shows something else or may not do it
// as everybody may. Who need not be asked about is not kept out by its answer, or by none. Answers
// are used again for as long as they say, by each loop.
// Thread: its loop's. Source: docs/security.md, "The login server".
#pragma once
#include <functional>
#include <memory>

#include "relay/access/authorizer.h"
#include "relay/access/digest_cache.h"
#include "relay/access/hook_queue.h"
#include "relay/access/jwt/claims.h"

namespace framewire::relay {

class HookAuthorizer final : public Authorizer {
 public:
  using WallClock = std::function<jwt::Instant()>;
  // config.auth_hook is not null. keys: of keys and tokens.
  HookAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> keys,
                 WallClock wall);

  Reply authorize(const Credentials& credentials, OnAnswer on_answer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return keys_->everybody(); }
  const std::shared_ptr<const Principal>& everybody_here() const override {
    return keys_->everybody_here();
  }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override {
    return keys_->holder_of(key);
  }
  std::size_t kept() const { return kept_.size(); }

 private:
  class Ask;
  struct Subject {
    Digest digest{};
    Action action = Action::watch;
    std::string stream;
    bool keyed = false;          // a token was shown
    bool for_everybody = false;  // what it wants is everybody's: whoever it is may
  };
  struct Kept {
    Answer answer;
    Time until{};
  };

  Answer take(const Subject& subject, const HookReply& reply);
  Answer unless_for_everybody(const Subject& subject, Answer answer) const;
  Answer answer_of(const Subject& subject, const HookReply& reply) const;
  Answer admitted(const Subject& subject, const HookReply& reply) const;

  const std::shared_ptr<Authorizer> keys_;
  Loop& loop_;
  const WallClock wall_;
  const std::shared_ptr<HookQueue> hook_;
  const bool tokens_elsewhere_;  // with --jwks: what looks like a token is not asked about
  DigestCache<Kept> kept_;
};

}  // namespace framewire::relay
