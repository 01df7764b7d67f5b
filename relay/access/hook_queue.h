// Questions to the operator's own server (--auth-url), from all loops, on their way to the thread
// that asks it (relay/fetch/hook_caller.h), and the answers' way back. Bounded: what finds no room
// is refused at once. Addresses take turns, and where there is no room the one that has most
// waiting gives up its newest question to one that has fewer: nobody fills the queue for all
// others. Whoever asks may withdraw, and is told nothing more. Thread: any; a lock is held for a
// moment, while all addresses are looked at if it is full.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "ingest/base/mutex.h"
#include "relay/base/clock.h"

namespace framewire::relay {

struct HookReply {
  enum class Outcome : std::uint8_t { answered, timed_out, failed, displaced };
  Outcome outcome = Outcome::failed;
  long status = 0;  // of HTTP, if it was answered; so the rest
  std::string body;
  std::string cache_control;  // the header's value
  // Its head said where the body ends (or that there is none), and it came to there. Without that a
  // connection that was cut looks like an end.
  bool whole = true;
};

class HookQueue : public std::enable_shared_from_this<HookQueue> {
 public:
  enum class Refused : std::uint8_t { full, closed };
  // One that is not answered. Destroying it withdraws it.
  class Waiting {
   public:
    Waiting(std::shared_ptr<HookQueue> queue, std::uint64_t id)
        : queue_(std::move(queue)), id_(id) {}
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    const std::shared_ptr<HookQueue> queue_;
    const std::uint64_t id_;
  };
  using Told = std::function<void(HookReply)>;

  // most: questions that wait to be asked. timeout: of each, from now to its answer.
  HookQueue(std::size_t most, Duration timeout) : most_(most), timeout_(timeout) {}

  // body: JSON. counted: whose it is, as counted_address() names it. told: once, on any thread, and
  // within a lock: it may only pass the word on (Loop::post).
  std::variant<Refused, std::unique_ptr<Waiting>> ask(std::string body, const std::string& counted,
                                                      Time now, Told told);
  std::size_t waiting() const;

  // ---- for who asks that server
  struct Question {
    std::uint64_t id = 0;
    std::string body;
    Time until{};  // it is answered by then, or too late
  };
  // wake: there is a question, or one less; only passes the word on.
  void serve(std::function<void()> wake);
  // The oldest of the address whose turn it is.
  std::optional<Question> take();
  // Those that wait, and whose time is over, are told so.
  void expire(Time now);
  bool withdrawn(std::uint64_t id) const;
  void answer(std::uint64_t id, HookReply reply);
  // When the next one's time is over; nullopt: none waits.
  std::optional<Time> next_end() const;
  // Nobody asks any more: who waits is told that it failed.
  void close();

 private:
  struct Open {
    std::optional<Question> question;  // nullopt: it was taken
    Told told;
    std::string counted;
  };
  void forget_untaken(std::uint64_t id) FW_REQUIRES(mutex_);
  bool make_room(const std::string& counted) FW_REQUIRES(mutex_);

  const std::size_t most_;
  const Duration timeout_;
  mutable Mutex mutex_;
  std::function<void()> wake_ FW_GUARDED_BY(mutex_);
  bool closed_ FW_GUARDED_BY(mutex_) = false;
  std::uint64_t last_id_ FW_GUARDED_BY(mutex_) = 0;
  std::map<std::uint64_t, Open> open_ FW_GUARDED_BY(mutex_);     // by age
  std::map<std::uint64_t, Time> untaken_ FW_GUARDED_BY(mutex_);  // by age, and so by their ends
  // The same by address; none is empty. turns_: the addresses, in the order that they are served.
  std::map<std::string, std::set<std::uint64_t>> lines_ FW_GUARDED_BY(mutex_);
  std::deque<std::string> turns_ FW_GUARDED_BY(mutex_);
};

}  // namespace framewire::relay
