#include "relay/access/identity_book.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace framewire::relay {

void Allowance::set(std::uint32_t kbps) {
  constexpr double kBytesPerKbit = 125;
  const Lock lock{mutex_};
  per_second_ = kBytesPerKbit * kbps;
}

bool Allowance::spend(std::size_t bytes, Time now) {
  const Lock lock{mutex_};
  fill(now);
  left_ -= static_cast<double>(bytes);
  return left_ > 0;
}

bool Allowance::has_room(Time now) {
  const Lock lock{mutex_};
  fill(now);
  return left_ > 0;
}

void Allowance::fill(Time now) {
  const double most = 2 * per_second_;
  if (filled_ == Time{}) {
    left_ = most;
  } else {
    const double seconds = std::chrono::duration<double>(now - filled_).count();
    left_ = std::min(most, left_ + std::max(seconds, 0.0) * per_second_);
  }
  filled_ = now;
}

std::unique_ptr<IdentityBook::Use> IdentityBook::enter(const Principal& who, bool publishes,
                                                       const std::string& stream) {
  const jwt::Quota& quota = who.about().quota;
  const Lock lock{mutex_};
  const auto found = entries_.find(who.name());
  const std::size_t used = found == entries_.end() ? 0
                           : publishes             ? found->second.streams.size()
                                                   : found->second.viewers;
  const auto& limit = publishes ? quota.streams : quota.viewers;
  const bool again = publishes && found != entries_.end() && found->second.streams.contains(stream);
  if (limit && used >= *limit && !again) return nullptr;
  Entry& entry = entries_[who.name()];
  ++(publishes ? entry.streams[stream] : entry.viewers);
  std::shared_ptr<Allowance> allowance;
  if (publishes && quota.kbps) {
    if (!entry.allowance)
      entry.allowance = std::make_shared<Allowance>(*quota.kbps);
    else
      entry.allowance->set(*quota.kbps);
    allowance = entry.allowance;
  }
  return std::make_unique<Use>(*this, who.name(), publishes, stream, std::move(allowance));
}

std::size_t IdentityBook::size() const {
  const Lock lock{mutex_};
  return entries_.size();
}

void IdentityBook::leave(const std::string& name, bool publishes, const std::string& stream) {
  const Lock lock{mutex_};
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  if (!publishes) {
    --found->second.viewers;
  } else if (const auto at = found->second.streams.find(stream);
             at != found->second.streams.end() && --at->second == 0) {
    found->second.streams.erase(at);
  }
  if (found->second.streams.empty() && found->second.viewers == 0) entries_.erase(found);
}

}  // namespace framewire::relay
