#include "relay/fetch/key_fetcher.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "relay/access/jwt/limits.h"
#include "relay/fetch/http_get.h"

namespace framewire::relay {

KeyFetcher::KeyFetcher(Source source, std::shared_ptr<TokenKeys> keys)
    : source_(std::move(source)), keys_(std::move(keys)) {
  keys_->look_begins();  // who asks before the first keys are there waits for them
  keys_->serve(source_.pause, [this] {
    const Lock lock{mutex_};
    wanted_ = true;
    changed_.notify_all();
  });
  thread_ = std::thread{[this] { run(); }};
}

KeyFetcher::~KeyFetcher() {
  keys_->close();  // nobody wakes it after this
  {
    const Lock lock{mutex_};
    stop_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void KeyFetcher::run() {
  do {
    keys_->look_begins();
    const bool good = look();
    const Time now = Clock::now();
    keys_->look_ended(now);
    if (!wait_until(now + (good ? source_.every : source_.pause))) return;
  } while (!stop_);
}

bool KeyFetcher::look() {
  auto text = http_get(source_.url, {source_.timeout, jwt::kKeySetBytes}, stop_);
  if (text && !text_.empty() && *text == text_) {
    if (std::exchange(told_, false))
      spdlog::info("--jwks {}: is there again", shown_url(source_.url));
    return true;
  }
  auto fresh = text ? jwt::KeySet::read(*text) : tl::make_unexpected(text.error());
  if (!fresh) {
    if (!stop_ && !std::exchange(told_, true))
      spdlog::warn(
          "--jwks {}: no keys: {}; {}", shown_url(source_.url), fresh.error().what,
          text_.empty() ? "tokens are refused until there are some" : "the last good ones go on");
    return false;
  }
  told_ = false;
  text_ = *std::move(text);
  for (const std::string& sentence : fresh->left_out())
    spdlog::warn("--jwks {}: left out: {}", shown_url(source_.url), sentence);
  spdlog::info("--jwks {}: {} keys", shown_url(source_.url), fresh->size());
  keys_->replace(*std::move(fresh));
  return true;
}

// False: it is to end.
bool KeyFetcher::wait_until(Time next) {
  Lock lock{mutex_};
  while (!stop_ && !std::exchange(wanted_, false))
    if (!lock.wait_until(changed_, next)) break;
  return !stop_;
}

}  // namespace framewire::relay
