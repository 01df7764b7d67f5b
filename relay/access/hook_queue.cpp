#include "relay/access/hook_queue.h"

#include <utility>

namespace framewire::relay {

HookQueue::Waiting::~Waiting() {
  const Lock lock{queue_->mutex_};
  queue_->untaken_.erase(id_);
  // One that is under way is given up.
  if (queue_->open_.erase(id_) != 0 && queue_->wake_) queue_->wake_();
}

std::variant<HookQueue::Refused, std::unique_ptr<HookQueue::Waiting>> HookQueue::ask(
    std::string body, Time now, Told told) {
  const Lock lock{mutex_};
  if (closed_) return Refused::closed;
  if (untaken_.size() >= most_) return Refused::full;
  const std::uint64_t id = ++last_id_;
  const Time until = now + timeout_;
  open_.emplace(id, Open{Question{id, std::move(body), until}, std::move(told)});
  untaken_.emplace(id, until);
  if (wake_) wake_();
  return std::make_unique<Waiting>(shared_from_this(), id);
}

std::size_t HookQueue::waiting() const {
  const Lock lock{mutex_};
  return untaken_.size();
}

void HookQueue::serve(std::function<void()> wake) {
  const Lock lock{mutex_};
  wake_ = std::move(wake);
}

std::optional<HookQueue::Question> HookQueue::take() {
  const Lock lock{mutex_};
  if (untaken_.empty()) return std::nullopt;
  const std::uint64_t id = untaken_.begin()->first;
  untaken_.erase(untaken_.begin());
  return std::exchange(open_.find(id)->second.question, std::nullopt);
}

void HookQueue::expire(Time now) {
  const Lock lock{mutex_};
  while (!untaken_.empty() && untaken_.begin()->second <= now) {
    const auto open = open_.find(untaken_.begin()->first);
    untaken_.erase(untaken_.begin());
    const Told told = std::move(open->second.told);
    open_.erase(open);
    told({HookReply::Outcome::timed_out, 0, {}, {}});
  }
}

bool HookQueue::withdrawn(std::uint64_t id) const {
  const Lock lock{mutex_};
  return !open_.contains(id);
}

void HookQueue::answer(std::uint64_t id, HookReply reply) {
  const Lock lock{mutex_};
  const auto open = open_.find(id);
  if (open == open_.end()) return;
  const Told told = std::move(open->second.told);
  open_.erase(open);
  told(std::move(reply));
}

std::optional<Time> HookQueue::next_end() const {
  const Lock lock{mutex_};
  if (untaken_.empty()) return std::nullopt;
  return untaken_.begin()->second;
}

void HookQueue::close() {
  const Lock lock{mutex_};
  closed_ = true;
  wake_ = nullptr;
  untaken_.clear();
  for (const auto& [id, open] : std::exchange(open_, {})) open.told({});
}

}  // namespace framewire::relay
