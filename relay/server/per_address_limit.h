// How many connections each address has, over all loops, and how many of them have not said all of
// a request's head. An IPv6 address counts as its /64 network, which one client has whole.
// The one thing that loops share by a lock: held for a map look-up, when a connection or a head
// begins and ends. Thread: any.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ingest/base/mutex.h"

namespace framewire::relay {

class PerAddressLimit {
 public:
  explicit PerAddressLimit(std::size_t limit) : limit_(limit) {}
  void set_limit(std::size_t limit) {
    const Lock lock{mutex_};
    limit_ = limit;
  }

  // The name under which an address, in its numeric form, is counted: 2001:db8:1:2:3::4 as
  // 2001:db8:1:2::/64, ::ffff:192.0.2.1 as 192.0.2.1.
  static std::string counted_as(const std::string& address);

  // False when the address has its limit already. unlimited: a proxy's, behind which are many.
  bool enter(const std::string& counted, bool unlimited = false) {
    const Lock lock{mutex_};
    Counts& counts = counts_[counted];
    if (counts.connections >= limit_ && !unlimited) return false;
    ++counts.connections;
    return true;
  }
  void leave(const std::string& counted) {
    const Lock lock{mutex_};
    const auto found = counts_.find(counted);
    if (found != counts_.end() && --found->second.connections == 0) counts_.erase(found);
  }

  // Of a connection that has entered: a head begins, and how many have begun of its address and of
  // all, with this one.
  struct Heads {
    std::size_t of_address = 0;
    std::size_t of_all = 0;
  };
  Heads head_begins(const std::string& counted) {
    const Lock lock{mutex_};
    return {++counts_[counted].heads, ++heads_};
  }
  void head_ends(const std::string& counted) {
    const Lock lock{mutex_};
    --counts_[counted].heads;
    --heads_;
  }

 private:
  struct Counts {
    std::size_t connections = 0;
    std::size_t heads = 0;
  };
  Mutex mutex_;
  std::size_t limit_ FW_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Counts> counts_ FW_GUARDED_BY(mutex_);
  std::size_t heads_ FW_GUARDED_BY(mutex_) = 0;
};

}  // namespace framewire::relay
