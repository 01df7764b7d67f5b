// What each identity (Principal::name()) uses at a time, over all loops, where it has limits:
// streams that it publishes, viewers, and how fast it publishes. Thread: any; a lock is held for a
// look-up, when a stream or a viewer of such an identity begins and ends. Memory: as many entries
// as there are uses.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
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
    Use(IdentityBook& book, std::string name, std::uint64_t viewer, std::string stream,
        std::shared_ptr<Allowance> allowance)
        : book_(book),
          name_(std::move(name)),
          viewer_(viewer),
          stream_(std::move(stream)),
          allowance_(std::move(allowance)) {}
    ~Use() { book_.leave(name_, viewer_, stream_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    // Null: as fast as it likes.
    Allowance* allowance() const { return allowance_.get(); }

   private:
    friend class IdentityBook;
    IdentityBook& book_;
    const std::string name_;
    const std::uint64_t viewer_;  // its number; 0 = it publishes
    const std::string stream_;
    std::shared_ptr<Allowance> allowance_;
  };
  // Looks whether a viewer's connection is still there, and ends one that is not. Only passes the
  // word on (Loop::post).
  using Probe = std::function<void()>;

  // publishes: else it watches. Null: it has as many as it may. Streams count, and not their
  // connections: who resumes one while its lost connection still stands needs no second place. Of
  // viewers the probes are then called: a page that was loaded anew may be counted twice, and is
  // let in when it asks again.
  std::unique_ptr<Use> enter(const Principal& who, bool publishes, const std::string& stream,
                             Probe probe = {});
  // It is `who` from now on, by what that one may. One of the same name keeps its place, also if
  // that would have none now. False: there is none for it; all stays as it was.
  bool renew(std::unique_ptr<Use>& use, const Principal& who, bool publishes,
             const std::string& stream, Probe probe = {});
  std::size_t size() const;

 private:
  struct Entry {
    std::map<std::string, std::size_t> streams;  // connections that publish each
    std::map<std::uint64_t, Probe> viewers;      // by their numbers
    std::shared_ptr<Allowance> allowance;
  };
  void leave(const std::string& name, std::uint64_t viewer, const std::string& stream);
  std::shared_ptr<Allowance> allowance_of(Entry& entry, const Principal& who, bool publishes)
      FW_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Entry> entries_ FW_GUARDED_BY(mutex_);
  std::uint64_t last_viewer_ FW_GUARDED_BY(mutex_) = 0;
};

}  // namespace framewire::relay
