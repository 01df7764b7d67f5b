// What was found out about something that is secret, by its SHA-256 and never by itself; the one
// that was asked for longest ago makes room. Memory: so many values. Thread: its loop's.
#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <list>
#include <unordered_map>
#include <utility>

namespace framewire::relay {

using Digest = std::array<unsigned char, 32>;

template <class Value>
class DigestCache {
 public:
  explicit DigestCache(std::size_t most) : most_(most) {}

  // Null: it is not there. Until the next call of another kind.
  Value* find(const Digest& digest) {
    const auto found = found_.find(digest);
    if (found == found_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &order_.front().second;
  }
  void put(const Digest& digest, Value value) {
    if (most_ == 0) return;
    erase(digest);
    if (order_.size() >= most_) {
      found_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(digest, std::move(value));
    found_.emplace(digest, order_.begin());
  }
  void erase(const Digest& digest) {
    const auto found = found_.find(digest);
    if (found == found_.end()) return;
    order_.erase(found->second);
    found_.erase(found);
  }
  void clear() {
    order_.clear();
    found_.clear();
  }
  std::size_t size() const { return order_.size(); }

 private:
  using Entry = std::pair<Digest, Value>;
  struct Hash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t out = 0;
      std::memcpy(&out, digest.data(), sizeof out);
      return out;
    }
  };

  const std::size_t most_;
  std::list<Entry> order_;  // the newest first
  std::unordered_map<Digest, typename std::list<Entry>::iterator, Hash> found_;
};

}  // namespace framewire::relay
