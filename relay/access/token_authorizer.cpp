#include "relay/access/token_authorizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "relay/access/hook_authorizer.h"
#include "relay/access/link_authorizer.h"
#include "relay/access/named_keys.h"
#include "relay/base/config.h"
#include "relay/base/loop.h"
#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

using jwt::Fault;

constexpr std::string_view kNoKeys =
    "the keys that tokens are verified with could not be fetched yet: try again";

jwt::Rules rules_of(const Config& config) {
  return {config.jwt_issuer, config.jwt_audiences,
          std::chrono::duration_cast<std::chrono::seconds>(config.jwt_leeway), config.jwt_claim};
}

// Whoever made up a token, and not one whose honest one is of no use any more, or elsewhere.
bool is_guess(Fault fault) {
  return fault == Fault::malformed || fault == Fault::too_long || fault == Fault::algorithm ||
         fault == Fault::critical || fault == Fault::key_unknown || fault == Fault::signature;
}

Denial denial_of(const jwt::Refused& refused) {
  return {refused.fault == Fault::expired ? Refusal::token_expired : Refusal::unauthorized,
          fmt::format("{}: {}", to_string(refused.fault), refused.what), is_guess(refused.fault)};
}

jwt::Instant wall_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

bool looks_like_token(std::string_view key) {
  return std::count(key.begin(), key.end(), '.') >= 2;
}

// Waits for the end of a look at the keys, and then says what has come of the token.
class TokenAuthorizer::Look final : public Authorizer::Question {
 public:
  Look(TokenAuthorizer& owner, const Credentials& credentials, OnAnswer on_answer)
      : owner_(owner),
        token_(*credentials.token),
        action_(credentials.action),
        stream_(credentials.stream),
        on_answer_(std::move(on_answer)) {}

  // False: there is no look to wait for.
  bool begin() {
    waiting_ = owner_.source_->look_anew(
        owner_.loop_.now(), [&loop = owner_.loop_, alive = std::weak_ptr{alive_}, this] {
          loop.post_costly([alive, this] {
            if (alive.lock()) answer();
          });
        });
    return waiting_ != nullptr;
  }

 private:
  void answer() {
    Credentials credentials;
    credentials.token = token_;
    credentials.action = action_;
    credentials.stream = stream_;
    const Answer out = owner_.answer_of(owner_.find(token_), credentials);
    const OnAnswer told = std::move(on_answer_);  // this may be gone once it is told
    told(out);
  }

  TokenAuthorizer& owner_;  // held by who asks
  const std::string token_;
  const Action action_;
  const std::string stream_;
  OnAnswer on_answer_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<TokenKeys::Waiting> waiting_;
};

TokenAuthorizer::TokenAuthorizer(const Config& config, Loop& loop, WallClock wall)
    : keys_(config),
      loop_(loop),
      wall_(std::move(wall)),
      rules_(rules_of(config)),
      source_(config.token_keys),
      cache_(config.jwt_cache) {}

Authorizer::Reply TokenAuthorizer::authorize(const Credentials& credentials, OnAnswer on_answer) {
  if (!credentials.token || !looks_like_token(*credentials.token))
    return keys_.authorize(credentials, std::move(on_answer));
  const Found found = find(*credentials.token);
  if (!found && found.error().fault == Fault::key_unknown) {
    auto look = std::make_unique<Look>(*this, credentials, std::move(on_answer));
    if (look->begin()) return std::unique_ptr<Question>{std::move(look)};
  }
  return answer_of(found, credentials);
}

TokenAuthorizer::Found TokenAuthorizer::find(std::string_view token) {
  if (source_->number() != current_.number) {
    current_ = source_->current();
    cache_.clear();
  }
  if (!current_.keys) return jwt::refuse(Fault::key_unknown, std::string{kNoKeys});
  const auto digest = sha256(token);
  if (auto known = cache_.find(digest, loop_.now())) return known;
  const auto claims = jwt::verify(token, *current_.keys, rules_, wall_());
  if (!claims) return tl::make_unexpected(claims.error());
  auto principal = principal_of(*claims);
  cache_.put(digest, principal);
  return principal;
}

Answer TokenAuthorizer::answer_of(const Found& found, const Credentials& credentials) const {
  if (found) return Grant{*found, true};
  // Who needs no token is not kept out by one that is refused.
  if (everybody()->may(credentials.action, credentials.stream))
    return Grant{everybody(), false, current_.keys && is_guess(found.error().fault)};
  if (!current_.keys) return tl::make_unexpected(Denial{Refusal::timed_out, std::string{kNoKeys}});
  return tl::make_unexpected(denial_of(found.error()));
}

std::shared_ptr<const Principal> TokenAuthorizer::principal_of(const jwt::Claims& claims) const {
  std::vector<Right> rights = everybody()->rights();
  for (const jwt::Right& right : claims.rights) rights.push_back({right.action, right.stream});
  const auto left =
      std::min<std::chrono::seconds>(claims.expires + rules_.leeway - wall_(), kLongestRight);
  About about;
  about.quota = claims.quota;
  about.personal = !claims.subject.empty();
  return std::make_shared<const Principal>(claims.subject.empty() ? "a token" : claims.subject,
                                           std::move(rights), loop_.now() + left, std::move(about));
}

std::shared_ptr<Authorizer> make_usual_authorizer(const Config& config, Loop& loop) {
  std::shared_ptr<Authorizer> keys;
  if (config.token_keys)
    keys = std::make_shared<TokenAuthorizer>(config, loop, wall_now);
  else
    keys = make_static_keys(config, loop);
  if (config.auth_hook)
    keys = std::make_shared<HookAuthorizer>(config, loop, std::move(keys), wall_now);
  if (config.link_keys)
    keys = std::make_shared<LinkAuthorizer>(config, loop, std::move(keys), wall_now);
  if (config.named_keys || !config.client_ca.empty())
    keys = std::make_shared<NamedKeyAuthorizer>(config, loop, std::move(keys), wall_now());
  return keys;
}

}  // namespace framewire::relay
