// Asks the operator's own server (--auth-url) what loops want to know (relay/access/hook_queue.h):
// by POST, so many at a time, on a thread of its own. Whatever fails is an answer, too; the log
// says so once, and again when it is over. No redirection is followed, an answer is bounded.
// Thread: one makes and destroys it, and is held up by neither for more than a moment.
#pragma once
#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "relay/access/hook_queue.h"
#include "relay/base/clock.h"
#include "relay/fetch/curl_handles.h"

namespace framewire::relay {

class HookCaller {
 public:
  // url: one that why_not_fetched() has nothing against. parallel: requests at a time.
  HookCaller(std::string url, std::size_t parallel, std::shared_ptr<HookQueue> queue);
  ~HookCaller();
  HookCaller(const HookCaller&) = delete;
  HookCaller& operator=(const HookCaller&) = delete;

 private:
  struct Call;

  void run();
  void begin_calls();
  void end_calls();
  void drop_withdrawn();
  void tell(const HookReply& reply, const std::string& what);

  const std::string url_;
  const std::size_t parallel_;
  const std::shared_ptr<HookQueue> queue_;
  const CurlHeaders headers_;
  std::map<CURL*, std::unique_ptr<Call>> calls_;  // under way; before multi_, which knows them
  CurlMulti multi_;
  bool failing_ = false;  // and the log says so
  std::atomic<bool> stop_{false};
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
