#include "relay/cluster/registrar.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace framewire::relay {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOrders = "framewire.orders";
constexpr std::size_t kMostTasks = 10'000;
constexpr int kTries = 8;            // for a name that others want too
constexpr auto kWriteEvery = 500ms;  // what has changed of our names
constexpr auto kRefresh = 10min;     // of a name that nothing changes of; NATS keeps it for an hour
constexpr auto kFirstWait = 3s;      // for NATS, at the start

}  // namespace

Result<std::unique_ptr<Registrar>> Registrar::start(const ClusterConfig& config, bool takeover,
                                                    RegistrarSink& sink) {
  auto client = NatsClient::open(config);
  if (!client) return tl::make_unexpected(client.error());
  return std::unique_ptr<Registrar>{new Registrar(config, takeover, sink, *std::move(client))};
}

Registrar::Registrar(const ClusterConfig& config, bool takeover, RegistrarSink& sink,
                     std::unique_ptr<NatsClient> client)
    : config_(config), takeover_(takeover), sink_(sink), client_(std::move(client)) {
  node_.node = config.node;
  node_.url = config.node_url;
  node_.public_url = config.shown_url();
  node_.region = config.region;
  threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { watch_nodes(); });
  threads_.emplace_back([this] { watch_names(); });
}

Registrar::~Registrar() {
  {
    const Lock lock{mutex_};
    stopped_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Registrar::stopped() const {
  const Lock lock{mutex_};
  return stopped_;
}

// False: it ends.
bool Registrar::nap(std::chrono::milliseconds how_long) {
  const auto until = Clock::now() + how_long;
  Lock lock{mutex_};
  while (!stopped_ && lock.wait_until(wake_, until)) {
  }
  return !stopped_;
}

void Registrar::post(std::function<void()> task) {
  {
    const Lock lock{mutex_};
    if (tasks_.size() >= kMostTasks) {
      spdlog::error("cluster: {} tasks wait for NATS, the limit: one is dropped", kMostTasks);
      return;
    }
    tasks_.push_back(std::move(task));
  }
  wake_.notify_all();
}

// ---- from the loops

void Registrar::claim(const std::string& stream, const std::string& replaces) {
  post([this, stream, token = token_digest(replaces)] { take(stream, token); });
}

void Registrar::update(const std::string& stream, const NameRecord& record) {
  post([this, stream, record] {
    const auto found = own_.find(stream);
    if (found == own_.end()) return;  // lost meanwhile
    Own& own = found->second;
    const bool now = own.record.token != record.token || own.record.connected != record.connected;
    own.record = record;
    own.dirty = true;
    if (now) write(stream, own);
  });
}

void Registrar::release(const std::string& stream) {
  post([this, stream] { give_back(stream); });
}

void Registrar::check(const std::string& stream) {
  post([this, stream] {
    const auto found = own_.find(stream);
    if (found != own_.end() && !away_ && !settle(stream, found->second)) own_.erase(found);
  });
}

void Registrar::describe(const NodeRecord& node) {
  post([this, node] {
    const bool now = node_.draining != node.draining;
    node_ = node;
    if (now) beat();
  });
}

void Registrar::say(const Order& order) {
  post([this, text = to_json(order)] {
    if (!client_->say(kOrders, text))
      spdlog::warn("cluster: NATS is away: the other nodes are not told");
  });
}

// ---- the worker

void Registrar::work() {
  for (const auto until = Clock::now() + kFirstWait; away_ && Clock::now() < until;) {
    beat();
    if (away_ && !nap(50ms)) break;
  }
  if (away_)
    spdlog::warn("cluster: NATS does not answer: names are taken here alone until it does");
  const bool listens = client_->listen(kOrders, [this](std::string_view text) {
    if (auto order = read_order(text); order && order->from != config_.node) sink_.on_order(*order);
  });
  if (!listens) spdlog::error("cluster: this node hears no orders of others");
  auto next_beat = Clock::now() + config_.lease / 4;
  auto next_write = Clock::now() + kWriteEvery;
  while (true) {
    std::function<void()> task;
    {
      Lock lock{mutex_};
      while (!stopped_ && tasks_.empty() &&
             lock.wait_until(wake_, std::min(next_beat, next_write))) {
      }
      if (stopped_ && tasks_.empty()) break;
      if (!tasks_.empty()) {
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
    }
    if (task) task();
    const auto now = Clock::now();
    if (now >= next_beat) {
      next_beat = now + config_.lease / 4;
      beat();
    }
    if (now >= next_write) {
      next_write = now + kWriteEvery;
      write_dirty();
    }
  }
  leave();
}

void Registrar::set_away(bool away) {
  if (away) buckets_open_ = false;
  if (std::exchange(away_, away) == away) return;
  ++watch_;  // what watched until now may be gone with it
  if (away)
    spdlog::warn("cluster: NATS does not answer: what runs goes on, names are taken here alone");
  else
    spdlog::info("cluster: node {} is in, at {}", config_.node, config_.node_url);
  sink_.on_away(away);
}

void Registrar::beat() {
  if (!buckets_open_) buckets_open_ = client_->open_buckets();
  const bool there =
      buckets_open_ && client_->nodes.put(config_.node, to_json(node_)) == Outcome::done;
  const bool was_away = away_;
  set_away(!there);
  if (!there || !was_away) return;
  std::vector<std::string> lost;  // what was taken, or was changed by others, while it was away
  for (auto& [stream, own] : own_)
    if (!settle(stream, own)) lost.push_back(stream);
  for (const std::string& stream : lost) own_.erase(stream);
}

bool Registrar::may_take(const NameRecord& held, const std::string& token) {
  if (held.node == config_.node || takeover_ || !held.connected) return true;
  if (!token.empty() && held.token == token) return true;
  if (held.url == config_.node_url) return true;  // what this node was before it was started again
  KvEntry node;
  return client_->nodes.get(held.node, node) == Outcome::missing;
}

void Registrar::take(const std::string& stream, const std::string& token) {
  Own own;
  own.record.node = config_.node;
  own.record.url = config_.node_url;
  own.record.connected = true;
  own.record.summary.name = stream;
  own.record.summary.state = StreamState::live;
  own.written = Clock::now();
  const auto won = [&] {
    own_[stream] = own;
    sink_.on_claimed(stream, {true, {}});
  };
  for (int tries = 0; tries < kTries && !away_; ++tries) {
    KvEntry entry;
    Outcome outcome = client_->streams.get(stream, entry);
    if (outcome == Outcome::done) {
      const auto held = read_name(entry.value);
      if (held && !may_take(*held, token)) {
        sink_.on_claimed(stream, {false, held->url});
        return;
      }
      own.revision = entry.revision;
      outcome = client_->streams.update(stream, to_json(own.record), own.revision);
    } else if (outcome == Outcome::missing) {
      outcome = client_->streams.create(stream, to_json(own.record), own.revision);
    }
    if (outcome == Outcome::done) return won();
    if (outcome == Outcome::away) set_away(true);
  }
  own.revision = 0;
  if (away_) return won();  // for now
  sink_.on_claimed(stream, {false, {}});
}

// What has changed of one of ours is written. It may turn out to be another's.
void Registrar::write(const std::string& stream, Own& own) {
  if (away_) return;
  own.dirty = false;
  own.written = Clock::now();
  const auto outcome = own.revision == 0
                           ? Outcome::raced
                           : client_->streams.update(stream, to_json(own.record), own.revision);
  if (outcome == Outcome::done) return;
  if (outcome == Outcome::away) {
    own.dirty = true;
    return set_away(true);
  }
  if (!settle(stream, own)) own_.erase(stream);
}

// It is ours still, or again, or until NATS says otherwise. False: it is another's, who was told.
bool Registrar::settle(const std::string& stream, Own& own) {
  for (int tries = 0; tries < kTries; ++tries) {
    KvEntry entry;
    Outcome outcome = client_->streams.get(stream, entry);
    if (outcome == Outcome::done) {
      const auto held = read_name(entry.value);
      if (held && held->node != config_.node && held->url != config_.node_url) {
        KvEntry node;
        if (client_->nodes.get(held->node, node) != Outcome::missing) {
          sink_.on_lost(stream, held->url);
          return false;
        }
      }
      own.revision = entry.revision;
      outcome = client_->streams.update(stream, to_json(own.record), own.revision);
    } else if (outcome == Outcome::missing) {
      outcome = client_->streams.create(stream, to_json(own.record), own.revision);
    }
    if (outcome == Outcome::done) {
      own.dirty = false;
      own.written = Clock::now();
      return true;
    }
    if (outcome == Outcome::away) break;
  }
  own.revision = 0;
  own.dirty = true;
  set_away(true);
  return true;
}

void Registrar::give_back(const std::string& stream) {
  const auto found = own_.find(stream);
  if (found == own_.end()) return;
  const std::uint64_t revision = found->second.revision;
  own_.erase(found);
  // One that NATS could not be told of is free by this node's end, or by its next claim.
  if (!away_ && revision != 0 && client_->streams.remove(stream, revision) == Outcome::away)
    set_away(true);
}

void Registrar::write_dirty() {
  const auto now = Clock::now();
  std::vector<std::string> due;
  for (const auto& [stream, own] : own_)
    if (own.dirty || now - own.written > kRefresh) due.push_back(stream);
  for (const std::string& stream : due)
    if (const auto found = own_.find(stream); found != own_.end() && !away_)
      write(stream, found->second);
}

void Registrar::leave() {
  while (!own_.empty() && !away_) give_back(own_.begin()->first);
  KvEntry entry;
  if (!away_ && client_->nodes.get(config_.node, entry) == Outcome::done)
    client_->nodes.remove(config_.node, entry.revision);
}

// ---- those that watch

// All of a bucket, again each half minute, and what changes between. This node's own word comes
// each quarter of a lease among the others': where nothing does, nobody is watching any more.
void Registrar::follow(KvBucket& bucket, const std::function<void()>& begins,
                       const std::function<void(const KvEntry&)>& take,
                       const std::function<void()>& all_came) {
  constexpr auto kAgain = 30s;
  constexpr auto kLook = 250ms;
  const bool of_nodes = &bucket == &client_->nodes;
  while (!stopped()) {
    const unsigned watch = watch_;
    const auto watcher = bucket.watch();
    if (!watcher) {
      nap(kLook);
      continue;
    }
    begins();
    bool told_all = false;
    auto heard = Clock::now();
    for (const auto until = heard + kAgain; !stopped() && Clock::now() < until;) {
      bool all = false;
      if (const auto entry = bucket.next(watcher.get(), kLook, &all)) {
        take(*entry);
        heard = Clock::now();
      }
      if (all && !std::exchange(told_all, true)) all_came();
      if (of_nodes && Clock::now() - heard > config_.lease / 2) ++watch_;
      if (watch != watch_) break;
    }
  }
}

void Registrar::watch_nodes() {
  follow(
      client_->nodes, [] {},
      [this](const KvEntry& entry) {
        if (entry.removed)
          sink_.on_node_gone(entry.key);
        else if (const auto node = read_node(entry.value))
          sink_.on_node(*node);
      },
      [] {});
}

void Registrar::watch_names() {
  std::set<std::string> seen;
  bool counting = true;
  follow(
      client_->streams,
      [&] {
        seen.clear();
        counting = true;
      },
      [&](const KvEntry& entry) {
        const auto name = entry.removed ? std::nullopt : read_name(entry.value);
        if (name && counting) seen.insert(entry.key);
        if (name)
          sink_.on_name(entry.key, *name);
        else
          sink_.on_name_free(entry.key);
      },
      [&] {
        sink_.on_all_names(std::exchange(seen, {}));
        counting = false;
      });
}

}  // namespace framewire::relay
