// A framewire.v1 peer whose key opens nothing: told so in words that a page can read.
#include <spdlog/spdlog.h>

#include "relay/fanout/messages.h"
#include "relay/server/connection.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

class WsDenied final : public Session {
 public:
  explicit WsDenied(Connection& connection) : connection_(connection) {}
  void on_open() override {
    connection_.hub().counters().refused(Refusal::unauthorized);
    spdlog::info("{}: refused, unauthorized", connection_.peer());
    connection_.send_text(error_message(to_string(Refusal::unauthorized), kWrongKey, 0));
    connection_.close(CloseCode::policy, to_string(Refusal::unauthorized));
  }
  void drain() override { connection_.close(CloseCode::restarting, "restarting"); }

 private:
  Connection& connection_;
};

}  // namespace

std::unique_ptr<Session> make_ws_denied(Connection& connection) {
  return std::make_unique<WsDenied>(connection);
}

}  // namespace framewire::relay
