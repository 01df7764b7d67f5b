// /echo: every message comes back as it was sent, for diagnosis and conformance tests.
#include "relay/publisher.h"
#include "relay/server/connection.h"
#include "relay/server/session_kinds.h"
#include "relay/ws_frame.h"

namespace framewire::relay {
namespace {

class WsEcho final : public Session {
 public:
  explicit WsEcho(Connection& connection)
      : connection_(connection), reassembler_(connection.hub().config().limits) {}

  void on_open() override {}
  void drain() override { connection_.close(CloseCode::restarting, "restarting"); }
  bool quiet_for_ping() const override { return !reassembler_.in_message(); }

  void on_receive(const FragmentPiece& piece) override {
    auto message = reassembler_.feed(piece);
    if (!message) {
      const Ending ending = ending_for(std::move(message.error()));
      connection_.close(ending.close, ending.code);
    } else if (*message) {
      const Bytes payload = (*message)->bytes;
      const std::size_t at = out_.size();
      out_.resize(at + ws_header_size(payload.size()));
      write_ws_header(out_.data() + at, (*message)->text ? Opcode::text : Opcode::binary,
                      payload.size());
      append(out_, payload);
      on_writeable();
    }
  }

  // While an answer waits nothing more is read, so it holds one read's messages at most.
  void on_writeable() override {
    if (!connection_.has_pending() && !out_.empty()) connection_.write(std::exchange(out_, {}));
    connection_.allow_receive(!connection_.has_pending());
  }

 private:
  Connection& connection_;
  MessageReassembler reassembler_;
  Buffer out_;
};

}  // namespace

std::unique_ptr<Session> make_ws_echo(Connection& connection) {
  return std::make_unique<WsEcho>(connection);
}

}  // namespace framewire::relay
