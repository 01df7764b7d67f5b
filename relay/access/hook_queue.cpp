#include "relay/access/hook_queue.h"

#include <algorithm>
#include <utility>

namespace framewire::relay {

HookQueue::Waiting::~Waiting() {
  const Lock lock{queue_->mutex_};
  queue_->forget_untaken(id_);
  // One that is under way is given up.
  if (queue_->open_.erase(id_) != 0 && queue_->wake_) queue_->wake_();
}

void HookQueue::forget_untaken(std::uint64_t id) {
  if (untaken_.erase(id) == 0) return;
  const std::string& counted = open_.find(id)->second.counted;
  const auto line = lines_.find(counted);
  line->second.erase(id);
  if (!line->second.empty()) return;
  turns_.erase(std::find(turns_.begin(), turns_.end(), counted));
  lines_.erase(line);
}

// The newest of who has most waiting goes, if this one has fewer than that one keeps.
bool HookQueue::make_room(const std::string& counted) {
  const auto fullest = std::max_element(
      lines_.begin(), lines_.end(),
      [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  const auto own = lines_.find(counted);
  const std::size_t has = own == lines_.end() ? 0 : own->second.size();
  if (fullest == lines_.end() || fullest->second.size() <= has + 1) return false;
  const std::uint64_t id = *fullest->second.rbegin();
  forget_untaken(id);
  const auto open = open_.find(id);
  const Told told = std::move(open->second.told);
  open_.erase(open);
  told({HookReply::Outcome::displaced, 0, {}, {}});
  return true;
}

std::variant<HookQueue::Refused, std::unique_ptr<HookQueue::Waiting>> HookQueue::ask(
    std::string body, const std::string& counted, Time now, Told told) {
  const Lock lock{mutex_};
  if (closed_) return Refused::closed;
  if (untaken_.size() >= most_ && !make_room(counted)) return Refused::full;
  const std::uint64_t id = ++last_id_;
  const Time until = now + timeout_;
  open_.emplace(id, Open{Question{id, std::move(body), until}, std::move(told), counted});
  untaken_.emplace(id, until);
  auto& line = lines_[counted];
  if (line.empty()) turns_.push_back(counted);
  line.insert(id);
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
  const std::uint64_t id = *lines_.find(turns_.front())->second.begin();
  turns_.push_back(std::move(turns_.front()));
  turns_.pop_front();
  forget_untaken(id);
  return std::exchange(open_.find(id)->second.question, std::nullopt);
}

void HookQueue::expire(Time now) {
  const Lock lock{mutex_};
  while (!untaken_.empty() && untaken_.begin()->second <= now) {
    const auto open = open_.find(untaken_.begin()->first);
    forget_untaken(open->first);
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
  lines_.clear();
  turns_.clear();
  for (const auto& [id, open] : std::exchange(open_, {})) open.told({});
}

}  // namespace framewire::relay
