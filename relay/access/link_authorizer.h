// Signed links (relay/access/jwt/link.h) before whatever else says who may. A link gives the action
// and stream that it is signed for beside what everybody may, and with `watch` also `talk`.
// Thread: its loop's. Source: docs/security.md, "Signed links".
#pragma once
#include <functional>
#include <memory>

#include "relay/access/authorizer.h"
#include "relay/access/jwt/link.h"

namespace framewire::relay {

class LinkAuthorizer final : public Authorizer {
 public:
  using WallClock = std::function<jwt::Instant()>;
  // config.link_keys is not null. next: asked about whoever shows no link.
  LinkAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> next,
                 WallClock wall);

  Reply authorize(const Credentials& credentials, OnAnswer on_answer) override;
  const std::shared_ptr<const Principal>& everybody() const override { return next_->everybody(); }
  const std::shared_ptr<const Principal>& everybody_here() const override {
    return next_->everybody_here();
  }
  std::shared_ptr<const Principal> holder_of(const Digest& key) const override {
    return next_->holder_of(key);
  }

 private:
  Answer answer_of(const Credentials& credentials) const;
  bool is_guess(const Credentials& credentials, jwt::LinkFault fault) const;

  const std::shared_ptr<Authorizer> next_;
  Loop& loop_;
  const WallClock wall_;
  const std::shared_ptr<const jwt::LinkKeys> keys_;
};

}  // namespace framewire::relay
