// Fetches the keys of tokens from a URL, on a thread of its own: at the start, now and then, and
// when somebody asks for keys that it has not seen (TokenKeys::look_anew). The last good ones go on
// whatever comes after them. Thread: one makes and destroys it, and is held up by neither for more
// than a moment.
#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>

#include "ingest/base/mutex.h"
#include "relay/access/token_keys.h"
#include "relay/base/clock.h"

namespace framewire::relay {

class KeyFetcher {
 public:
  struct Source {
    std::string url;
    Duration every{0};    // looked at again so often
    Duration pause{0};    // not sooner than so, whoever asks; also after a failure
    Duration timeout{0};  // of one look
  };
  KeyFetcher(Source source, std::shared_ptr<TokenKeys> keys);
  ~KeyFetcher();
  KeyFetcher(const KeyFetcher&) = delete;
  KeyFetcher& operator=(const KeyFetcher&) = delete;

 private:
  void run();
  bool look();
  bool wait_until(Time next);

  const Source source_;
  const std::shared_ptr<TokenKeys> keys_;
  std::string text_;   // of the last good ones
  bool told_ = false;  // that they could not be fetched
  std::atomic<bool> stop_{false};
  Mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ FW_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
