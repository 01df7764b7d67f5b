// Strings that thousands hold at once, such as a stream's name or a browser's description of
// itself: each is kept once, for as long as anybody holds it, and costs each holder a pointer.
// Thread: a pool and all that it gives out belong to one loop. Lifetime: the pool outlives them.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace framewire::relay {

class InternPool;

// Moved from: as none, whose text is "".
class Interned {
 public:
  Interned() = default;
  Interned(const Interned& other) : entry_(other.entry_) {
    if (entry_) ++entry_->second.holders;
  }
  Interned(Interned&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  Interned& operator=(Interned other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~Interned();

  std::string_view view() const { return entry_ ? std::string_view{entry_->first} : ""; }
  std::string str() const { return std::string{view()}; }

 private:
  friend class InternPool;
  struct Use {
    InternPool* pool = nullptr;
    std::size_t holders = 0;
  };
  using Entry = std::pair<const std::string, Use>;
  explicit Interned(Entry& entry) : entry_(&entry) { ++entry.second.holders; }

  Entry* entry_ = nullptr;
};

class InternPool {
 public:
  InternPool() = default;
  InternPool(const InternPool&) = delete;
  InternPool& operator=(const InternPool&) = delete;

  Interned get(const std::string& text) {
    if (text.empty()) return {};
    return Interned{*entries_.try_emplace(text, Interned::Use{this}).first};
  }
  std::size_t size() const { return entries_.size(); }

 private:
  friend class Interned;
  std::unordered_map<std::string, Interned::Use> entries_;
};

inline Interned::~Interned() {
  if (entry_ && --entry_->second.holders == 0)
    entry_->second.pool->entries_.erase(entry_->second.pool->entries_.find(entry_->first));
}

}  // namespace framewire::relay
