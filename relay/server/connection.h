// One TCP (or TLS) connection: the only thing the sessions know of libwebsockets. Writes are
// finished bytes and go to the socket at once, past libwebsockets; what the socket does not take is
// held, by libwebsockets or, encrypted, by the TlsWriter, and nothing more is written until
// on_writeable (it would be copied into an unbounded list).
// Thread: its loop's. Lifetime: from accept to the destruction of its lws.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "relay/clock.h"
#include "relay/hub.h"
#include "relay/refusal.h"
#include "relay/server/session.h"
#include "relay/viewer.h"

struct lws;

namespace framewire::relay {

class BodyTap;
class LwsLoop;
class TlsWriter;

// The most that one read of a WebSocket publisher takes.
inline constexpr std::size_t kPublisherReadBytes = 64u << 10;

struct HttpResponse {
  unsigned status = 200;
  std::string_view content_type;  // "" = no body
  std::string_view body;          // borrowed until respond() returns
  std::string extra_headers;      // whole lines, each with CR LF
  bool head_only = false;         // the answer to HEAD
  bool keep = true;               // keep the connection for the next request
};

class Connection {
 public:
  Connection(LwsLoop& loop, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Hub& hub();
  LwsLoop& loop() { return loop_; }
  const std::string& peer() const { return peer_; }
  // Unique on its loop: names the connection to answers that come later.
  std::uint64_t number() const { return number_; }

  Sent write(Bytes finished);
  // As ViewerSink has them.
  bool make_ready(Bytes finished, SocketSend& to);
  Sent sent(Bytes finished, std::int32_t result);
  void want_writeable();
  bool has_pending() const;
  std::size_t unsent_bytes() const;
  // What its socket holds to be read.
  std::size_t unread_bytes() const;
  // Stops reading, or goes on; what libwebsockets has read already may still come.
  void allow_receive(bool on);
  // Lifts libwebsockets' time-out on an HTTP request that goes on for as long as it likes.
  void allow_idle();
  // Reads the rest of an HTTP body past libwebsockets (body_tap.h); the session closes it.
  BodyTap* tap(std::function<void(Bytes)> data);

  // WebSocket: a text frame, kept in a small bounded queue while the socket is full.
  void send_text(std::string_view json);
  // WebSocket: a close frame, then the end. code_name is the frame's reason, and for the log.
  void close(CloseCode code, std::string_view code_name);
  // HTTP: a whole answer.
  void respond(const HttpResponse& response);
  void respond(Refusal why, std::string_view message);
  // HTTP: whose pages may read what respond() refuses; "" = no page asked.
  void set_admitted_origin(std::string origin) { admitted_origin_ = std::move(origin); }
  // HTTP: an answer in pieces: its head, then as many write()s as it says, then complete().
  void begin_answer(const HttpResponse& head, std::uint64_t content_length);
  void complete();
  // HTTP: the end, once what was written has left.
  void end();
  // The end at once.
  void kill();
  bool ending() const { return ending_; }
  bool peer_closed() const { return peer_closed_; }

  // ---- for the adapter
  void opened(lws* wsi);
  void start(std::unique_ptr<Session> session);
  Session* session() const { return session_.get(); }
  void drop_session();
  void on_writeable();
  void on_pong(Bytes payload);
  // What the callback must return: 0 = libwebsockets answers the close frame, -1 = it answers ours.
  int on_peer_close(std::uint16_t code);
  // Counts what comes from a peer that was told to go, and ends a flood.
  void on_late_bytes(std::size_t count);
  void tick(Time now);
  // What the callback that just ran must return: 0, or -1 to end.
  int verdict();

  bool publishes = false;    // it asked to become a WebSocket that publishes
  bool upgraded = false;     // it is a WebSocket
  bool frame_begins = true;  // the next piece received begins a ws frame
  void heard_something(bool yes) {
    if (yes) heard_ = Clock::now();
  }

 private:
  Sent write_plain(Bytes finished);
  Sent write_tls(Bytes finished);
  Sent write_held(Bytes finished);
  Sent after_plain(Bytes finished, std::int32_t result);
  Sent after_tls(bool good);
  void ping(Time now);
  bool flush_texts();
  void send_close_frame();

  LwsLoop& loop_;
  const std::string peer_;
  const std::uint64_t number_;
  lws* wsi_ = nullptr;
  int socket_ = -1;
  std::shared_ptr<TlsWriter>
      tls_;  // from the first write over TLS on; libwebsockets' TLS has it too
  std::unique_ptr<Session> session_;
  bool responded_ = false;  // the HTTP transaction is complete
  std::string admitted_origin_;
  bool keep_ = true;
  bool ending_ = false;
  bool close_sent_ = false;
  bool peer_closed_ = false;
  CloseCode close_code_ = CloseCode::normal;
  std::string close_reason_;
  Time end_by_{};
  Time heard_{};  // when its peer last sent anything
  Buffer texts_;
  Time next_ping_{};
  std::size_t late_bytes_ = 0;
};

}  // namespace framewire::relay
