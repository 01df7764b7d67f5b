// One event loop: a thread's libuv loop with its own libwebsockets context, its hub, its listening
// socket and its connections.
// Thread: the one that calls run(), but for post() and stop().
#pragma once
#include <uv.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ingest/base/mutex.h"
#include "relay/access/bans.h"
#include "relay/access/identity_book.h"
#include "relay/access/judge.h"
#include "relay/access/key_pause.h"
#include "relay/access/token_authorizer.h"
#include "relay/base/interned.h"
#include "relay/base/loop.h"
#include "relay/control/session_rows.h"
#include "relay/server/config_desk.h"
#include "relay/server/intake_budget.h"
#include "relay/server/last_words.h"
#include "relay/server/listener.h"
#include "relay/server/loop_roster.h"
#include "relay/server/lws_log.h"
#include "relay/server/peer_watch.h"
#include "relay/server/per_address_limit.h"
#include "relay/server/sliced_round.h"
#include "relay/server/sliced_tasks.h"
#include "relay/server/tunnel.h"
#include "relay/services/services.h"
#include "relay/tls/client_authority.h"
#include "relay/tls/tls_identity.h"

struct lws_context;
struct lws_vhost;

namespace framewire::relay {

class CaptureHost;
class RenditionHost;
class Connection;
class RestreamHost;
class TcpHost;

class LwsLoop;
class ProxyDoor;

// What all loops of a server share; immutable once they run, but for the address book, the key
// pause, bans and identities, which lock, the roster, the budgets and the count.
struct ServerShared {
  ServerShared(const Config& c, std::size_t loop_count,
               MakeAuthorizer how_authorized = make_usual_authorizer)
      : config(c),
        make_authorizer(std::move(how_authorized)),
        addresses(c.max_connections_per_address),
        key_pause(pause_limits(c)),
        bans(c.max_bans),
        unfinished(c.max_unfinished_bytes),
        waiting(c.max_unfinished_bytes),
        echoes(c.echo_bytes),
        roster(loop_count, c.loop_fill) {
    bans.configure(c.bans);
  }
  static KeyPause::Limits pause_limits(const Config& c) {
    return {c.wrong_keys, c.wrong_keys_window, c.max_paused};
  }
  const Config& config;  // of the start
  const MakeAuthorizer make_authorizer;
  PerAddressLimit addresses;
  KeyPause key_pause;
  Bans bans;
  IdentityBook identities;
  IntakeBudget unfinished;  // publishers' messages that are not complete, or that wait
  IntakeBudget waiting;  // all others': requests that wait behind others, texts, POSTs of tunnels
  IntakeBudget echoes;   // all on /echo
  TunnelBook tunnels;
  ConfigDesk config_desk;
  LoopRoster roster;
  std::vector<LwsLoop*> loops;
  // To the other nodes of a cluster, from any loop; empty: this server is alone.
  std::function<void(const std::string&)> tell_bans;
  std::atomic<std::size_t> viewers{0};
  std::atomic<std::size_t> following{0};    // events, at /api/v1/events
  std::atomic<std::size_t> controlling{0};  // requests of the control API under way
  std::atomic<std::size_t> authorizing{0};  // requests whose right is being found out
  std::atomic<bool> told_of_proxy{false};   // that anybody may publish through it
};

// Initialised before whatever lives on it.
struct UvLoop : uv_loop_t {
  UvLoop() { uv_loop_init(this); }
};

class LwsLoop final : public Loop {
 public:
  // index: its place in shared.loops, once all are there.
  LwsLoop(ServerShared& shared, std::size_t index);
  ~LwsLoop() override;
  LwsLoop(const LwsLoop&) = delete;
  LwsLoop& operator=(const LwsLoop&) = delete;

  // Before run(): its part of the relay, the libwebsockets context and the listening socket.
  void set_relay(RelayWithServices& relay);
  Result<void> open(int listening_socket);
  // The plain TCP ports, on one loop of a server.
  Result<void> open_tcp();
  // Until stop(), and until the connections have gone or drain_timeout is over.
  void run();
  void stop();  // any thread
  // After run(): ends all connections and the context. The hub must still be there.
  void close();

  void post(std::function<void()> task) override;
  void post_costly(std::function<void()> task) override;
  Time now() const override { return Clock::now(); }
  BatchSender* batch_sender() override { return batch_sender_.get(); }

  Hub& hub() { return *hub_; }
  hls::Host& hls() { return *relay_->hls[index_]; }
  // Null when there is no --record-dir. Its callbacks come on its own thread.
  Recorder* recorder() { return relay_->recorder.get(); }
  // Null without --render. Its callbacks come on its own thread.
  RenderDesk* renders() { return relay_->renders.get(); }
  ServerShared& shared() { return shared_; }
  // Where it may change while the server runs, this loop's own.
  const Config& config() const { return hub_ ? hub_->config() : shared_.config; }
  const AccessRules& rules() const { return rules_; }
  // What the operator changed; identity: null = as before.
  void reconfigure(const Config& fresh, std::shared_ptr<const TlsIdentity> identity,
                   std::shared_ptr<const ClientAuthority> clients);
  // For each handshake of this TLS context.
  void prepare_tls(ssl_ctx_st& context);
  // Whose certificates are taken.
  const ClientDoor& clients() const { return clients_; }

  // ---- for connections
  // What one read takes; libwebsockets has a buffer of that size, too.
  static constexpr std::size_t kReadBytes = 64u << 10;
  // For the read of one connection, until it returns.
  std::span<std::byte> read_room() { return read_room_; }
  uv_loop_t& uv() { return uv_; }
  // Names that many of its sessions hold.
  InternPool& names() { return names_; }
  std::uint64_t next_number() { return ++last_number_; }
  void add(Connection& connection);
  void remove(Connection& connection);
  bool draining() const { return draining_; }
  // nullptr when it has gone.
  Connection* find(std::uint64_t number);
  PeerWatch& peer_watch() { return peers_; }
  // Who publishes and watches here, in the order of their numbers: of those that the query is for
  // one more than its limit, at most.
  std::vector<SessionRow> sessions(const SessionQuery& query) const;
  std::optional<SessionRow> session(std::uint64_t number) const;
  // Ends who publishes or watches by this number; false: it is not there.
  bool kick(std::uint64_t number);
  // A request's head is awaited, or has begun; the answer names it to head_ends(). Too many of one
  // address, or of all, and the oldest of them is cut off.
  std::uint64_t head_begins(Connection& connection);
  void head_ends(Connection& connection, std::uint64_t head);
  // Its connection counts as another's from now on. False: that one has as many as it may.
  bool count_anew(const std::string& before, const std::string& now, bool unlimited);

 private:
  void accept(int socket, std::string peer);
  void seat(int socket, std::string peer);
  void adopt(int socket, std::string peer);
  Result<void> ask_clients();
  void turn();
  void tick();
  void begin_round();  // each connection's tick(), once a second
  void go_round();
  void drain();
  std::vector<Connection*> all_connections() const;  // they may end while one goes through them
  void run_posted();

  ServerShared& shared_;
  AccessRules rules_;
  std::shared_ptr<const TlsIdentity> identity_;
  ClientDoor clients_;
  LastWords last_words_;
  const std::size_t index_;
  RelayWithServices* relay_ = nullptr;
  Hub* hub_ = nullptr;  // of it
  UvLoop uv_;
  uv_async_t wake_{};
  uv_timer_t timer_{};
  uv_prepare_t prepare_{};
  uv_check_t check_{};
  uv_idle_t
      more_{};  // active while a turn leaves parts unwritten: the loop only looks at its sockets
  PeerWatch peers_;
  LwsLog log_;
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
  std::unique_ptr<BatchSender> batch_sender_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<ProxyDoor> door_;
  std::unique_ptr<RenditionHost> codec_;
  std::unique_ptr<CaptureHost> captures_;
  std::unique_ptr<RestreamHost> restreams_;
  std::unique_ptr<TcpHost> tcp_;

  InternPool names_;  // outlives the connections, which close() ends
  Buffer read_room_ = Buffer(kReadBytes);
  Mutex mutex_;  // held for a push or a swap
  std::vector<std::function<void()>> posted_ FW_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> posted_costly_ FW_GUARDED_BY(mutex_);
  bool closed_ FW_GUARDED_BY(mutex_) = false;
  SlicedTasks costly_;  // of posted_costly_, not run yet

  std::unordered_map<std::uint64_t, Connection*> connections_;
  std::map<std::uint64_t, std::uint64_t> heads_;  // by age, the numbers of their connections
  BusyMeter busy_;
  std::uint64_t last_number_ = 0;
  std::uint64_t last_head_ = 0;
  unsigned ticks_ = 0;
  SlicedRound round_;
  bool draining_ = false;
  Time drain_by_{};
};

}  // namespace framewire::relay
