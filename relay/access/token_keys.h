// The keys that tokens are verified with, for all loops: a set that never changes, replaced whole
// by another one. Where they come from somewhere that can be asked (relay/fetch/key_fetcher.h),
// whoever meets a key's name that is not among them asks for a new look, and is told of its end.
// Thread: any; a lock is held for a moment.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "ingest/base/mutex.h"
#include "relay/access/jwt/key_set.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class TokenKeys : public std::enable_shared_from_this<TokenKeys> {
 public:
  struct Current {
    std::shared_ptr<const jwt::KeySet> keys;  // null: none have come yet
    std::uint64_t number = 0;                 // another one for each set
  };
  Current current() const;
  // The present set's, cheaply.
  std::uint64_t number() const { return number_.load(std::memory_order_acquire); }
  void replace(jwt::KeySet keys);

  // One who waits for a look's end. Destroying it withdraws it: it is told nothing more.
  class Waiting {
   public:
    Waiting(std::shared_ptr<TokenKeys> keys, std::uint64_t id) : keys_(std::move(keys)), id_(id) {}
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    const std::shared_ptr<TokenKeys> keys_;
    const std::uint64_t id_;
  };
  // Null: nobody can be asked, or the last look is too young. told: once, on any thread, and within
  // a lock: it may only pass the word on (Loop::post).
  std::unique_ptr<Waiting> look_anew(Time now, std::function<void()> told);

  // ---- for who has the keys fetched
  // From now on it can be asked, at most each `least`. wake: somebody did; only passes the word on.
  void serve(Duration least, std::function<void()> wake);
  void look_begins();
  // Whether or not it brought anything.
  void look_ended(Time now);
  // Nobody can be asked any more; who waits is told.
  void close();

 private:
  void broadcast_text() FW_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::shared_ptr<const jwt::KeySet> keys_ FW_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> number_{0};
  std::function<void()> wake_ FW_GUARDED_BY(mutex_);  // null: nobody can be asked
  Duration least_ FW_GUARDED_BY(mutex_){0};
  bool looking_ FW_GUARDED_BY(mutex_) = false;
  bool looked_ FW_GUARDED_BY(mutex_) = false;  // once at least
  Time looked_at_ FW_GUARDED_BY(mutex_){};
  std::uint64_t last_id_ FW_GUARDED_BY(mutex_) = 0;
  std::map<std::uint64_t, std::function<void()>> waiting_ FW_GUARDED_BY(mutex_);
};

}  // namespace framewire::relay
