#include "relay/access/token_cache.h"

namespace framewire::relay {

std::shared_ptr<const Principal> TokenCache::find(const Digest& digest, Time now) {
  const auto found = found_.find(digest);
  if (found == found_.end()) return nullptr;
  if (found->second->second->expired(now)) {
    order_.erase(found->second);
    found_.erase(found);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, found->second);
  return order_.front().second;
}

void TokenCache::put(const Digest& digest, std::shared_ptr<const Principal> principal) {
  if (most_ == 0 || found_.contains(digest)) return;
  if (order_.size() >= most_) {
    found_.erase(order_.back().first);
    order_.pop_back();
  }
  order_.emplace_front(digest, std::move(principal));
  found_.emplace(digest, order_.begin());
}

void TokenCache::clear() {
  order_.clear();
  found_.clear();
}

}  // namespace framewire::relay
