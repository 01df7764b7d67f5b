#include "relay/cluster/cluster.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

constexpr Duration kDescribeEvery{1'000};
constexpr Duration kAgainAfter{1'000};  // a stream is fetched anew
constexpr Duration kLate{2'000};        // that a node's word may be, beyond its lease

std::string with_port(const std::string& url, std::uint16_t port) {
  constexpr std::string_view kAny = ":0";
  if (!url.ends_with(kAny)) return url;
  return fmt::format("{}:{}", std::string_view{url}.substr(0, url.size() - kAny.size()), port);
}

ClusterConfig with_port(ClusterConfig config, std::uint16_t port) {
  config.node_url = with_port(config.node_url, port);
  config.public_url = with_port(config.public_url, port);
  return config;
}

}  // namespace

class Cluster::Ticker final : public Service {
 public:
  explicit Ticker(Cluster& cluster) : cluster_(cluster) {}
  void tick() override { cluster_.tick(cluster_.relay_.hubs[0]->loop().now()); }

 private:
  Cluster& cluster_;
};

Result<std::unique_ptr<Cluster>> Cluster::start(Relay& relay, Host host, std::uint16_t port) {
  std::unique_ptr<Cluster> cluster{new Cluster(relay, std::move(host), port)};
  RegistrarSink& sink = *cluster;
  auto registrar = Registrar::start(cluster->config_, relay.config.takeover, sink);
  if (!registrar) return tl::make_unexpected(registrar.error());
  cluster->registrar_ = *std::move(registrar);
  relay.directory->set_neighbours(cluster.get());
  return cluster;
}

Cluster::Cluster(Relay& relay, Host host, std::uint16_t port)
    : relay_(relay),
      bus_(relay),
      config_(with_port(relay.config.cluster, port)),
      host_(std::move(host)) {
  for (const auto& hub : relay.hubs) {
    auto links =
        std::make_unique<LinkHost>(*hub, [this](const std::string& stream, LinkHost::Over how) {
          at_loop([stream, how](Cluster& self) { self.link_over(stream, how); });
        });
    links_.push_back(links.get());
    hub->add(std::move(links));
  }
  relay.hubs[0]->add(std::make_unique<Ticker>(*this));
}

Cluster::~Cluster() {
  stop();
}

void Cluster::stop() {
  registrar_.reset();
  relay_.directory->set_neighbours(nullptr);
}

void Cluster::at_loop(std::function<void(Cluster&)> task) {
  bus_.to_directory([this, task = std::move(task)](Directory&) { task(*this); });
}

// ---- what is known

const NameRecord* Cluster::held_elsewhere(const std::string& stream) const {
  const auto found = names_.find(stream);
  if (found == names_.end() || found->second.node == config_.node) return nullptr;
  return nodes_.count(found->second.node) > 0 ? &found->second : nullptr;
}

std::vector<StreamSummary> Cluster::summaries() const {
  std::vector<StreamSummary> out;
  for (const auto& [stream, name] : names_)
    if (held_elsewhere(stream)) out.push_back(*summary(stream));
  return out;
}

std::optional<StreamSummary> Cluster::summary(const std::string& stream) const {
  const NameRecord* const held = held_elsewhere(stream);
  if (!held) return std::nullopt;
  StreamSummary out = held->summary;
  out.name = stream;
  out.node = nodes_.at(held->node).record.public_url;
  return out;
}

void Cluster::take_node(const NodeRecord& node) {
  const auto [at, fresh] = nodes_.try_emplace(node.node);
  at->second = {node, relay_.hubs[0]->loop().now()};
  if (!fresh || node.node == config_.node) return;
  spdlog::info("cluster: node {} is there, at {}", node.node, node.url);
  for (const auto& [stream, name] : names_)
    if (name.node == node.node) relay_.directory->appeared(stream);
}

void Cluster::lose_node(const std::string& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end() || node == config_.node) return;
  spdlog::warn("cluster: node {} at {} is gone", node, found->second.record.url);
  nodes_.erase(found);
  for (const auto& [stream, name] : names_)
    if (name.node == node) end_link(stream);
}

void Cluster::take_name(const std::string& stream, const NameRecord& name) {
  NameRecord& at = names_[stream];
  const bool moved = at.node != name.node;
  at = name;
  if (name.node == config_.node) return;
  if (relay_.directory->home(stream) && !relay_.directory->is_linked(stream))
    registrar_->check(stream);
  if (const auto link = fetching_.find(stream); link != fetching_.end() && moved)
    bus_.to_hub(link->second, [links = links_[link->second], stream, url = name.url](Hub&) {
      links->move(stream, url);
    });
  else if (moved && held_elsewhere(stream))
    relay_.directory->appeared(stream);
}

void Cluster::free_name(const std::string& stream) {
  const auto found = names_.find(stream);
  if (found == names_.end()) return;
  names_.erase(found);
  end_link(stream);
}

// Nobody has the stream any more. What of it is on its way by its link comes first.
void Cluster::end_link(const std::string& stream) {
  const auto link = fetching_.find(stream);
  if (link == fetching_.end()) return;
  bus_.to_hub(link->second,
              [links = links_[link->second], stream](Hub&) { links->home_gone(stream); });
}

// ---- what is asked

void Cluster::claim(const std::string& stream, const std::string& replaces) {
  const NameRecord* const held = held_elsewhere(stream);
  // NATS cannot be asked, and another node had it last.
  if (away_ && held && held->connected && !relay_.config.takeover &&
      (replaces.empty() || token_digest(replaces) != held->token)) {
    at_loop([stream, url = held->url](Cluster& self) {
      self.relay_.directory->claimed(stream, false, url);
    });
    return;
  }
  registrar_->claim(stream, replaces);
}

void Cluster::update(const StreamSummary& summary) {
  NameRecord now;
  now.node = config_.node;
  now.url = config_.node_url;
  now.token = token_digest(summary.resume_token);
  now.connected = summary.state == StreamState::live;
  now.summary = summary;
  const auto told = told_.find(summary.name);
  if (told != told_.end()) {
    const NameRecord& before = told->second;
    const StreamSummary& was = before.summary;
    if (before.token == now.token && before.connected == now.connected &&
        was.epoch == summary.epoch && was.title == summary.title && was.viewers == summary.viewers)
      return;  // bytes that came are told with the next that matters
  }
  told_[summary.name] = now;
  registrar_->update(summary.name, now);
}

void Cluster::release(const std::string& stream) {
  told_.erase(stream);
  registrar_->release(stream);
}

bool Cluster::fetch(const std::string& stream, unsigned loop) {
  const NameRecord* const held = held_elsewhere(stream);
  if (!held) return false;
  if (!fetching_.try_emplace(stream, loop).second) return true;
  bus_.to_hub(loop, [links = links_[loop], stream, url = held->url,
                     title = held->summary.title](Hub&) { links->begin(stream, url, title); });
  return true;
}

void Cluster::link_over(const std::string& stream, LinkHost::Over how) {
  fetching_.erase(stream);
  if (how == LinkHost::Over::in_vain) relay_.directory->not_elsewhere(stream);
  // It may have moved, or have begun again, while the link ended.
  if (how != LinkHost::Over::unread) again_[stream] = relay_.hubs[0]->loop().now() + kAgainAfter;
}

void Cluster::unlink(const std::string& stream, unsigned loop) {
  bus_.to_hub(loop, [links = links_[loop], stream](Hub&) { links->end(stream, "ended"); });
}

bool Cluster::send_order(const std::string& stream, const StreamOrder& order) {
  if (!held_elsewhere(stream)) return false;
  registrar_->say({config_.node, stream, order, {}});
  return true;
}

void Cluster::tell_bans(const std::string& change) {
  registrar_->say({config_.node, {}, {}, change});
}

void Cluster::obey(const Order& order) {
  if (!order.ban.empty()) host_.ban(order.ban);
  if (order.stream.empty()) return;
  const auto home = relay_.directory->home(order.stream);
  if (!home || relay_.directory->is_linked(order.stream)) return;
  bus_.to_hub(*home, [stream = order.stream, asked = order.at_stream](Hub& hub) {
    hub.obey(stream, asked);
  });
}

void Cluster::drain() {
  draining_ = true;
  describe();
}

// ---- time

void Cluster::tick(Time now) {
  if (!registrar_) return;
  if (now - described_ >= kDescribeEvery) {
    described_ = now;
    describe();
  }
  for (auto at = again_.begin(); at != again_.end();) {
    if (now < at->second) {
      ++at;
      continue;
    }
    const std::string stream = at->first;
    at = again_.erase(at);
    if (held_elsewhere(stream)) relay_.directory->appeared(stream);
  }
  std::vector<std::string> gone;
  for (auto& [name, node] : nodes_) {
    if (away_) node.heard = now;  // nobody can be heard
    if (now - node.heard > config_.lease + kLate) gone.push_back(name);
  }
  for (const std::string& node : gone) lose_node(node);
}

void Cluster::describe() {
  registrar_->describe({config_.node, config_.node_url, config_.shown_url(), config_.region,
                        FRAMEWIRE_VERSION, host_.viewers(), relay_.directory->streams(),
                        draining_});
}

// ---- from the registrar's threads

void Cluster::on_claimed(const std::string& stream, const ClaimAnswer& answer) {
  at_loop([stream, answer](Cluster& self) {
    self.relay_.directory->claimed(stream, answer.won, answer.url);
  });
}

void Cluster::on_lost(const std::string& stream, const std::string& url) {
  spdlog::warn("stream {}: the node at {} has it now: its publisher here is told", stream, url);
  at_loop([stream, url](Cluster& self) {
    self.told_.erase(stream);
    const auto home = self.relay_.directory->home(stream);
    if (home && !self.relay_.directory->is_linked(stream))
      self.bus_.to_hub(*home, [stream, url](Hub& hub) { hub.lose_stream(stream, url); });
  });
}

void Cluster::on_away(bool away) {
  at_loop([away](Cluster& self) { self.away_ = away; });
}

void Cluster::on_node(const NodeRecord& node) {
  at_loop([node](Cluster& self) { self.take_node(node); });
}

void Cluster::on_node_gone(const std::string& node) {
  at_loop([node](Cluster& self) { self.lose_node(node); });
}

void Cluster::on_name(const std::string& stream, const NameRecord& name) {
  if (!is_stream_name(stream)) return;
  at_loop([stream, name](Cluster& self) { self.take_name(stream, name); });
}

void Cluster::on_name_free(const std::string& stream) {
  at_loop([stream](Cluster& self) { self.free_name(stream); });
}

void Cluster::on_all_names(std::set<std::string> names) {
  at_loop([names = std::move(names)](Cluster& self) {
    std::vector<std::string> free;
    for (const auto& [stream, name] : self.names_)
      if (names.count(stream) == 0) free.push_back(stream);
    for (const std::string& stream : free) self.free_name(stream);
  });
}

void Cluster::on_order(const Order& order) {
  at_loop([order](Cluster& self) { self.obey(order); });
}

}  // namespace framewire::relay
