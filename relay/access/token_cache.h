// Tokens that were found to be true, so that a request of the same bearer, of HLS several a second,
// costs a hash and not a signature. By the SHA-256 of the token, never the token itself; the one
// that was asked for longest ago makes room. Memory: so many principals. Thread: its loop's.
#pragma once
#include <cstddef>
#include <memory>

#include "relay/access/digest_cache.h"
#include "relay/access/principal.h"

namespace framewire::relay {

class TokenCache {
 public:
  using Digest = relay::Digest;
  explicit TokenCache(std::size_t most) : found_(most) {}

  // Null: it is not known, or has expired.
  std::shared_ptr<const Principal> find(const Digest& digest, Time now);
  void put(const Digest& digest, std::shared_ptr<const Principal> principal);
  void clear() { found_.clear(); }
  std::size_t size() const { return found_.size(); }

 private:
  DigestCache<std::shared_ptr<const Principal>> found_;
};

}  // namespace framewire::relay
