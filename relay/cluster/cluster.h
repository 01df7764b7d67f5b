// A server's part in a cluster: what it knows of the other nodes, which names it takes, which
// streams it fetches. Source: docs/cluster.md.
// Thread: loop 0's, but for start() and stop(), which are called while no loop runs. Lifetime: from
// before the loops run until stop(); the relay outlives it.
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "relay/cluster/link_host.h"
#include "relay/cluster/registrar.h"
#include "relay/streams/hub.h"
#include "relay/streams/neighbours.h"

namespace framewire::relay {

class Cluster final : public Neighbours, private RegistrarSink {
 public:
  struct Host {
    std::function<std::size_t()> viewers;  // any thread: of this server
    std::function<void(const std::string&)>
        ban;  // loop 0: another node's operator has changed bans
  };

  // Each hub gets its links, the directory its neighbours. The error says what of --cluster is
  // wrong; that NATS cannot be reached is none. port: that is listened at, which an address of this
  // node with port 0 stands for.
  static Result<std::unique_ptr<Cluster>> start(Relay& relay, Host host, std::uint16_t port);
  ~Cluster() override;
  void stop();

  // This node is about to end, and says so.
  void drain();
  void tell_bans(const std::string& change);

  // Neighbours
  void claim(const std::string& stream, const std::string& replaces) override;
  void update(const StreamSummary& summary) override;
  void release(const std::string& stream) override;
  bool fetch(const std::string& stream, unsigned loop) override;
  void unlink(const std::string& stream, unsigned loop) override;
  bool send_order(const std::string& stream, const StreamOrder& order) override;
  std::vector<StreamSummary> summaries() const override;
  std::optional<StreamSummary> summary(const std::string& stream) const override;

 private:
  struct Node {
    NodeRecord record;
    Time heard{};
  };
  class Ticker;

  Cluster(Relay& relay, Host host, std::uint16_t port);
  // What another node has, that is there.
  const NameRecord* held_elsewhere(const std::string& stream) const;
  void at_loop(std::function<void(Cluster&)> task);
  void tick(Time now);
  void describe();
  void take_node(const NodeRecord& node);
  void lose_node(const std::string& node);
  void take_name(const std::string& stream, const NameRecord& name);
  void free_name(const std::string& stream);
  void obey(const Order& order);
  void end_link(const std::string& stream);
  void link_over(const std::string& stream, LinkHost::Over how);

  // RegistrarSink, on its threads
  void on_claimed(const std::string& stream, const ClaimAnswer& answer) override;
  void on_lost(const std::string& stream, const std::string& url) override;
  void on_away(bool away) override;
  void on_node(const NodeRecord& node) override;
  void on_node_gone(const std::string& node) override;
  void on_name(const std::string& stream, const NameRecord& name) override;
  void on_name_free(const std::string& stream) override;
  void on_all_names(std::set<std::string> names) override;
  void on_order(const Order& order) override;

  Relay& relay_;
  const LoopBus bus_;
  const ClusterConfig config_;
  const Host host_;
  std::vector<LinkHost*> links_;  // by loop; the hubs' own
  std::map<std::string, Node> nodes_;
  std::map<std::string, NameRecord> names_;   // of all nodes
  std::map<std::string, NameRecord> told_;    // of ours: what the registrar was told last
  std::map<std::string, unsigned> fetching_;  // streams, and the loops of their links
  std::map<std::string, Time> again_;         // to be fetched anew, if somebody reads them
  bool away_ = true;
  bool draining_ = false;
  Time described_{};
  std::unique_ptr<Registrar> registrar_;  // the last member: its threads use the others
};

}  // namespace framewire::relay
