#include "relay/server/renewal.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kPerSecond = 1;  // each may cost the check of a signature

}  // namespace

Renewal::Renewal(Connection& connection, const Admission& admission, const Request& request)
    : connection_(connection),
      action_(admission.row->needs.value_or(Action::watch)),
      stream_(connection.loop().names().get(admission.target.stream)),
      user_agent_(connection.loop().names().get(request.user_agent)) {
  if (admission.principal->expiry() && !request.arguments.empty())
    arguments_ = std::make_unique<const std::vector<std::string>>(request.arguments);
}

void Renewal::begin() {
  if (connection_.principal()->expiry()) tell();
  tell_rights();
}

bool Renewal::may(Action action) const {
  return connection_.principal()->may(action, stream_.view());
}

void Renewal::take(std::string_view token) {
  const Time now = connection_.loop().now();
  if (!asking_) asking_ = std::make_unique<Asking>(Asking{TokenBucket{kPerSecond}});
  if (asking_->question || asking_->token || !asking_->rate.pass(now))
    return refuse("a token a second is looked at, and one at a time", false);
  asking_->token = token;
  if (action_ != Action::publish) connection_.await_turn(true);
  connection_.loop().post_costly([alive = std::weak_ptr{asking_->alive}, this] {
    if (alive.lock()) look();
  });
}

void Renewal::look() {
  const std::string token = *std::exchange(asking_->token, std::nullopt);
  if (action_ != Action::publish) connection_.await_turn(false);
  if (connection_.ending()) return;
  const Time now = connection_.loop().now();
  if (!connection_.loop().shared().key_pause.lets(connection_.counted(), now))
    return refuse("too many wrong keys came from this address: try again later", false);
  Credentials shown;
  shown.token = token;
  shown.action = action_;
  shown.stream = stream_.view();
  shown.protocol = "websocket";
  shown.address = connection_.peer();
  shown.user_agent = user_agent_.view();
  if (arguments_) shown.arguments = *arguments_;
  const std::string name = connection_.name();
  shown.connection = name;
  asking_->authorizer = connection_.loop().rules().authorizer;
  auto reply = asking_->authorizer->authorize(shown, [this](const Answer& answer) {
    const Answer own = answer;
    const auto asked = std::move(asking_->question);  // gone at the end of this
    settle(own);
  });
  if (const Answer* at_once = std::get_if<Answer>(&reply))
    settle(*at_once);
  else
    asking_->question = std::get<std::unique_ptr<Authorizer::Question>>(std::move(reply));
}

std::string Renewal::shown() const {
  const About& about = connection_.principal()->about();
  if (about.shown_name.empty() && about.metadata.empty()) return {};
  nlohmann::json out = {{"name", about.shown_name}};
  std::string text = out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (about.metadata.empty()) return text;
  text.pop_back();  // it is JSON already
  return text + ",\"metadata\":" + about.metadata + "}";
}

void Renewal::settle(const Answer& answer) {
  if (connection_.ending()) return;
  if (!answer) return refuse(answer.error().message, answer.error().guessed);
  if (!answer->known) return refuse(kWrongKey, answer->guessed);
  if (answer->principal->expired(connection_.loop().now())) return refuse(kTokenExpired, false);
  if (connection_.loop().shared().bans.holds_identity(answer->principal->own_name(),
                                                      connection_.loop().now()))
    return refuse(kBannedSentence, false);
  if (!answer->principal->may(action_, stream_.view()))
    return refuse("the token is good, but not for this stream", false);
  if (!connection_.renew(answer->principal, action_ == Action::publish, stream_.str()))
    return refuse("whoever this token names has as much as it may already", false);
  tell();
  tell_rights();
}

void Renewal::refuse(std::string_view message, bool guessed) {
  if (guessed)
    connection_.loop().shared().key_pause.wrong(connection_.counted(), connection_.loop().now());
  spdlog::log(guessed ? spdlog::level::info : spdlog::level::debug,
              "{}: a new token for {} is refused: {}", connection_.peer(), stream_.view(), message);
  connection_.send_text(warning_message("token-refused", message));
}

void Renewal::tell() const {
  std::optional<Duration> left;
  if (const auto expiry = connection_.principal()->expiry())
    left = std::max(Duration{0},
                    std::chrono::duration_cast<Duration>(*expiry - connection_.loop().now()));
  connection_.send_text(token_message(left));
}

// Most may not, and are told nothing; whoever may no longer is.
void Renewal::tell_rights() {
  const bool moderates = may(Action::moderate);
  if (!moderates && !told_rights_) return;
  told_rights_ = moderates;
  connection_.send_text(rights_message(moderates, may(Action::manage),
                                       connection_.principal()->may(Action::manage, "")));
}

}  // namespace framewire::relay
