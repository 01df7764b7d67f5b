#include "relay/server/server.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "relay/server/cluster_bans.h"

namespace framewire::relay {

namespace {

std::size_t loop_count(const Config& config) {
  return config.loops != 0 ? config.loops : std::max(1u, std::thread::hardware_concurrency());
}

// What is large leaves the process when it is freed. By default glibc raises this threshold to the
// largest block ever freed, and keeps blocks of that size from then on (mallopt(3)).
void give_large_memory_back() {
  constexpr int kLarge = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, 2 * kLarge);
}

// A node has another name each time: what it had before is another's.
Config with_name(Config config) {
  constexpr std::size_t kNameLength = 8;
  if (config.cluster.on()) config.cluster.node = random_token().substr(0, kNameLength);
  return config;
}

}  // namespace

Server::Server(const Config& config, MakeAuthorizer make_authorizer)
    : config_(with_name(config)),
      shared_(config_, loop_count(config_), std::move(make_authorizer)) {}

Server::~Server() {
  drain();
  wait();
  if (cluster_) cluster_->stop();
  if (relay_) relay_->stop_recorder();
  for (auto& loop : loops_) loop->close();  // ends connections, which still use their hubs
  relay_.reset();
}

Result<void> Server::open() {
  const std::size_t count = loop_count(config_);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<LwsLoop>(shared_, i));
    shared_.loops.push_back(loops_.back().get());
  }
  if (!config_.no_io_uring && !loops_.front()->batch_sender())
    spdlog::info("no io_uring here: each viewer is written to by a system call of its own");
  relay_ = make_relay(config_, {shared_.loops.begin(), shared_.loops.end()});
  // All before the first accept: what is created next to a running loop is not its thread's.
  Endpoint endpoint{config_.host, config_.port};
  for (std::size_t i = 0; i < count; ++i) {
    loops_[i]->set_relay(*relay_);
    const auto socket = open_listening_socket(endpoint, i == 0);
    if (!socket) return tl::make_unexpected(socket.error());
    endpoint.port = bound_port(*socket);
    if (auto opened = loops_[i]->open(*socket); !opened) return opened;
  }
  if (auto opened = loops_.front()->open_tcp(); !opened) return opened;
  port_ = endpoint.port;
  if (config_.cluster.on()) {
    auto cluster =
        Cluster::start(*relay_,
                       {[this] { return shared_.viewers.load(); },
                        [this](const std::string& order) { obey_ban_order(order, shared_.bans); }},
                       port_);
    if (!cluster) return tl::make_unexpected(cluster.error());
    cluster_ = *std::move(cluster);
    shared_.tell_bans = [this](const std::string& order) {
      loops_.front()->post([this, order] { cluster_->tell_bans(order); });
    };
  }
  for (auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
  return {};
}

std::string Server::url() const {
  const bool v6 = config_.host.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", config_.tls_cert.empty() ? "http" : "https",
                     v6 ? "[" + config_.host + "]" : config_.host, port_);
}

void Server::drain() {
  if (cluster_ && !loops_.empty()) loops_.front()->post([this] { cluster_->drain(); });
  for (auto& loop : loops_) loop->stop();
}

void Server::reload(const Config& fresh, const std::shared_ptr<const TlsIdentity>& identity,
                    const std::shared_ptr<const ClientAuthority>& clients) {
  Config next = fresh;
  if (config_.tls_self_signed) {  // made at the start, and in no option
    next.tls_cert = config_.tls_cert;
    next.tls_key = config_.tls_key;
  }
  next.cluster = config_.cluster;
  const auto config = std::make_shared<const Config>(std::move(next));
  for (auto& loop : loops_)
    loop->post([&loop = *loop, config, identity, clients] {
      loop.reconfigure(*config, identity, clients);
    });
}

int Server::wait() {
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
  return 0;
}

Result<std::unique_ptr<Server>> start_server(const Config& config, MakeAuthorizer make_authorizer) {
  give_large_memory_back();
  std::unique_ptr<Server> server{new Server(config, std::move(make_authorizer))};
  if (auto opened = server->open(); !opened) return tl::make_unexpected(opened.error());
  return server;
}

}  // namespace framewire::relay
