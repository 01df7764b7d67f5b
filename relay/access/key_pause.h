// Slows down whoever tries keys: after so many wrong ones within a window, keys from that address
// are not looked at until the window is over, right ones neither, or the answer
// would still tell which is right. Who brings no key is never held up.
// Thread: any; a lock is held for a look-up. Memory: a bounded number of addresses, oldest
// forgotten.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "ingest/base/mutex.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class KeyPause {
 public:
  struct Limits {
    std::size_t wrong = 20;  // keys within a window
    Duration window{10'000};
    std::size_t addresses = 100'000;
  };
  explicit KeyPause(Limits limits) : limits_(limits) {}
  void set_limits(Limits limits) {
    const Lock lock{mutex_};
    limits_ = limits;
  }

  // Whether keys of `address`, as it is counted (PerAddressLimit::counted_as), are looked at.
  bool lets(const std::string& address, Time now) { return !left(address, now); }
  // For how long they are not; nullopt: they are.
  std::optional<Duration> left(const std::string& address, Time now);
  // One that opens nothing was presented. harmless: it kept nobody out, since what was asked for
  // is anybody's, so it counts once and not with each request of a player; a hash of it.
  void wrong(const std::string& address, Time now,
             std::optional<std::size_t> harmless = std::nullopt);

 private:
  struct Tries {
    std::size_t count = 0;
    Time since{};
    std::array<std::optional<std::size_t>, 4> harmless{};  // the last ones
  };
  void forget(Time now) FW_REQUIRES(mutex_);

  Mutex mutex_;
  Limits limits_ FW_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Tries> tries_ FW_GUARDED_BY(mutex_);
  Time walked_ FW_GUARDED_BY(mutex_){};  // through all of them
};

}  // namespace framewire::relay
