// Who is not let in, whatever it shows: addresses (an IPv6 address by its /64 network) and
// identities (Principal::name()), each until an end or until it is lifted. One list for all loops.
// Whoever is connected already is sent away within a second: connections look whether number() has
// changed. Those of the configuration (--ban) are replaced by a reload, and stand beside the
// others: of one `who` there may be one of each. Thread: any; a lock is held for a look-up, and
// none where nobody is banned. Memory: so many bans. Errors: a sentence about what is wrong with
// it.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ingest/base/error.h"
#include "ingest/base/mutex.h"
#include "relay/base/clock.h"

namespace framewire::relay {

struct Ban {
  enum class Kind : std::uint8_t { address, identity };
  std::uint64_t id = 0;  // from 1, never used again
  Kind kind = Kind::address;
  std::string who;            // as it is compared: 192.0.2.1, 2001:db8::/64, a name
  std::optional<Time> until;  // nullopt: until it is lifted
  std::string reason;         // for who looks at the list; who is banned is not told
  bool configured = false;    // by --ban: only a reload lifts it
};

class Bans {
 public:
  explicit Bans(std::size_t most) : most_(most) {}
  void set_limit(std::size_t most);

  // The ban's id. One of the same kind and `who` takes the place of the one before, and its id.
  Result<std::uint64_t> add(Ban::Kind kind, std::string_view who, std::optional<Time> until,
                            std::string reason, Time now);
  // False: there is none of that id, or it is the configuration's.
  bool lift(std::uint64_t id);
  // Those of --ban from now on: an address, or else an identity, each.
  void configure(const std::vector<std::string>& whos);

  // In the order of their ids, without those whose time is over.
  std::vector<Ban> list(Time now) const;
  // counted: as counted_address() names it. identity: "" = not known.
  bool holds_address(const std::string& counted, Time now) const;
  bool holds_identity(const std::string& identity, Time now) const;
  // Another one when somebody was banned.
  std::uint64_t number() const { return number_.load(std::memory_order_acquire); }

 private:
  using Key = std::tuple<Ban::Kind, std::string, bool>;  // the last: of the configuration
  bool holds(Ban::Kind kind, const std::string& who, Time now) const;
  void forget(Time now) FW_REQUIRES(mutex_);
  void put(Ban ban) FW_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::size_t most_ FW_GUARDED_BY(mutex_);
  std::map<Key, Ban> bans_ FW_GUARDED_BY(mutex_);
  std::uint64_t last_id_ FW_GUARDED_BY(mutex_) = 0;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> number_{0};
};

}  // namespace framewire::relay
