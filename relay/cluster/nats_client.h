// One connection to NATS, with the two buckets of its JetStream key-value store in which a cluster
// keeps who is there and who has what. All calls wait for the server, for kNatsWait at most: never
// on a loop's thread. Thread: any; what comes is told on libnats' own threads.
// Errors: Outcome::away stands for whatever a later try may mend; it is never told as a conflict.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/error.h"
#include "ingest/base/mutex.h"
#include "relay/base/cluster_config.h"
#include "relay/cluster/nats_library.h"

namespace framewire::relay {

inline constexpr std::chrono::milliseconds kNatsWait{1'000};

enum class Outcome : std::uint8_t {
  done,
  missing,  // there is no such key
  raced,    // another was first: the key is there, or has another revision
  away,     // NATS did not answer, or cannot now
};

struct KvEntry {
  std::string key;
  std::string value;
  std::uint64_t revision = 0;
  bool removed = false;
};

template <auto NatsLibrary::*destroy>
struct NatsFreed {
  const NatsLibrary* nats = nullptr;
  template <class T>
  void operator()(T* object) const {
    (nats->*destroy)(object);
  }
};

class KvBucket {
 public:
  using Watcher = std::unique_ptr<kvWatcher, NatsFreed<&NatsLibrary::kvWatcher_Destroy>>;

  KvBucket(const NatsLibrary& nats, std::string name) : nats_(nats), name_(std::move(name)) {}

  // Makes it, or finds it as it is. ttl: how long a key stays that is not written; 0 = for ever.
  Outcome open(jsCtx* js, std::chrono::milliseconds ttl, std::size_t replicas);
  // Of one that is there.
  Outcome find(jsCtx* js);
  Outcome get(const std::string& key, KvEntry& to);
  Outcome put(const std::string& key, std::string_view value);
  // Sets the revision that it then has.
  Outcome create(const std::string& key, std::string_view value, std::uint64_t& revision);
  // As long as it has the revision that is given.
  Outcome update(const std::string& key, std::string_view value, std::uint64_t& revision);
  // Likewise.
  Outcome remove(const std::string& key, std::uint64_t revision);
  // All that is there, then what changes. Null: it cannot be had now.
  Watcher watch();
  // The next one; nullopt: none within `wait`, or, where *all is set, all that was there has come.
  std::optional<KvEntry> next(kvWatcher* watcher, std::chrono::milliseconds wait, bool* all);

 private:
  using Store = std::shared_ptr<kvStore>;
  void keep(jsCtx* js, kvStore* found);
  Store store() const;

  const NatsLibrary& nats_;
  const std::string name_;
  jsCtx* js_ = nullptr;  // set before the first store
  mutable Mutex mutex_;
  Store store_ FW_GUARDED_BY(mutex_);
};

class NatsClient {
 public:
  using OnMessage = std::function<void(std::string_view)>;

  // Begins to connect, and goes on for as long as it lives.
  static Result<std::unique_ptr<NatsClient>> open(const ClusterConfig& config);
  ~NatsClient();
  NatsClient(const NatsClient&) = delete;
  NatsClient& operator=(const NatsClient&) = delete;

  bool connected() const;
  // Both buckets are there; to be called until it is true, and again after Outcome::away.
  bool open_buckets();
  // Those that are there, and makes none.
  bool find_buckets();
  // To all that listen, this node too; false: it cannot now.
  bool say(const std::string& subject, std::string_view text);
  // Once for each subject. on_message: called on a thread of libnats'.
  bool listen(const std::string& subject, OnMessage on_message);

  KvBucket nodes;
  KvBucket streams;

 private:
  NatsClient(const NatsLibrary& nats, const ClusterConfig& config);
  struct Listener {
    const NatsLibrary* nats;
    OnMessage on_message;
    natsSubscription* subscription = nullptr;
  };

  bool open_js();

  const NatsLibrary& nats_;
  const ClusterConfig config_;
  natsConnection* connection_ = nullptr;
  jsCtx* js_ = nullptr;
  std::unique_ptr<Listener> listener_;
};

}  // namespace framewire::relay
