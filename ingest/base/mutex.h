// A mutex, and the words that let clang check who holds it (-Wthread-safety; g++ reads over them):
// a member that is FW_GUARDED_BY(mutex_) is touched with a Lock of it alive, or it does not
// compile. The standard library's own mutex carries no such words in libstdc++. Source: clang's
// "Thread Safety Analysis". Thread: any.
#pragma once
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define FW_THREAD_WORD(word) __attribute__((word))
#else
#define FW_THREAD_WORD(word)
#endif
#define FW_GUARDED_BY(mutex) FW_THREAD_WORD(guarded_by(mutex))
// Of a function: its caller holds the mutex.
#define FW_REQUIRES(mutex) FW_THREAD_WORD(requires_capability(mutex))

namespace framewire {

class FW_THREAD_WORD(capability("mutex")) Mutex {
 public:
  void lock() FW_THREAD_WORD(acquire_capability()) { mutex_.lock(); }
  void unlock() FW_THREAD_WORD(release_capability()) { mutex_.unlock(); }

 private:
  friend class Lock;
  std::mutex mutex_;
};

// Held from its making to its end, but for what lies between an unlock() and the next lock().
class FW_THREAD_WORD(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) FW_THREAD_WORD(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~Lock() FW_THREAD_WORD(release_capability()) = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void unlock() FW_THREAD_WORD(release_capability()) { lock_.unlock(); }
  void lock() FW_THREAD_WORD(acquire_capability()) { lock_.lock(); }
  // Given up while it waits, held again after it; wakes may come for nothing.
  void wait(std::condition_variable& condition) { condition.wait(lock_); }
  // False: it is that time.
  template <class Time>
  bool wait_until(std::condition_variable& condition, Time time) {
    return condition.wait_until(lock_, time) == std::cv_status::no_timeout;
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace framewire
