#include "tools/serving/hook_source.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "relay/fetch/http_get.h"

namespace framewire::cli {

using relay::HookCaller;
using relay::HookQueue;

HookSource::Before HookSource::use(relay::Config& config) {
  Way way{config.auth_url, config.auth_timeout, config.auth_parallel, config.auth_queue};
  Before before;
  if (way != std::exchange(way_, way)) {
    before.caller = std::move(caller_);
    queue_ = nullptr;
    if (!config.auth_url.empty()) {
      queue_ = std::make_shared<HookQueue>(config.auth_queue, config.auth_timeout);
      caller_ = std::make_unique<HookCaller>(config.auth_url, config.auth_parallel, queue_);
      spdlog::info("--auth-url {}: says who may", relay::shown_url(config.auth_url));
    }
  }
  config.auth_hook = queue_;
  return before;
}

}  // namespace framewire::cli
