#include "relay/access/hook_authorizer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "relay/access/counted_address.h"
#include "relay/access/hook_exchange.h"
#include "relay/access/token_authorizer.h"
#include "relay/base/config.h"
#include "relay/base/loop.h"
#include "relay/base/secret.h"

namespace framewire::relay {
namespace {

tl::unexpected<Denial> deny(Refusal why, std::string message, bool guessed = false) {
  return tl::make_unexpected(Denial{why, std::move(message), guessed});
}

std::string with_reason(std::string_view sentence, std::string_view body) {
  const std::string reason = hook_sentence(body);
  return reason.empty() ? std::string{sentence} : fmt::format("{}: {}", sentence, reason);
}

bool is_blank(std::string_view body) {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What goes along with a right, as it does with static keys.
std::vector<Right> rights_to(Action action, const std::string& stream) {
  // A stream's name is a pattern that fits it alone; what is of no stream is of the whole server.
  const std::string pattern = stream.empty() ? "*" : stream;
  std::vector<Right> out{{action, pattern}};
  if (action == Action::watch) out.push_back({Action::talk, pattern});
  if (action == Action::publish) out.push_back({Action::record, pattern});
  return out;
}

}  // namespace

// A question that is under way.
class HookAuthorizer::Ask final : public Authorizer::Question {
 public:
  Ask(HookAuthorizer& owner, Subject subject, OnAnswer on_answer)
      : owner_(owner), subject_(std::move(subject)), on_answer_(std::move(on_answer)) {}

  // Why it cannot be asked; nullopt: it is.
  std::optional<HookQueue::Refused> begin(std::string body, const std::string& counted) {
    auto asked = owner_.hook_->ask(
        std::move(body), counted, owner_.loop_.now(),
        [&loop = owner_.loop_, alive = std::weak_ptr{alive_}, this](HookReply reply) {
          loop.post_costly([alive, this, reply = std::move(reply)] {
            if (alive.lock()) answer(reply);
          });
        });
    if (const auto* refused = std::get_if<HookQueue::Refused>(&asked)) return *refused;
    waiting_ = std::get<std::unique_ptr<HookQueue::Waiting>>(std::move(asked));
    return std::nullopt;
  }

 private:
  void answer(const HookReply& reply) {
    const Answer out = owner_.take(subject_, reply);
    const OnAnswer told = std::move(on_answer_);  // this may be gone once it is told
    told(out);
  }

  HookAuthorizer& owner_;  // held by who asks
  const Subject subject_;
  OnAnswer on_answer_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<HookQueue::Waiting> waiting_;
};

HookAuthorizer::HookAuthorizer(const Config& config, Loop& loop, std::shared_ptr<Authorizer> keys,
                               WallClock wall)
    : keys_(std::move(keys)),
      loop_(loop),
      wall_(std::move(wall)),
      hook_(config.auth_hook),
      tokens_elsewhere_(config.token_keys != nullptr),
      kept_(config.auth_cache) {}

Authorizer::Reply HookAuthorizer::authorize(const Credentials& credentials, OnAnswer on_answer) {
  // Keys answer at once, and tokens whole; only one of whom they know nothing is asked about.
  auto known = keys_->authorize(credentials, on_answer);
  const Answer* at_once = std::get_if<Answer>(&known);
  if (!at_once || !*at_once || (*at_once)->known) return known;
  const bool may = (*at_once)->principal->may(credentials.action, credentials.stream);
  const bool shows =
      credentials.token && !(tokens_elsewhere_ && looks_like_token(*credentials.token));
  if (may && !shows) return known;
  Subject subject{sha256(hook_subject(credentials)), credentials.action,
                  std::string{credentials.stream}, credentials.token.has_value(), may};
  if (const Kept* kept = kept_.find(subject.digest)) {
    if (loop_.now() < kept->until) return unless_for_everybody(subject, kept->answer);
    kept_.erase(subject.digest);
  }
  auto ask = std::make_unique<Ask>(*this, std::move(subject), std::move(on_answer));
  if (const auto refused =
          ask->begin(hook_question(credentials), counted_address(std::string{credentials.address})))
    return may ? Answer{Grant{everybody()}}
           : *refused == HookQueue::Refused::full
               ? Answer{deny(Refusal::overloaded, std::string{kHookOverloaded})}
               : Answer{deny(Refusal::auth_failed, std::string{kHookFailed})};
  return std::unique_ptr<Question>{std::move(ask)};
}

// Who shows something that is not taken could as well have shown nothing.
Answer HookAuthorizer::unless_for_everybody(const Subject& subject, Answer answer) const {
  if (answer || !subject.for_everybody) return answer;
  return Grant{everybody(), false, answer.error().guessed};
}

Answer HookAuthorizer::take(const Subject& subject, const HookReply& reply) {
  Answer answer = answer_of(subject, reply);
  const auto age = max_age_of(reply.cache_control);
  const bool kept = reply.outcome == HookReply::Outcome::answered && age.count() > 0 &&
                    (answer || answer.error().why == Refusal::unauthorized ||
                     answer.error().why == Refusal::forbidden);
  if (kept) {
    // What it says by then may be another time.
    Time until = loop_.now() + age;
    if (answer)
      if (const auto expiry = answer->principal->expiry()) until = std::min(until, *expiry);
    kept_.put(subject.digest, {answer, until});
  }
  return unless_for_everybody(subject, std::move(answer));
}

Answer HookAuthorizer::answer_of(const Subject& subject, const HookReply& reply) const {
  constexpr long kUnauthorized = 401, kForbidden = 403, kOk = 200, kRedirects = 300;
  if (reply.outcome == HookReply::Outcome::timed_out)
    return deny(Refusal::auth_timed_out, std::string{kHookTimedOut});
  if (reply.outcome == HookReply::Outcome::displaced)
    return deny(Refusal::overloaded, std::string{kHookOverloaded});
  if (reply.outcome == HookReply::Outcome::failed)
    return deny(Refusal::auth_failed, std::string{kHookFailed});
  if (reply.status >= kOk && reply.status < kRedirects) return admitted(subject, reply);
  if (reply.status == kUnauthorized)
    return deny(Refusal::unauthorized,
                with_reason(subject.keyed ? "this key (token) is not taken"
                                          : "a key that opens this stream is needed",
                            reply.body),
                subject.keyed);
  if (reply.status == kForbidden)
    return deny(Refusal::forbidden,
                with_reason(fmt::format("whoever this is has no right \"{}\" here",
                                        to_string(subject.action)),
                            reply.body));
  spdlog::warn("--auth-url: it was answered with {}: the request is refused", reply.status);
  return deny(Refusal::auth_failed, std::string{kHookFailed});
}

Answer HookAuthorizer::admitted(const Subject& subject, const HookReply& reply) const {
  // An object that is closed is whole; nothing at all may be all that came of one.
  if (!reply.whole && is_blank(reply.body)) {
    spdlog::warn(
        "--auth-url: the answer has no body and does not say so (Content-Length: 0, or 204), so it "
        "may have been cut off: the request is refused");
    return deny(Refusal::auth_failed, std::string{kHookFailed});
  }
  auto said = read_hook_answer(reply.body);
  if (!said) {
    spdlog::warn("--auth-url: {}: the request is refused", said.error());
    return deny(Refusal::auth_failed, std::string{kHookFailed});
  }
  std::optional<Time> expiry;
  if (said->expires) {
    const auto left = std::min<std::chrono::seconds>(*said->expires - wall_(), kLongestRight);
    if (left.count() <= 0) return deny(Refusal::token_expired, std::string{kTokenExpired});
    expiry = loop_.now() + left;
  }
  std::vector<Right> rights = everybody()->rights();
  if (said->rights)
    for (const jwt::Right& right : *said->rights) rights.push_back({right.action, right.stream});
  else
    for (Right& right : rights_to(subject.action, subject.stream))
      rights.push_back(std::move(right));
  About about;
  about.shown_name = said->name;
  about.metadata = std::move(said->metadata);
  about.quota = said->quota;
  about.personal = !said->name.empty();
  return Grant{std::make_shared<const Principal>(said->name.empty() ? "by --auth-url" : said->name,
                                                 std::move(rights), expiry, std::move(about)),
               true};
}

}  // namespace framewire::relay
