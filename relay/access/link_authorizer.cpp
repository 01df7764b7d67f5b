#include "relay/access/link_authorizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/config.h"
#include "relay/base/loop.h"

namespace framewire::relay {
namespace {}  // namespace

LinkAuthorizer::LinkAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> next,
                               WallClock wall)
    : next_(std::move(next)), loop_(loop), wall_(std::move(wall)), keys_(config.link_keys) {}

Authorizer::Reply LinkAuthorizer::authorize(const Credentials& credentials, OnAnswer on_answer) {
  if (!credentials.link) return next_->authorize(credentials, std::move(on_answer));
  return answer_of(credentials);
}

// Not what was good until a moment ago, nor what is for something else that is done with the
// stream.
bool LinkAuthorizer::is_guess(const Credentials& credentials, jwt::LinkFault fault) const {
  if (fault == jwt::LinkFault::malformed) return true;
  if (fault == jwt::LinkFault::expired) return false;
  const std::string stream{credentials.stream};
  const std::array others = {Action::watch, Action::publish};
  return std::none_of(others.begin(), others.end(), [&](Action other) {
    const auto end = keys_->verify(*credentials.link, other, stream, wall_());
    return end || end.error().fault == jwt::LinkFault::expired;
  });
}

Answer LinkAuthorizer::answer_of(const Credentials& credentials) const {
  const jwt::Instant now = wall_();
  const std::string stream{credentials.stream};
  const auto end = keys_->verify(*credentials.link, credentials.action, stream, now);
  if (!end) {
    const bool guessed = is_guess(credentials, end.error().fault);
    // Who needs no link is not kept out by a wrong one.
    if (everybody()->may(credentials.action, stream)) return Grant{everybody(), false, guessed};
    const bool expired = end.error().fault == jwt::LinkFault::expired;
    return tl::make_unexpected(
        Denial{expired ? Refusal::token_expired : Refusal::unauthorized,
               fmt::format("{}: {}", to_string(end.error().fault), end.error().what), guessed});
  }
  // Whoever signs what a caller asks for gives away no more than the documents say.
  if (credentials.action != Action::watch && credentials.action != Action::publish)
    return tl::make_unexpected(
        Denial{Refusal::unauthorized, "link-signature: a link is to watch or to publish", true});
  std::vector<Right> rights = everybody()->rights();
  // What is of no stream, such as the list of all, has no link.
  if (!stream.empty()) {
    rights.push_back({credentials.action, stream});
    rights.push_back({credentials.action == Action::watch ? Action::talk : Action::record, stream});
  }
  const auto left = std::min<std::chrono::seconds>(*end - now, kLongestRight);
  return Grant{
      std::make_shared<const Principal>("a signed link", std::move(rights), loop_.now() + left),
      true};
}

}  // namespace framewire::relay
