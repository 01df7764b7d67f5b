#include "relay/access/token_keys.h"

#include <utility>

namespace framewire::relay {

TokenKeys::Current TokenKeys::current() const {
  const Lock lock{mutex_};
  return {keys_, number_.load(std::memory_order_relaxed)};
}

void TokenKeys::replace(jwt::KeySet keys) {
  auto fresh = std::make_shared<const jwt::KeySet>(std::move(keys));
  const Lock lock{mutex_};
  keys_ = std::move(fresh);
  number_.fetch_add(1, std::memory_order_release);
}

TokenKeys::Waiting::~Waiting() {
  const Lock lock{keys_->mutex_};
  keys_->waiting_.erase(id_);
}

std::unique_ptr<TokenKeys::Waiting> TokenKeys::look_anew(Time now, std::function<void()> told) {
  const Lock lock{mutex_};
  if (!wake_ || (!looking_ && looked_ && now - looked_at_ < least_)) return nullptr;
  if (!std::exchange(looking_, true)) wake_();
  const std::uint64_t id = ++last_id_;
  waiting_.emplace(id, std::move(told));
  return std::make_unique<Waiting>(shared_from_this(), id);
}

void TokenKeys::serve(Duration least, std::function<void()> wake) {
  const Lock lock{mutex_};
  least_ = least;
  wake_ = std::move(wake);
}

void TokenKeys::look_begins() {
  const Lock lock{mutex_};
  looking_ = true;
}

void TokenKeys::look_ended(Time now) {
  const Lock lock{mutex_};
  looking_ = false;
  looked_ = true;
  looked_at_ = now;
  broadcast_text();
}

void TokenKeys::close() {
  const Lock lock{mutex_};
  wake_ = nullptr;
  looking_ = false;
  broadcast_text();
}

void TokenKeys::broadcast_text() {
  for (const auto& [id, told] : std::exchange(waiting_, {})) told();
}

}  // namespace framewire::relay
