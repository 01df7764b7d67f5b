// Delivers events to a webhook (--webhook), on a thread of its own: signed, in order within each
// stream, some streams at a time. What is not taken is tried again, later and later, for an hour;
// meanwhile it waits on the disk (webhook_queue.h), over restarts too. Each event arrives once or
// more.
// Thread: take() from loop 0; one makes and destroys it, which takes a moment. Lifetime: longer
// than the server's.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ingest/base/mutex.h"
#include "relay/base/clock.h"
#include "relay/base/event.h"
#include "relay/fetch/webhook_queue.h"

namespace framewire::relay {

class WebhookSender final : public EventSink {
 public:
  struct Target {
    std::string url;
    std::string secret;
    Duration timeout{0};  // of one try
    Duration give_up{0};  // after the first try
  };
  WebhookSender(Target target, WebhookQueue queue);
  ~WebhookSender() override;
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  void take(const EventPtr& event) override;
  std::uint64_t last_id() const override { return first_last_id_; }

 private:
  struct Delivery;  // one try that is under way
  // Of one stream: its first event.
  struct Attempt {
    std::uint64_t id = 0;
    unsigned failures = 0;
    Time first{};
    Time next{};
    std::unique_ptr<Delivery> delivery;  // null: none is under way
  };

  void run();
  bool store();
  void begin_due(Time now);
  void begin(const std::string& stream, Attempt& attempt, const WebhookQueue::Item& item, Time now);
  void collect(Time now);
  void settle(const std::string& stream, bool taken, const std::string& why, Time now);
  int wait_ms(Time now) const;

  const Target target_;
  WebhookQueue queue_;
  const std::uint64_t first_last_id_;
  void* const multi_;                        // CURLM
  std::map<std::string, Attempt> attempts_;  // by stream, of those that have something to deliver
  std::size_t under_way_ = 0;
  bool told_ = false;  // that it is not taken
  std::uint64_t told_given_up_ = 0;
  std::atomic<bool> stop_{false};
  Mutex mutex_;  // held for a push or a swap
  std::vector<EventPtr> inbox_ FW_GUARDED_BY(mutex_);
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
