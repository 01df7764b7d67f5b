// What each identity (Principal::name()) uses at a time, over all loops, where it has limits:
// streams that it publishes, viewers, and how fast it publishes. Thread: any; a lock is held for a
// look-up, when a stream or a viewer of such an identity begins and ends. Memory: as many entries
// as there are uses.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "ingest/base/mutex.h"
#include "relay/access/principal.h"
#include "relay/base/clock.h"

namespace framewire::relay {

// So many bytes a second, and two seconds' at once. Of all streams of an identity together.
class Allowance {
 public:
  explicit Allowance(std::uint32_t kbps) { set(kbps); }
  // The newest one who shows its limit decides.
  void set(std::uint32_t kbps);
  // Takes them, also if there are not as many: what has come has come. False: nothing more should
  // come before another second.
  bool spend(std::size_t bytes, Time now);
  bool has_room(Time now);

 private:
  void fill(Time now) FW_REQUIRES(mutex_);

  Mutex mutex_;
  double per_second_ FW_GUARDED_BY(mutex_) = 0;
  double left_ FW_GUARDED_BY(mutex_) = 0;
  Time filled_ FW_GUARDED_BY(mutex_){};
};

class IdentityBook {
 public:
  // One stream or viewer, until it is destroyed. It may not outlive the book.
  class Use {
   public:
    Use(IdentityBook& book, std::string name, bool publishes, std::string stream,
        std::shared_ptr<Allowance> allowance)
        : book_(book),
          name_(std::move(name)),
          publishes_(publishes),
          stream_(std::move(stream)),
          allowance_(std::move(allowance)) {}
    ~Use() { book_.leave(name_, publishes_, stream_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    // Null: as fast as it likes.
    Allowance* allowance() const { return allowance_.get(); }

   private:
    IdentityBook& book_;
    const std::string name_;
    const bool publishes_;
    const std::string stream_;
    const std::shared_ptr<Allowance> allowance_;
  };

  // publishes: else it watches. Null: it has as many as it may. Streams count, and not their
  // connections: who resumes one while its lost connection still stands needs no second place.
  std::unique_ptr<Use> enter(const Principal& who, bool publishes, const std::string& stream);
  std::size_t size() const;

 private:
  struct Entry {
    std::map<std::string, std::size_t> streams;  // connections that publish each
    std::size_t viewers = 0;
    std::shared_ptr<Allowance> allowance;
  };
  void leave(const std::string& name, bool publishes, const std::string& stream);

  mutable Mutex mutex_;
  std::map<std::string, Entry> entries_ FW_GUARDED_BY(mutex_);
};

}  // namespace framewire::relay
