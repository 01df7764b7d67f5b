// What stands between a stream's home loop and the recorder's thread: a bounded inbox of parts. The
// stream pushes each part into it and nobody waits for the recorder: if the disk does not keep up,
// the inbox runs over, and the recording has a gap up to the next group that finds room. Thread:
// append() and close() the home loop's, take() the recorder's; the lock is held for a push or a
// swap.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "ingest/base/mutex.h"
#include "relay/fanout/ring.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

class RecordFeed {
 public:
  // wake: called when enough waits to be worth a turn of the recorder before its time.
  RecordFeed(std::string stream, std::size_t limit_bytes, std::function<void()> wake);

  const std::string& stream() const { return stream_; }

  void append(const RingEntry& entry);
  void close();  // nothing follows
  bool closed() const { return closed_.load(std::memory_order_relaxed); }
  void refuse(std::string why);  // closed, for it cannot be recorded: a sentence
  void set_publisher(PublisherId publisher, std::string title = {});
  // The recorder gave up (a full disk): nothing is kept any more.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  struct Batch {
    std::vector<RingEntry> entries;  // one without a part is a gap
    bool closed = false;
    std::string refused;        // why nothing comes
    PublisherId publisher;      // who publishes now; number 0 = nobody
    std::string title;          // as the publisher said it
    std::uint64_t dropped = 0;  // parts since the last batch
  };
  Batch take();
  void fail() { failed_.store(true, std::memory_order_relaxed); }

 private:
  const std::string stream_;
  const std::size_t limit_;
  const std::function<void()> wake_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> closed_ = false;

  Mutex mutex_;
  Batch batch_ FW_GUARDED_BY(mutex_);
  std::size_t bytes_ FW_GUARDED_BY(mutex_) = 0;  // in batch_
  bool over_ FW_GUARDED_BY(mutex_) = false;      // dropping, until a group start finds room
};

}  // namespace framewire::relay
