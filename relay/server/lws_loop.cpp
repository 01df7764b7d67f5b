#include "relay/server/lws_loop.h"

#include <libwebsockets.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "relay/capture/capture_host.h"
#include "relay/child/watchable.h"
#include "relay/renditions/rendition_host.h"
#include "relay/restream/restream_host.h"
#include "relay/server/connection.h"
#include "relay/server/lws_callback.h"
#include "relay/server/memory_reserve.h"
#include "relay/server/proxy_door.h"
#include "relay/server/tcp_host.h"
#include "relay/server/tcp_socket.h"
#include "relay/server/uring_sender.h"

namespace framewire::relay {
namespace {

constexpr std::uint64_t kTickMs = 100;
constexpr unsigned kTicksPerSecond = 10;
constexpr Duration kOpenWithin{300};  // once the server drains

}  // namespace

LwsLoop::LwsLoop(ServerShared& shared, std::size_t index)
    : shared_(shared),
      rules_(shared.config, shared.make_authorizer(shared.config, *this)),
      index_(index),
      peers_(uv_, [this](std::uint64_t number, PeerEnd end) {
        if (Connection* connection = find(number)) connection->on_peer_end(end);
      }) {
  if (!config().no_io_uring) batch_sender_ = open_uring_sender();
  wake_.data = timer_.data = prepare_.data = check_.data = this;
  uv_idle_init(&uv_, &more_);
  uv_async_init(&uv_, &wake_, [](uv_async_t* h) { static_cast<LwsLoop*>(h->data)->run_posted(); });
  uv_timer_init(&uv_, &timer_);
  uv_timer_start(
      &timer_, [](uv_timer_t* h) { static_cast<LwsLoop*>(h->data)->tick(); }, kTickMs, kTickMs);
  // Once before and once after the loop looks at its sockets: whatever ran before is a turn.
  uv_prepare_init(&uv_, &prepare_);
  uv_prepare_start(&prepare_, [](uv_prepare_t* h) {
    auto& loop = *static_cast<LwsLoop*>(h->data);
    if (!uv_is_active(reinterpret_cast<uv_handle_t*>(&loop.more_))) loop.turn();
  });
  uv_check_init(&uv_, &check_);
  uv_check_start(&check_, [](uv_check_t* h) { static_cast<LwsLoop*>(h->data)->turn(); });
}

LwsLoop::~LwsLoop() {
  close();
}

void LwsLoop::close() {
  {
    const Lock lock{mutex_};
    if (std::exchange(closed_, true)) return;
  }
  restreams_.reset();
  captures_.reset();
  codec_.reset();
  if (tcp_) tcp_->close();
  if (listener_) listener_->close();
  if (door_) door_->close();
  if (context_) lws_context_destroy(context_);
  const auto close_handle = [](auto& handle) {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle), nullptr);
  };
  peers_.close();
  close_handle(wake_);
  close_handle(timer_);
  close_handle(prepare_);
  close_handle(check_);
  close_handle(more_);
  uv_run(&uv_, UV_RUN_DEFAULT);
  // With a foreign loop libwebsockets ends in two steps, the second once its handles are closed.
  if (context_) lws_context_destroy(context_);
  uv_run(&uv_, UV_RUN_DEFAULT);
  uv_loop_close(&uv_);
}

void LwsLoop::set_relay(RelayWithServices& relay) {
  relay_ = &relay;
  hub_ = relay.hubs[index_].get();
#ifdef FRAMEWIRE_WITH_FFMPEG
  codec_ = std::make_unique<RenditionHost>(uv_, *hub_);
  captures_ = std::make_unique<CaptureHost>(uv_, *hub_, relay.recorder.get());
  restreams_ = std::make_unique<RestreamHost>(uv_, *hub_);
#endif
}

Result<void> LwsLoop::open_tcp() {
  tcp_ = std::make_unique<TcpHost>(*this);
  return tcp_->open();
}

Result<void> LwsLoop::open(int listening_socket) {
  void* foreign = &uv_;
  lws_context_creation_info info{};
  log_.give_to(info);
  info.user = this;
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = lws_protocol_table();
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  info.foreign_loops = &foreign;
  info.pt_serv_buf_size = kReadBytes;
  const auto handshake_s =
      std::chrono::ceil<std::chrono::seconds>(config().handshake_timeout).count();
  info.timeout_secs = static_cast<unsigned>(handshake_s);
  info.alpn = "http/1.1";
  if (!config().tls_cert.empty()) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  context_ = lws_create_context(&info);
  if (!context_) {
    ::close(listening_socket);
    return fail(Errc::internal,
                "libwebsockets gives no context (is libwebsockets-evlib-uv installed?)");
  }
  if (!config().tls_cert.empty()) {
    auto identity = TlsIdentity::load(config().tls_cert, config().tls_key);
    if (!identity) {
      ::close(listening_socket);
      return tl::make_unexpected(identity.error());
    }
    identity_ = *std::move(identity);
    if (auto asks = ask_clients(); !asks) {
      ::close(listening_socket);
      return asks;
    }
    info.ssl_cert_filepath = config().tls_cert.c_str();
    info.ssl_private_key_filepath = config().tls_key.c_str();
    // What speaks plain HTTP there is told so by its Connection.
    info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
                    LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
  }
  vhost_ = lws_create_vhost(context_, &info);
  if (!vhost_) {
    ::close(listening_socket);
    return fail(Errc::refused, "libwebsockets takes neither this address nor these TLS files");
  }
  // Linux hands these on to the sockets that are accepted.
  prepare_socket(listening_socket, config().send_buffer_bytes, config().lost_after,
                 config().stall_timeout + config().lost_after);
  door_ = std::make_unique<ProxyDoor>(
      uv_, [this](int fd, std::string peer) { seat(fd, std::move(peer)); });
  listener_ = std::make_unique<Listener>(
      uv_, listening_socket, [this](int fd, std::string peer) { accept(fd, std::move(peer)); });
  return {};
}

Result<void> LwsLoop::ask_clients() {
  if (config().client_ca.empty()) return {};
  auto authority = ClientAuthority::load(config().client_ca);
  if (!authority) return tl::make_unexpected(authority.error());
  clients_.authority = *std::move(authority);
  clients_.required = config().needs_client_cert();
  clients_.on_refused = [this](int socket, std::string_view why) {
    hub_->counters().refused(Refusal::forbidden);
    spdlog::info("{}: refused in TLS: {}", peer_address(socket), why);
    last_words_.hold(socket, now());
  };
  return {};
}

void LwsLoop::prepare_tls(ssl_ctx_st& context) {
  show_identity(context, identity_);
  if (clients_.authority) ask_for_certificates(context, clients_);
}

void LwsLoop::accept(int socket, std::string peer) {
  if (rules_.proxies.hold(peer))
    door_->admit(socket, std::move(peer), now() + config().handshake_timeout);
  else
    seat(socket, std::move(peer));
}

void LwsLoop::seat(int socket, std::string peer) {
  if (!shared_.addresses.enter(PerAddressLimit::counted_as(peer), rules_.proxies.hold(peer))) {
    spdlog::warn("{}: has {} connections, the limit", peer, config().max_connections_per_address);
    hub_->counters().refused(Refusal::overloaded);
    hub_->limit_reached("max-connections-per-address", "");
    ::close(socket);
    return;
  }
  const std::size_t taker = shared_.roster.enter();
  if (taker == index_) {
    adopt(socket, std::move(peer));
  } else {
    LwsLoop& other = *shared_.loops[taker];
    other.post([&other, socket, peer = std::move(peer)] { other.adopt(socket, peer); });
  }
}

void LwsLoop::adopt(int socket, std::string peer) {
  const auto how = static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL);
  lws* wsi = nullptr;
  if (watchable(uv_, socket)) {
    wsi = lws_adopt_descriptor_vhost(vhost_, how, {.sockfd = socket}, nullptr, nullptr);
  } else {
    spdlog::warn("{}: turned away: its socket can't be watched: {}", peer, std::strerror(errno));
    hub_->counters().refused(Refusal::overloaded);
    ::close(socket);
  }
  if (!wsi) {  // closed by libwebsockets, or above
    shared_.addresses.leave(PerAddressLimit::counted_as(peer));
    shared_.roster.leave(index_);
    return;
  }
  auto* connection =
      new Connection(*this, std::move(peer));  // deleted with its lws, in WSI_DESTROY
  lws_set_opaque_user_data(wsi, connection);
  connection->opened(wsi);
}

void LwsLoop::add(Connection& connection) {
  connections_.emplace(connection.number(), &connection);
}

void LwsLoop::remove(Connection& connection) {
  connections_.erase(connection.number());
  shared_.addresses.leave(connection.counted());
  shared_.roster.leave(index_);
}

void LwsLoop::reconfigure(const Config& fresh, std::shared_ptr<const TlsIdentity> identity,
                          std::shared_ptr<const ClientAuthority> clients) {
  hub_->reconfigure(fresh);
  rules_ = AccessRules{fresh, shared_.make_authorizer(fresh, *this)};
  if (clients && clients_.authority) {
    clients_.authority = std::move(clients);
    for (Connection* connection : all_connections()) connection->recheck_certificate();
  }
  for (Connection* connection : all_connections()) connection->recheck_key();
  shared_.told_of_proxy = false;
  if (identity) identity_ = std::move(identity);
  shared_.addresses.set_limit(fresh.max_connections_per_address);
  shared_.key_pause.set_limits(ServerShared::pause_limits(fresh));
  shared_.bans.set_limit(fresh.max_bans);
  if (index_ == 0) shared_.bans.configure(fresh.bans);
  shared_.unfinished.set_limit(fresh.max_unfinished_bytes);
  shared_.waiting.set_limit(fresh.max_unfinished_bytes);
  shared_.echoes.set_limit(fresh.echo_bytes);
}

Connection* LwsLoop::find(std::uint64_t number) {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second;
}

std::uint64_t LwsLoop::head_begins(Connection& connection) {
  const std::string counted = connection.counted();
  const PerAddressLimit::Heads heads = shared_.addresses.head_begins(counted);
  const bool of_address =
      heads.of_address > config().max_heads_per_address && !connection.is_proxy();
  if (of_address || heads.of_all > config().max_heads) {
    for (const auto& [head, number] : heads_) {
      Connection* oldest = find(number);
      if (!oldest || oldest->ending() || (of_address && oldest->counted() != counted)) continue;
      spdlog::debug("{}: cut off: too many requests whose headers are not complete",
                    oldest->peer());
      hub_->counters().refused(Refusal::overloaded);
      oldest->kill();
      break;
    }
  }
  heads_.emplace(++last_head_, connection.number());
  return last_head_;
}

void LwsLoop::head_ends(Connection& connection, std::uint64_t head) {
  heads_.erase(head);
  shared_.addresses.head_ends(connection.counted());
}

bool LwsLoop::count_anew(const std::string& before, const std::string& now, bool unlimited) {
  if (!shared_.addresses.enter(now, unlimited)) return false;
  shared_.addresses.leave(before);
  return true;
}

void LwsLoop::run() {
  bear_lost_watches(uv_);
  uv_run(&uv_, UV_RUN_DEFAULT);
  hub_->leave_thread();
}

void LwsLoop::stop() {
  post([this] { drain(); });
}

void LwsLoop::drain() {
  if (draining_) return;
  draining_ = true;
  drain_by_ = now() + config().drain_timeout;
  listener_->close();
  door_->close();
  for (Connection* connection : all_connections())
    if (connection->session()) connection->session()->dismiss(kServerStops);
  if (restreams_) restreams_->drain();
  if (tcp_) tcp_->drain();
}

std::vector<Connection*> LwsLoop::all_connections() const {
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) all.push_back(connection);
  return all;
}

void LwsLoop::post(std::function<void()> task) {
  {
    const Lock lock{mutex_};
    if (closed_) return;  // there is no loop any more that would run it
    posted_.push_back(std::move(task));
    if (posted_.size() == 1) uv_async_send(&wake_);  // else woken already
  }
}

void LwsLoop::post_costly(std::function<void()> task) {
  const Lock lock{mutex_};
  if (closed_) return;
  posted_costly_.push_back(std::move(task));
  if (posted_costly_.size() == 1) uv_async_send(&wake_);
}

void LwsLoop::run_posted() {
  std::vector<std::function<void()>> tasks, costly;
  {
    const Lock lock{mutex_};
    tasks.swap(posted_);
    costly.swap(posted_costly_);
  }
  costly_.add(std::move(costly));
  for (const auto& task : tasks) task();
}

void LwsLoop::turn() {
  if (!round_.over()) go_round();
  if (!costly_.over()) costly_.go_on();
  const bool flushed = hub_->flush();
  if (flushed && round_.over() && costly_.over())
    uv_idle_stop(&more_);
  else
    uv_idle_start(&more_, [](uv_idle_t*) {});
}

void LwsLoop::tick() {
  hub_->tick();
  if (codec_) codec_->tick();
  if (tcp_) tcp_->tick(now());
  listener_->resume();
  last_words_.tick(now());
  shared_.roster.set_busy(index_, busy_.tick());
  if (++ticks_ % kTicksPerSecond != 0 && !draining_) return;
  if (index_ == 0) MemoryReserve::refill();
  const Time time = now();
  door_->tick(time);
  if (round_.over()) begin_round();
  const bool done =
      connections_.empty() && (!restreams_ || restreams_->done()) && (!tcp_ || tcp_->done());
  if (draining_ && (done || time > drain_by_)) uv_stop(&uv_);
}

void LwsLoop::begin_round() {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) numbers.push_back(number);
  round_.begin(std::move(numbers));
}

void LwsLoop::go_round() {
  const Time time = now();
  // One that is not in use when the server drains may be opening just now: it gets a moment.
  const bool end_idle = draining_ && time > drain_by_ - config().drain_timeout + kOpenWithin;
  round_.go_on([&](std::uint64_t number) {
    Connection* connection = find(number);
    if (!connection) return;
    connection->tick(time);
    if (!end_idle) return;
    connection = find(number);
    if (connection && !connection->session()) connection->kill();
  });
}

}  // namespace framewire::relay
