// What the relay needs of an event loop: one thread, in which every callback is a transaction.
// Implemented by relay/server on libuv, and by the tests with a hand-turned loop.
#pragma once
#include <functional>
#include <utility>

#include "relay/base/batch_sender.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class Loop {
 public:
  virtual ~Loop() = default;
  // The only call allowed from another thread. Runs task on the loop's thread, in order of post(),
  // never before it returns; drops it once the loop is closed.
  virtual void post(std::function<void()> task) = 0;
  // The same, of tasks that are costly, and of which many may come at once (answers of a login
  // server, signatures to be checked): in their own order, so many a turn that nothing else waits.
  virtual void post_costly(std::function<void()> task) { post(std::move(task)); }
  // Thread: the loop's. It may go on within a turn.
  virtual Time now() const = 0;
  // Thread: the loop's. nullptr: each socket is written to by itself.
  virtual BatchSender* batch_sender() { return nullptr; }
};

}  // namespace framewire::relay
