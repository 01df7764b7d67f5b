// How many connections each address has, over all loops. The one thing that loops share by a lock:
// held for a map look-up, at accept and at the end of a connection only.
// Thread: any.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

namespace framewire::relay {

class AddressBook {
 public:
  explicit AddressBook(std::size_t limit) : limit_(limit) {}

  // False when the address has its limit already.
  bool enter(const std::string& address) {
    const std::lock_guard lock{mutex_};
    std::size_t& count = counts_[address];
    if (count >= limit_) return false;
    ++count;
    return true;
  }
  void leave(const std::string& address) {
    const std::lock_guard lock{mutex_};
    const auto found = counts_.find(address);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;  // guards counts_
  std::unordered_map<std::string, std::size_t> counts_;
};

}  // namespace framewire::relay
