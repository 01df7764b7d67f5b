#include "relay/access/token_cache.h"

#include <utility>

namespace framewire::relay {

std::shared_ptr<const Principal> TokenCache::find(const Digest& digest, Time now) {
  const auto* known = found_.find(digest);
  if (!known) return nullptr;
  if (!(*known)->expired(now)) return *known;
  found_.erase(digest);
  return nullptr;
}

void TokenCache::put(const Digest& digest, std::shared_ptr<const Principal> principal) {
  if (!found_.find(digest)) found_.put(digest, std::move(principal));
}

}  // namespace framewire::relay
