// The way to the operator's own server, --auth-url, as a running server's options say: made at the
// start, and again when they have changed. Thread: one, that of the signals.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>

#include "relay/access/hook_queue.h"
#include "relay/base/config.h"
#include "relay/fetch/hook_caller.h"

namespace framewire::cli {

class HookSource {
 public:
  // From now on what `config` says; config.auth_hook is set. What was asked before ends with
  // `before`, once no server has it any more.
  struct Before {
    std::unique_ptr<relay::HookCaller> caller;
  };
  Before use(relay::Config& config);

 private:
  using Way = std::tuple<std::string, relay::Duration, std::size_t, std::size_t>;

  Way way_{};
  std::shared_ptr<relay::HookQueue> queue_;
  std::unique_ptr<relay::HookCaller> caller_;
};

}  // namespace framewire::cli
