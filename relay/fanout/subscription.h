// Reads a stream inside the process: HLS, films. It is given the ring's own entries, so nothing is
// framed for it, copied or read back; and it takes what it is given, so it is never behind.
// Thread: its local stream's loop.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "relay/fanout/ring.h"

namespace framewire::relay {

class LocalStream;

// Re-entrancy: as of ViewerSink: no call may attach, detach, subscribe or unsubscribe anybody. No
// call throws.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  // Before the first part of each epoch. Its init segment is in it (null: the format has none), and
  // does not come as a part.
  virtual void on_epoch(const EpochPtr& epoch) = 0;
  virtual void on_part(const RingEntry& entry) = 0;
  // Parts were lost before the next one, which begins a group.
  virtual void on_gap() = 0;
  // All that came at once has been given.
  virtual void on_given() {}
  // The stream is over, and all of it was given. reason: of PROTOCOL.md's `end`.
  virtual void on_end(std::string_view reason) = 0;
  // There is no such stream now; it is given when it begins.
  virtual void on_no_stream() = 0;
  // It cannot be made: nothing will come. why: a sentence.
  virtual void on_refused(std::string_view why) = 0;
};

// A cursor in a ring, and who reads there. Lifetime: the subscriber's; it must not move while it is
// attached, and is detached before it ends.
struct Subscription {
  explicit Subscription(Subscriber& to) : subscriber(to) {}

  Subscriber& subscriber;
  LocalStream* local_stream = nullptr;  // that it is attached to
  bool joining = true;                  // not known yet whether there is a stream
  std::uint64_t next = 0;               // the part that it is to be given next
  std::uint32_t epoch = 0;              // that it was told of; 0 = none yet
  bool wants_group = false;             // reads on only from a group start
  bool told_end = false;
};

// Those of one ring.
class Subscriptions {
 public:
  explicit Subscriptions(const Ring& ring) : ring_(ring) {}

  void add(Subscription& subscription);
  void remove(Subscription& subscription);
  // It reads from the newest group on, or from what comes next. over: nothing more comes.
  void join(Subscription& subscription, bool over);
  // All that the ring has goes to all that have joined.
  void give();
  // Gives the rest, and says that this was all.
  void end(std::string_view reason);
  // The ring begins anew, with sequence 0.
  void restart();

  const std::vector<Subscription*>& all() const { return all_; }
  bool empty() const { return all_.empty(); }

 private:
  void give(Subscription& to);
  bool find_group(Subscription& to);

  const Ring& ring_;
  std::vector<Subscription*> all_;
};

}  // namespace framewire::relay
