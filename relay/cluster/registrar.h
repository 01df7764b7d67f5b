// A node's part in what a cluster keeps in NATS: it says that it is there, takes names, gives them
// back, and hears of all others. Who has a name is decided by the revision of its key alone, so
// that two nodes never both take one. While NATS is away names are taken for now; when it is back,
// a name that another node has by then is lost. Source: docs/cluster.md, "Who has a name". Threads:
// calls come from any thread and wait for nothing; three threads of its own wait for NATS, and call
// the sink. Lifetime: the sink outlives it.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ingest/base/mutex.h"
#include "relay/cluster/nats_client.h"
#include "relay/cluster/records.h"

namespace framewire::relay {

struct ClaimAnswer {
  bool won = false;
  std::string url;  // of the node that has it, if it was not won
};

// Called on the registrar's threads; must not wait.
class RegistrarSink {
 public:
  virtual ~RegistrarSink() = default;
  virtual void on_claimed(const std::string& stream, const ClaimAnswer& answer) = 0;
  // Another node has a name that was ours; url: where.
  virtual void on_lost(const std::string& stream, const std::string& url) = 0;
  virtual void on_away(bool away) = 0;
  virtual void on_node(const NodeRecord& node) = 0;
  virtual void on_node_gone(const std::string& node) = 0;
  virtual void on_name(const std::string& stream, const NameRecord& name) = 0;
  virtual void on_name_free(const std::string& stream) = 0;
  // All names that there are, each half minute: others are free.
  virtual void on_all_names(std::set<std::string> names) = 0;
  virtual void on_order(const Order& order) = 0;
};

class Registrar {
 public:
  static Result<std::unique_ptr<Registrar>> start(const ClusterConfig& config, bool takeover,
                                                  RegistrarSink& sink);
  ~Registrar();  // gives all names back, within kNatsWait or so
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;

  void claim(const std::string& stream, const std::string& replaces);
  void update(const std::string& stream, const NameRecord& record);
  void release(const std::string& stream);
  // Somebody else seems to have it: looks.
  void check(const std::string& stream);
  void describe(const NodeRecord& node);  // this one, from the next beat on
  void say(const Order& order);

 private:
  using Clock = std::chrono::steady_clock;
  struct Own {
    std::uint64_t revision = 0;  // 0: NATS does not know yet that it is ours
    NameRecord record;
    Clock::time_point written{};
    bool dirty = false;
  };

  Registrar(const ClusterConfig& config, bool takeover, RegistrarSink& sink,
            std::unique_ptr<NatsClient> client);
  void post(std::function<void()> task);
  void work();
  void beat();
  void set_away(bool away);
  void take(const std::string& stream, const std::string& token);
  bool may_take(const NameRecord& held, const std::string& token);
  void write(const std::string& stream, Own& own);
  bool settle(const std::string& stream, Own& own);
  void give_back(const std::string& stream);
  void write_dirty();
  void leave();
  void watch_nodes();
  void watch_names();
  void follow(KvBucket& bucket, const std::function<void()>& begins,
              const std::function<void(const KvEntry&)>& take,
              const std::function<void()>& all_came);
  bool stopped() const;
  bool nap(std::chrono::milliseconds how_long);

  const ClusterConfig config_;
  const bool takeover_;
  RegistrarSink& sink_;
  const std::unique_ptr<NatsClient> client_;
  std::atomic<unsigned> watch_ = 0;  // another one: both buckets are watched anew

  // The worker's.
  std::map<std::string, Own> own_;
  NodeRecord node_;
  bool away_ = true;
  bool buckets_open_ = false;

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_ FW_GUARDED_BY(mutex_);
  bool stopped_ FW_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace framewire::relay
