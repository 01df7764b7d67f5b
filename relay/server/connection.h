// One TCP (or TLS) connection: an HTTP request after another, or a WebSocket. libwebsockets accepts
// TLS, reads, and tells when there is room again; what is read is understood here, and finished
// bytes are written to the socket straight (over TLS by the TlsWriter). What the socket does not
// take is held here, at most one write's rest, and nothing more is written until on_writeable.
//
//   head -> body -> answering -> head ...     one request
//      `-> answering -'   `-> over            the last one
//      `-> websocket --------> over         or a tunnel's GET (tunnel.h), whose frames POSTs bring
//
// Bytes are taken as far as the stage wants them; the rest is held, and while it is, nothing is
// read. So requests that come one behind the other wait in the kernel.
// Thread: its loop's. Lifetime: from accept to the destruction of its lws.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ingest/wire/ws_frame.h"
#include "relay/access/identity_book.h"
#include "relay/access/judge.h"
#include "relay/base/client_certificate.h"
#include "relay/base/clock.h"
#include "relay/base/interned.h"
#include "relay/base/refusal.h"
#include "relay/fanout/viewer.h"
#include "relay/server/intake_budget.h"
#include "relay/server/peer_watch.h"
#include "relay/server/per_address_limit.h"
#include "relay/server/session.h"
#include "relay/server/tunnel.h"
#include "relay/streams/hub.h"

struct lws;
struct ssl_st;

namespace framewire {
class WsReader;
}

namespace framewire::relay {

class HttpIntake;
class LwsLoop;
class TlsWriter;
struct RequestHead;

struct HttpResponse {
  unsigned status = 200;
  std::string_view content_type;  // "" = no body
  std::string_view body;          // borrowed until respond() returns
  std::string extra_headers;      // whole lines, each with CR LF
  bool head_only = false;         // the answer to HEAD
  bool sized = true;              // how long it is, or would be, is known
  bool keep = true;               // keep the connection for the next request
};

inline constexpr std::size_t kAgentBytes = 100;  // shown of what a client calls itself
std::string printable(std::string text);         // in ASCII, without control characters

class Connection {
 public:
  Connection(LwsLoop& loop, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What it is used for from now on, in place of what it was.
  void start(std::unique_ptr<Session> session);
  // Its request was decided on (admission.h): begins what it asks for, or refuses it.
  void proceed(const Request& request, const Verdict& verdict);
  Hub& hub();
  LwsLoop& loop() { return loop_; }
  // Whose request is answered: of a trusted proxy's connection its client's, as that says.
  const std::string& peer() const { return peer_; }
  // The name that this address is counted under.
  std::string counted() const { return PerAddressLimit::counted_as(peer_); }
  bool is_proxy() const;
  // own_machine.h. A trusted proxy's requests are never, whoever it says that asks.
  bool is_of_own_machine(const Request& request) const;
  // For the log: its address, and what it says of itself.
  std::string described(const Request& request) const;
  // The same person's on each connection, as far as is known: an identity, else an address.
  std::string whose() const;
  // That it has shown, and that is taken (--client-ca); nullopt: none.
  std::optional<ClientCertificate> certificate() const;
  // Who asked for what it is used for, once it was let in; null before.
  const Principal* principal() const { return principal_.get(); }
  std::string_view user_agent() const { return asker_.user_agent.view(); }
  std::int64_t since_ms() const { return asker_.since_ms; }  // since 1970
  // Its session has begun, or ends, to watch: told where --viewer-events is given.
  void announce_viewer(std::string_view type);
  // Unique on its loop: names the connection to answers that come later.
  std::uint64_t number() const { return number_; }
  // The same, for people and other programs, on this server.
  std::string name();

  Sent write(Bytes finished);
  // As ViewerSink has them.
  bool make_ready(Bytes finished, SocketSend& to);
  Sent sent(Bytes finished, std::int32_t result);
  void want_writeable();
  bool has_pending() const;
  std::size_t pending_bytes() const;
  std::size_t unsent_bytes() const;
  // A WebSocket, or a request's body: hands over nothing more, or goes on.
  void allow_receive(bool on);
  // A WebSocket: what follows waits for what was read last, which a later turn sees to.
  void await_turn(bool on);

  // WebSocket: a text frame, kept in a small bounded queue while the socket is full.
  void send_text(std::string_view json);
  // WebSocket: a close frame, then the end. code_name is the frame's reason, and for the log.
  void close(CloseCode code, std::string_view code_name);
  // HTTP: a whole answer.
  void respond(const HttpResponse& response);
  void respond(Refusal why, std::string_view message);
  // HTTP: an answer in pieces: its head, then as many write()s as it says, then complete().
  void begin_answer(const HttpResponse& head, std::uint64_t content_length);
  void complete();
  // HTTP: the end, once what was written has left.
  void end();
  // The end at once.
  void kill();
  bool ending() const { return ending_; }
  // Whose it is from now on: its session is dismissed when that one's time is over, or it is
  // banned.
  void belong_to(std::shared_ptr<const Principal> principal);
  // The same for one that another token names, with its limits; false: it has as much as it may.
  bool renew(const std::shared_ptr<const Principal>& principal, bool publishes,
             const std::string& stream);
  // After a reload: by a key that was taken out it goes on only if that takes none any more, and by
  // one that is there still as that one now may.
  void recheck_key();
  // After a reload of whose certificates are taken: ends, if the one that it has shown is not.
  void recheck_certificate();
  // Asks for a sign of life; one that gives none is ended within seconds.
  void probe();

  // ---- for the adapter and the loop
  void opened(lws* wsi);
  // Both return what the callback must return: 0, or -1 to end. Bytes are unmasked in place.
  int on_received(std::span<std::byte> bytes);
  // What is being taken costs so much more than its frame (http_intake.h).
  void charge(unsigned work) { frames_left_ -= std::min(frames_left_, work); }
  int on_writeable();
  // A tunnel's GET: what has come for it by a POST (tunnel.h).
  void take_tunnelled(std::uint64_t at, std::span<std::byte> bytes, TunnelReply reply);
  void on_peer_end(PeerEnd end);
  void tick(Time now);
  Session* session() const { return session_.get(); }
  void drop_session();

 private:
  enum class Stage : std::uint8_t { head, body, answering, websocket, over };

  // How a WebSocket ends.
  struct Closing {
    CloseCode code = CloseCode::normal;
    std::string reason{};
    Buffer answer{};  // the payload of the peer's close frame
  };
  static constexpr Time kNever = Time::max();

  const std::string& opened_by() const { return proxy_ ? *proxy_ : peer_; }

  // connection_certificate.cpp
  ssl_st* checked_tls() const;

  // connection.cpp: writing, the end.
  ssl_st* ssl() const;
  Sent transmit(Bytes finished);
  Sent after_plain(Bytes finished, std::int32_t result);
  Sent after_tls(bool good);
  bool flush_rest();
  bool flush_texts();

  // connection_read.cpp: reading.
  void take(std::span<std::byte> bytes);
  void read_more(std::size_t read);
  bool more_waits(ssl_st* ssl, std::size_t got) const;
  std::span<std::byte> consume(std::span<std::byte> bytes);
  void consume_held();
  bool takes() const;
  void update_reading();
  void settle();
  bool is_banned(Time now) const;
  IdentityBook::Probe probe_of_this() const;
  void spend(std::size_t bytes);
  int verdict();
  int depart();
  void end_now();
  void drop(std::size_t late_bytes);

  // connection_http.cpp
  void await_head();
  void head_is_done();
  void take_head(std::span<std::byte>& bytes);
  void take_body(std::span<std::byte>& bytes);
  bool body_is_whole() const;
  void end_body();
  void open_request(const RequestHead& head);
  bool name_client(const Request& request);
  bool is_plain_on_tls() const;
  bool lacks_certificate() const;
  void send_to_https(const Request& request);
  void refuse_input(const Error& error);
  void give_up_request(Refusal why, const std::string& message);
  void tick_http(Time now);

  // connection_tunnel.cpp
  void open_tunnel(const Request& request, const Admission& admission);

  // connection_ws.cpp
  void open_websocket(const Request& request, const Admission& admission);
  void take_frame(std::span<std::byte>& bytes);
  void on_peer_close(Bytes payload);
  void on_pong(Bytes payload);
  void queue_frame(WsOpcode opcode, Bytes payload);
  void send_close_frame(Bytes payload);
  int close_handshake();
  void tick_ws(Time now);

  // What each write reads, in one line of the cache: between two messages of a stream all of it has
  // left the cache, and it is fetched anew for each viewer.
  LwsLoop& loop_;
  lws* wsi_ = nullptr;
  int socket_ = -1;
  bool plain_ = false;  // what it writes goes as it is; known from its first write on
  bool ending_ = false;
  bool killed_ = false;
  bool peer_closed_ = false;        // its close frame came
  std::shared_ptr<TlsWriter> tls_;  // from the first write over TLS on; OpenSSL has it too
  Buffer rest_;                     // of a plain write, not taken by the socket yet

  // An idle viewer is little more than this: what few connections need, and those for a moment, is
  // held by a pointer.
  std::string peer_;
  std::unique_ptr<const std::string> proxy_;  // who connected, where peer_ is one of its clients
  const std::uint64_t number_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<HttpIntake> http_;  // until it is a WebSocket
  std::unique_ptr<WsReader> ws_;      // from then on
  std::unique_ptr<Tunnel> tunnel_;    // it is none, but frames come for it all the same
  std::unique_ptr<Closing> closing_;  // once it is known

  Stage stage_ = Stage::head;
  bool busy_ = false;         // within one of its callbacks: what to do next is seen to at its end
  bool reading_ = true;       // libwebsockets reads
  bool allowed_ = true;       // by the session
  bool awaits_turn_ = false;  // of await_turn()
  bool slowed_ = false;       // it publishes faster than it may, and is not read from for a moment
  bool keep_alive_ = true;    // the request lets another one follow
  bool keep_ = true;          // and so does its answer
  bool responded_ = false;    // the answer is complete
  bool finishing_ = false;    // HTTP: nothing more will be said
  bool said_all_ = false;
  bool shut_ = false;           // our direction is closed, or nobody waits for that
  bool more_may_come_ = false;  // the peer has not said all: a body is refused, frames are broken
  bool watched_ = false;        // its end is told by the loop's PeerWatch
  bool half_closed_ = false;    // the peer sends nothing more
  bool close_sent_ = false;
  bool timed_by_lws_ = true;     // libwebsockets' time-out on TLS runs
  std::optional<Action> needs_;  // for what it is used for

  Buffer held_;  // received, and not taken yet
  IntakeShare held_share_;
  std::size_t rest_sent_ = 0;
  Buffer texts_;                                // whole ws frames that go out before anything else
  std::shared_ptr<const Principal> principal_;  // whose request this is; null: not known yet
  Time expires_ = kNever;                       // when its time is over
  std::unique_ptr<IdentityBook::Use> use_;      // counted for it, where it has limits
  std::uint64_t bans_seen_ = 0;                 // Bans::number()
  struct Asker {
    Interned user_agent;
    std::int64_t since_ms = 0;
  };
  Asker asker_;
  Time end_by_{};
  Time heard_{};        // when its peer last sent anything, or, a WebSocket, took anything
  Time waits_since_{};  // for a head or a body, or since the peer half-closed
  std::uint64_t acked_ = 0;
  std::uint64_t head_ = 0;  // LwsLoop::head_begins(), 0 = none is awaited
  Time next_ping_{};
  std::uint32_t late_bytes_ = 0;  // at most kLateBytes and one read
  // A read may hold 40,000 empty frames, or 7,000 requests: those who wait behind them get their
  // turn, too. Of frames that carry something it takes what a turn reads.
  static constexpr unsigned kFramesPerTurn = 2048;
  unsigned frames_left_ = 1;  // what this callback may still do (http_intake.h)
};

// Each idle viewer has one: what grows here grows by thousands.
static_assert(sizeof(void*) != 8 || sizeof(Connection) <= 368);

}  // namespace framewire::relay
