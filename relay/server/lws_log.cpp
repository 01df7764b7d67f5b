#include "relay/server/lws_log.h"

#include <libwebsockets.h>
#include <spdlog/spdlog.h>

#include <string_view>

namespace framewire::relay {
namespace {

constexpr int kLevels = LLL_ERR | LLL_WARN;

void log_line(int level, const char* line) {
  std::string_view text{line};
  while (text.ends_with('\n')) text.remove_suffix(1);
  spdlog::log(level == LLL_ERR ? spdlog::level::warn : spdlog::level::debug, "libwebsockets: {}",
              text);
}

}  // namespace

#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
struct LwsLog::Counted {
  lws_log_cx_t log{};
};

LwsLog::LwsLog() : counted_(std::make_unique<Counted>()) {
  counted_->log.u.emit = log_line;
  counted_->log.lll_flags = kLevels;
}

void LwsLog::give_to(lws_context_creation_info& info) {
  lws_set_log_level(kLevels, log_line);
  info.log_cx = &counted_->log;
}
#else
struct LwsLog::Counted {};

LwsLog::LwsLog() = default;

void LwsLog::give_to(lws_context_creation_info&) {
  lws_set_log_level(kLevels, log_line);
}
#endif

LwsLog::~LwsLog() = default;

}  // namespace framewire::relay
