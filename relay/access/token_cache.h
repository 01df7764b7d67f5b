// Tokens that were found to be true, so that a request of the same bearer, of HLS several a second,
// costs a hash and not a signature. By the SHA-256 of the token, never the token itself; the one
// that was asked for longest ago makes room. Memory: so many principals. Thread: its loop's.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "relay/access/principal.h"

namespace framewire::relay {

class TokenCache {
 public:
  using Digest = std::array<unsigned char, 32>;
  explicit TokenCache(std::size_t most) : most_(most) {}

  // Null: it is not known, or has expired.
  std::shared_ptr<const Principal> find(const Digest& digest, Time now);
  void put(const Digest& digest, std::shared_ptr<const Principal> principal);
  void clear();
  std::size_t size() const { return order_.size(); }

 private:
  using Entry = std::pair<Digest, std::shared_ptr<const Principal>>;
  struct Hash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t out = 0;
      std::memcpy(&out, digest.data(), sizeof out);
      return out;
    }
  };

  const std::size_t most_;
  std::list<Entry> order_;  // the newest first
  std::unordered_map<Digest, std::list<Entry>::iterator, Hash> found_;
};

}  // namespace framewire::relay
