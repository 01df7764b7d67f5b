// /echo: every message comes back as it was sent, for diagnosis and conformance tests. It needs no
// key, so that all of its connections together hold a bounded amount.
#include "ingest/wire/ws_frame.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {
namespace {

class WsEcho final : public Session {
 public:
  explicit WsEcho(Connection& connection)
      : connection_(connection),
        reassembler_(connection.hub().config().limits),
        share_(connection.loop().shared().echoes) {}

  void on_open() override {}
  void dismiss(const Dismissal& why) override { connection_.close(why.close, why.code); }
  void on_broken(const Error& error) override { close(close_reason_for(error)); }
  bool quiet_for_ping() const override { return !reassembler_.in_message(); }

  void on_receive(const FragmentPiece& piece) override {
    auto message = reassembler_.feed(piece);
    if (!message) {
      on_broken(message.error());
    } else if (*message) {
      append_ws_frame(out_, (*message)->text ? WsOpcode::text : WsOpcode::binary,
                      (*message)->bytes);
      reassembler_.release();
      on_writeable();
    }
    count();
  }

  // While an answer waits nothing more is read, so it holds one read's messages at most.
  void on_writeable() override {
    if (!connection_.has_pending() && !out_.empty()) connection_.write(std::exchange(out_, {}));
    connection_.allow_receive(!connection_.has_pending());
    count();
  }

 private:
  void count() {
    const std::size_t held =
        reassembler_.held_bytes() + out_.capacity() + connection_.pending_bytes();
    if (!share_.set(held)) close(no_room());
  }
  void close(const CloseReason& ending) {
    reassembler_.reset();
    out_ = {};
    connection_.close(ending.close, ending.code);
  }

  Connection& connection_;
  MessageReassembler reassembler_;
  Buffer out_;
  IntakeShare share_;
};

}  // namespace

CloseReason no_room() {
  return {CloseCode::try_later,
          "overloaded",
          {Errc::limit_exceeded, "the server holds too much of messages that are not complete"}};
}

std::unique_ptr<Session> make_ws_echo(Connection& connection, const Admission&, const Request&) {
  return std::make_unique<WsEcho>(connection);
}

}  // namespace framewire::relay
