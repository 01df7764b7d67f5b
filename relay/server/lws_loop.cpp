#include "relay/server/lws_loop.h"

#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/server/capture_host.h"
#include "relay/server/codec_host.h"
#include "relay/server/connection.h"
#include "relay/server/lws_callback.h"
#include "relay/server/restream_host.h"
#include "relay/server/uring_sender.h"

namespace framewire::relay {
namespace {

constexpr std::uint64_t kTickMs = 100;
constexpr unsigned kTicksPerSecond = 10;
constexpr Duration kOpenWithin{300};                // once the server drains
constexpr unsigned kServeBufferBytes = 128u << 10;  // per loop: what one read of a body takes
constexpr unsigned short kHeaderBytes = 8192;       // of one request's head
constexpr unsigned short kHeaderTables = 1024;      // requests being read at once, per loop

// Pings are Connection's. By default libwebsockets also keeps a timer for each WebSocket, which
// each pong moves to its place in a sorted list of all of them: with 4,500, 80 ms of every second.
constexpr lws_retry_bo_t kNoPings{};

void log_line(int level, const char* line) {
  std::string_view text{line};
  while (text.ends_with('\n')) text.remove_suffix(1);
  spdlog::log(level == LLL_ERR ? spdlog::level::warn : spdlog::level::debug, "libwebsockets: {}",
              text);
}

}  // namespace

LwsLoop::LwsLoop(ServerShared& shared, std::size_t index) : shared_(shared), index_(index) {
  if (!config().no_io_uring) batch_sender_ = open_uring_sender();
  uv_loop_init(&uv_);
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
  uv_check_start(&check_, [](uv_check_t* h) {
    auto& loop = *static_cast<LwsLoop*>(h->data);
    loop.holding_ = loop.more_has_come();
    loop.turn();
  });
}

LwsLoop::~LwsLoop() {
  close();
}

void LwsLoop::close() {
  if (closed_) return;
  closed_ = true;
  restreams_.reset();
  captures_.reset();
  codec_.reset();
  if (listener_) listener_->close();
  if (context_) lws_context_destroy(context_);
  const auto close_handle = [](auto& handle) {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle), nullptr);
  };
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

void LwsLoop::set_hub(Hub& hub) {
  hub_ = &hub;
#ifdef FRAMEWIRE_WITH_FFMPEG
  codec_ = std::make_unique<CodecHost>(uv_, hub);
  captures_ = std::make_unique<CaptureHost>(uv_, hub);
  restreams_ = std::make_unique<RestreamHost>(uv_, hub);
#endif
}

Result<void> LwsLoop::open(int listening_socket) {
  lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
  void* foreign = &uv_;
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = lws_protocol_table();
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  info.foreign_loops = &foreign;
  info.pt_serv_buf_size = kServeBufferBytes;
  info.max_http_header_data = kHeaderBytes;
  info.max_http_header_pool = kHeaderTables;
  const auto handshake_s =
      std::chrono::ceil<std::chrono::seconds>(config().handshake_timeout).count();
  info.timeout_secs = static_cast<unsigned>(handshake_s);
  info.keepalive_timeout = 30;
  info.retry_and_idle_policy = &kNoPings;
  info.server_string = "framewire";
  info.alpn = "http/1.1";
  if (!config().tls_cert.empty()) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  context_ = lws_create_context(&info);
  if (!context_) {
    ::close(listening_socket);
    return fail(Errc::internal,
                "libwebsockets gives no context (is libwebsockets-evlib-uv installed?)");
  }
  if (!config().tls_cert.empty()) {
    info.ssl_cert_filepath = config().tls_cert.c_str();
    info.ssl_private_key_filepath = config().tls_key.c_str();
  }
  vhost_ = lws_create_vhost(context_, &info);
  if (!vhost_) {
    ::close(listening_socket);
    return fail(Errc::refused, "libwebsockets takes neither this address nor these TLS files");
  }
  listener_ = std::make_unique<Listener>(
      uv_, listening_socket, [this](int fd, std::string peer) { accept(fd, std::move(peer)); });
  return {};
}

void LwsLoop::accept(int socket, std::string peer) {
  if (!shared_.addresses.enter(peer)) {
    spdlog::warn("{}: has {} connections, the limit", peer, config().max_connections_per_address);
    hub_->counters().refused(Refusal::overloaded);
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
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // What the kernel holds for a viewer that does not read is delay and memory: bounded.
  const int send_buffer = static_cast<int>(config().send_buffer_bytes);
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  lws* wsi = lws_adopt_socket_vhost(vhost_, socket);
  if (!wsi) {  // closed by libwebsockets
    shared_.addresses.leave(peer);
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
  shared_.addresses.leave(connection.peer());
  shared_.roster.leave(index_);
}

Connection* LwsLoop::find(std::uint64_t number) {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second;
}

void LwsLoop::run() {
  uv_run(&uv_, UV_RUN_DEFAULT);
}

void LwsLoop::stop() {
  post([this] { drain(); });
}

void LwsLoop::drain() {
  if (draining_) return;
  draining_ = true;
  drain_by_ = now() + config().drain_timeout;
  listener_->close();
  for (Connection* connection : all_connections())
    if (connection->session()) connection->session()->drain();
  if (restreams_) restreams_->drain();
}

std::vector<Connection*> LwsLoop::all_connections() const {
  std::vector<Connection*> all;
  all.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) all.push_back(connection);
  return all;
}

void LwsLoop::post(std::function<void()> task) {
  {
    const std::lock_guard lock{mutex_};
    posted_.push_back(std::move(task));
    if (posted_.size() > 1) return;  // woken already
  }
  uv_async_send(&wake_);
}

void LwsLoop::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock{mutex_};
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

void LwsLoop::on_received(const Connection& from, std::size_t bytes) {
  received_from_ = from.number();
  received_bytes_ += bytes;
}

// A publisher is read in pieces. After a large one, what has arrived already is read before
// anything is written, up to one write's worth: many small messages leave in one write to each
// viewer instead of one for each read.
bool LwsLoop::more_has_come() {
  const std::uint64_t number = std::exchange(received_from_, 0);
  if (received_bytes_ < kPublisherReadBytes / 2 || received_bytes_ >= config().write_bytes)
    return false;
  const Connection* from = find(number);
  return from != nullptr && from->unread_bytes() > 0;
}

void LwsLoop::turn() {
  if (holding_) return;
  received_bytes_ = 0;
  if (hub_->flush())
    uv_idle_stop(&more_);
  else
    uv_idle_start(&more_, [](uv_idle_t*) {});
}

void LwsLoop::tick() {
  hub_->tick();
  if (codec_) codec_->tick();
  if (restreams_) restreams_->tick();
  listener_->resume();
  shared_.roster.set_busy(index_, busy_.tick());
  if (++ticks_ % kTicksPerSecond != 0 && !draining_) return;
  const Time time = now();
  // One that is not in use when the server drains may be opening just now: it gets a moment.
  const bool end_idle = draining_ && time > drain_by_ - config().drain_timeout + kOpenWithin;
  for (Connection* connection : all_connections()) {
    connection->tick(time);
    if (end_idle && !connection->session()) connection->kill();
  }
  const bool done = connections_.empty() && (!restreams_ || restreams_->done());
  if (draining_ && (done || time > drain_by_)) uv_stop(&uv_);
}

}  // namespace framewire::relay
