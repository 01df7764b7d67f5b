// What libwebsockets says, as log lines of ours: errors as warnings, all else at debug.
//
// From 4.3 on each connection counts itself in its context's log, without a lock (Debian builds it
// with LWS_MAX_SMP 1), and an assertion looks at the count. All contexts share one log unless they
// are given one, so two loops whose connections end at the same moment lose a count, and the
// process aborts when the last one ends, seldom (4.3.5; 4.1.6 has no such count).
#pragma once
#include <memory>

struct lws_context_creation_info;

namespace framewire::relay {

// One for each loop. It must outlive the context that it was given to.
class LwsLog {
 public:
  LwsLog();
  LwsLog(const LwsLog&) = delete;
  LwsLog& operator=(const LwsLog&) = delete;
  ~LwsLog();

  void give_to(lws_context_creation_info& info);

 private:
  struct Counted;
  std::unique_ptr<Counted> counted_;
};

}  // namespace framewire::relay
