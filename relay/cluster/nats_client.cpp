#include "relay/cluster/nats_client.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace framewire::relay {
namespace {

constexpr std::int64_t kPingMs = 2'000;
constexpr int kPingsOut = 2;
constexpr std::int64_t kReconnectMs = 500;
constexpr std::int64_t kNanosecondsPerMs = 1'000'000;
constexpr std::chrono::hours kNamesKept{1};  // of a node that has not ended in order
constexpr std::int32_t kMostValueBytes = 64 << 10;

bool is_away(natsStatus status) {
  switch (status) {
    case NATS_TIMEOUT:
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_NO_RESPONDERS:
    case NATS_NO_SERVER:
    case NATS_STALE_CONNECTION:
    case NATS_IO_ERROR:
    case NATS_DRAINING:
    case NATS_INVALID_SUBSCRIPTION:
      return true;
    default:
      return false;
  }
}

Outcome outcome_of(natsStatus status) {
  if (status == NATS_OK) return Outcome::done;
  if (status == NATS_NOT_FOUND) return Outcome::missing;
  return is_away(status) ? Outcome::away : Outcome::raced;
}

int size_of(std::string_view text) {
  return static_cast<int>(text.size());
}

KvEntry entry_of(const NatsLibrary& nats, kvEntry* entry) {
  KvEntry out;
  out.key = nats.kvEntry_Key(entry);
  out.revision = nats.kvEntry_Revision(entry);
  out.removed = nats.kvEntry_Operation(entry) != kvOp_Put;
  if (const auto* value = static_cast<const char*>(nats.kvEntry_Value(entry)))
    out.value.assign(value, static_cast<std::size_t>(nats.kvEntry_ValueLen(entry)));
  nats.kvEntry_Destroy(entry);
  return out;
}

}  // namespace

// ---- a bucket

KvBucket::Store KvBucket::store() const {
  const Lock lock{mutex_};
  return store_;
}

Outcome KvBucket::open(jsCtx* js, std::chrono::milliseconds ttl, std::size_t replicas) {
  kvStore* found = nullptr;
  natsStatus status = nats_.js_KeyValue(&found, js, name_.c_str());
  if (status == NATS_NOT_FOUND) {
    kvConfig config;
    nats_.kvConfig_Init(&config);
    config.Bucket = name_.c_str();
    config.History = 1;
    config.MaxValueSize = kMostValueBytes;
    config.TTL = ttl.count() * kNanosecondsPerMs;
    config.Replicas = static_cast<int>(replicas);
    status = nats_.js_CreateKeyValue(&found, js, &config);
  }
  if (status != NATS_OK) {
    spdlog::debug("NATS, bucket {}: {}", name_, nats_.natsStatus_GetText(status));
    return Outcome::away;
  }
  keep(js, found);
  return Outcome::done;
}

Outcome KvBucket::find(jsCtx* js) {
  kvStore* found = nullptr;
  const auto status = nats_.js_KeyValue(&found, js, name_.c_str());
  if (status == NATS_OK) keep(js, found);
  return outcome_of(status);
}

void KvBucket::keep(jsCtx* js, kvStore* found) {
  js_ = js;
  const Lock lock{mutex_};
  store_ = Store{found, [&nats = nats_](kvStore* store) { nats.kvStore_Destroy(store); }};
}

Outcome KvBucket::get(const std::string& key, KvEntry& to) {
  const Store at = store();
  if (!at) return Outcome::away;
  kvEntry* entry = nullptr;
  const natsStatus status = nats_.kvStore_Get(&entry, at.get(), key.c_str());
  if (status != NATS_OK) {
    const Outcome out = outcome_of(status);
    return out == Outcome::raced ? Outcome::away : out;
  }
  to = entry_of(nats_, entry);
  return Outcome::done;
}

Outcome KvBucket::put(const std::string& key, std::string_view value) {
  const Store at = store();
  if (!at) return Outcome::away;
  std::uint64_t revision = 0;
  const auto status =
      nats_.kvStore_Put(&revision, at.get(), key.c_str(), value.data(), size_of(value));
  return status == NATS_OK ? Outcome::done : Outcome::away;
}

Outcome KvBucket::create(const std::string& key, std::string_view value, std::uint64_t& revision) {
  const Store at = store();
  if (!at) return Outcome::away;
  return outcome_of(
      nats_.kvStore_Create(&revision, at.get(), key.c_str(), value.data(), size_of(value)));
}

Outcome KvBucket::update(const std::string& key, std::string_view value, std::uint64_t& revision) {
  const Store at = store();
  if (!at) return Outcome::away;
  return outcome_of(nats_.kvStore_Update(&revision, at.get(), key.c_str(), value.data(),
                                         size_of(value), revision));
}

// What kvStore_Delete() does, but for the revision: it knows none.
Outcome KvBucket::remove(const std::string& key, std::uint64_t revision) {
  const Store at = store();
  if (!at) return Outcome::away;
  const std::string subject = fmt::format("$KV.{}.{}", name_, key);
  natsMsg* made = nullptr;
  if (nats_.natsMsg_Create(&made, subject.c_str(), nullptr, nullptr, 0) != NATS_OK)
    return Outcome::away;
  const std::unique_ptr<natsMsg, NatsFreed<&NatsLibrary::natsMsg_Destroy>> message{made, {&nats_}};
  nats_.natsMsgHeader_Set(made, "KV-Operation", "DEL");
  jsPubOptions options;
  nats_.jsPubOptions_Init(&options);
  options.ExpectLastSubjectSeq = revision;
  return outcome_of(nats_.js_PublishMsg(nullptr, js_, made, &options, nullptr));
}

KvBucket::Watcher KvBucket::watch() {
  const Store at = store();
  kvWatcher* watcher = nullptr;
  if (!at || nats_.kvStore_WatchAll(&watcher, at.get(), nullptr) != NATS_OK) watcher = nullptr;
  return Watcher{watcher, {&nats_}};
}

std::optional<KvEntry> KvBucket::next(kvWatcher* watcher, std::chrono::milliseconds wait,
                                      bool* all) {
  kvEntry* entry = nullptr;
  if (nats_.kvWatcher_Next(&entry, watcher, wait.count()) != NATS_OK) return std::nullopt;
  if (!entry) {
    *all = true;
    return std::nullopt;
  }
  return entry_of(nats_, entry);
}

// ---- the connection

NatsClient::NatsClient(const NatsLibrary& nats, const ClusterConfig& config)
    : nodes(nats, "framewire_nodes"),
      streams(nats, "framewire_streams"),
      nats_(nats),
      config_(config) {}

Result<std::unique_ptr<NatsClient>> NatsClient::open(const ClusterConfig& config) {
  const auto nats = NatsLibrary::load();
  if (!nats) return tl::make_unexpected(nats.error());
  std::unique_ptr<NatsClient> client{new NatsClient(**nats, config)};
  const auto fails = [&](const char* what, natsStatus status) {
    return fail(Errc::refused,
                fmt::format("--cluster: {}: {}", what, (*nats)->natsStatus_GetText(status)));
  };
  natsOptions* made = nullptr;
  if (const auto status = (*nats)->natsOptions_Create(&made); status != NATS_OK)
    return fails("libnats", status);
  const std::unique_ptr<natsOptions, NatsFreed<&NatsLibrary::natsOptions_Destroy>> options{made,
                                                                                           {*nats}};
  std::vector<const char*> servers;
  for (const std::string& server : config.servers) servers.push_back(server.c_str());
  if (const auto status =
          (*nats)->natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size()));
      status != NATS_OK)
    return fails("an address of NATS", status);
  if (!config.credentials.empty())
    if (const auto status = (*nats)->natsOptions_SetUserCredentialsFromFiles(
            made, config.credentials.c_str(), nullptr);
        status != NATS_OK)
      return fails(config.credentials.c_str(), status);
  if (!config.ca.empty())
    if (const auto status = (*nats)->natsOptions_LoadCATrustedCertificates(made, config.ca.c_str());
        status != NATS_OK)
      return fails(config.ca.c_str(), status);
  (*nats)->natsOptions_SetName(made, ("framewire " + config.node).c_str());
  (*nats)->natsOptions_SetTimeout(made, kNatsWait.count());
  (*nats)->natsOptions_SetPingInterval(made, kPingMs);
  (*nats)->natsOptions_SetMaxPingsOut(made, kPingsOut);
  (*nats)->natsOptions_SetMaxReconnect(made, -1);
  (*nats)->natsOptions_SetReconnectWait(made, kReconnectMs);
  (*nats)->natsOptions_SetReconnectBufSize(made, 0);  // what is old is of no use
  (*nats)->natsOptions_SetFailRequestsOnDisconnect(made, true);
  (*nats)->natsOptions_SetRetryOnFailedConnect(
      made, true, [](natsConnection*, void*) {}, nullptr);
  const auto status = (*nats)->natsConnection_Connect(&client->connection_, made);
  if (status != NATS_OK && status != NATS_NOT_YET_CONNECTED) return fails("NATS", status);
  return client;
}

NatsClient::~NatsClient() {
  if (listener_) nats_.natsSubscription_Destroy(listener_->subscription);
  if (connection_) nats_.natsConnection_Close(connection_);
  if (js_) nats_.jsCtx_Destroy(js_);
  if (connection_) nats_.natsConnection_Destroy(connection_);
}

bool NatsClient::connected() const {
  return nats_.natsConnection_Status(connection_) == NATS_CONN_STATUS_CONNECTED;
}

bool NatsClient::open_js() {
  if (!connected()) return false;
  if (js_) return true;
  jsOptions options;
  nats_.jsOptions_Init(&options);
  options.Wait = kNatsWait.count();
  return nats_.natsConnection_JetStream(&js_, connection_, &options) == NATS_OK;
}

bool NatsClient::find_buckets() {
  return open_js() && nodes.find(js_) == Outcome::done && streams.find(js_) == Outcome::done;
}

bool NatsClient::open_buckets() {
  return open_js() && nodes.open(js_, config_.lease, config_.replicas) == Outcome::done &&
         streams.open(js_, kNamesKept, config_.replicas) == Outcome::done;
}

bool NatsClient::say(const std::string& subject, std::string_view text) {
  return connected() && nats_.natsConnection_Publish(connection_, subject.c_str(), text.data(),
                                                     size_of(text)) == NATS_OK;
}

bool NatsClient::listen(const std::string& subject, OnMessage on_message) {
  auto listener = std::make_unique<Listener>(Listener{&nats_, std::move(on_message)});
  const auto heard = [](natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
    const auto& to = *static_cast<Listener*>(closure);
    to.on_message({to.nats->natsMsg_GetData(message),
                   static_cast<std::size_t>(to.nats->natsMsg_GetDataLength(message))});
    to.nats->natsMsg_Destroy(message);
  };
  if (nats_.natsConnection_Subscribe(&listener->subscription, connection_, subject.c_str(), heard,
                                     listener.get()) != NATS_OK)
    return false;
  listener_ = std::move(listener);
  return true;
}

}  // namespace framewire::relay
