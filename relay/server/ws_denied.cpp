// A framewire.v1 peer that may not: told why in words that a page can read.
#include <spdlog/spdlog.h>

#include "relay/fanout/messages.h"
#include "relay/server/admission.h"
#include "relay/server/connection.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr unsigned kUnavailable = 503;

class WsDenied final : public Session {
 public:
  WsDenied(Connection& connection, Rejection why) : connection_(connection), why_(std::move(why)) {}
  void on_open() override {
    const std::string_view code = to_string(why_.why);
    connection_.hub().counters().refused(why_.why);
    spdlog::info("{}: refused, {}: {}", connection_.peer(), code, why_.message);
    const bool passes = http_status(why_.why) == kUnavailable || why_.why == Refusal::wrong_keys;
    std::optional<Duration> wait;
    if (why_.why == Refusal::wrong_keys) wait = std::chrono::seconds{seconds_left(connection_)};
    connection_.send_text(error_message(code, why_.message, 0, wait));
    connection_.close(passes ? CloseCode::try_later : CloseCode::policy, code);
  }
  void dismiss(const Dismissal& why) override { connection_.close(why.close, why.code); }

 private:
  Connection& connection_;
  const Rejection why_;
};

}  // namespace

void dismiss_ws(Connection& connection, const Dismissal& why, bool v1) {
  if (v1 && !why.server_stops()) connection.send_text(error_message(why.code, why.message, 0));
  connection.close(why.close, why.code);
}

std::unique_ptr<Session> make_ws_denied(Connection& connection, const Admission& admission,
                                        const Request&) {
  return std::make_unique<WsDenied>(connection, *admission.denied);
}

}  // namespace framewire::relay
