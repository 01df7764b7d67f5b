#include "relay/access/identity_book.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

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

std::shared_ptr<Allowance> IdentityBook::allowance_of(Entry& entry, const Principal& who,
                                                      bool publishes) {
  const auto& kbps = who.about().quota.kbps;
  if (!publishes || !kbps) return nullptr;
  if (!entry.allowance)
    entry.allowance = std::make_shared<Allowance>(*kbps);
  else
    entry.allowance->set(*kbps);
  return entry.allowance;
}

std::unique_ptr<IdentityBook::Use> IdentityBook::enter(const Principal& who, bool publishes,
                                                       const std::string& stream, Probe probe) {
  const jwt::Quota& quota = who.about().quota;
  std::vector<Probe> probes;
  {
    const Lock lock{mutex_};
    const auto found = entries_.find(who.name());
    const std::size_t used = found == entries_.end() ? 0
                             : publishes             ? found->second.streams.size()
                                                     : found->second.viewers.size();
    const auto& limit = publishes ? quota.streams : quota.viewers;
    const bool again =
        publishes && found != entries_.end() && found->second.streams.contains(stream);
    if (!limit || used < *limit || again) {
      Entry& entry = entries_[who.name()];
      const std::uint64_t viewer = publishes ? 0 : ++last_viewer_;
      if (publishes)
        ++entry.streams[stream];
      else
        entry.viewers.emplace(viewer, std::move(probe));
      return std::make_unique<Use>(*this, who.name(), viewer, stream,
                                   allowance_of(entry, who, publishes));
    }
    if (!publishes && found != entries_.end())
      for (const auto& [number, each] : found->second.viewers)
        if (each) probes.push_back(each);
  }
  for (const Probe& each : probes) each();
  return nullptr;
}

bool IdentityBook::renew(std::unique_ptr<Use>& use, const Principal& who, bool publishes,
                         const std::string& stream, Probe probe) {
  if (use && use->name_ == who.name()) {
    const Lock lock{mutex_};
    use->allowance_ = allowance_of(entries_[who.name()], who, publishes);
    return true;
  }
  std::unique_ptr<Use> fresh;
  if (who.about().quota.any()) {
    fresh = enter(who, publishes, stream, std::move(probe));
    if (!fresh) return false;
  }
  use = std::move(fresh);
  return true;
}

std::size_t IdentityBook::size() const {
  const Lock lock{mutex_};
  return entries_.size();
}

void IdentityBook::leave(const std::string& name, std::uint64_t viewer, const std::string& stream) {
  const Lock lock{mutex_};
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (viewer != 0) {
    entry.viewers.erase(viewer);
  } else if (const auto at = entry.streams.find(stream);
             at != entry.streams.end() && --at->second == 0) {
    entry.streams.erase(at);
  }
  if (entry.streams.empty() && entry.viewers.empty()) entries_.erase(found);
}

}  // namespace framewire::relay
