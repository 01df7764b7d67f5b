#include "tools/serving/cluster_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "relay/cluster/nats_client.h"
#include "relay/cluster/records.h"
#include "tools/base/exit_codes.h"
#include "tools/serving/serve_cluster_rows.h"

namespace framewire::cli {
namespace {

using namespace std::chrono_literals;
using relay::KvBucket;
using relay::KvEntry;
using relay::NameRecord;
using relay::NatsClient;
using relay::NodeRecord;

constexpr auto kConnect = 5s;
constexpr auto kListen = 2s;  // for all that is there

int fail_with(const std::string& why, ExitCode code) {
  fmt::print(stderr, "framewire: {}\n", why);
  return code;
}

// Nothing is made that is not there.
bool connect(NatsClient& client) {
  const auto until = std::chrono::steady_clock::now() + kConnect;
  while (std::chrono::steady_clock::now() < until) {
    if (client.connected() && client.find_buckets()) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

std::map<std::string, std::string> all_of(KvBucket& bucket) {
  std::map<std::string, std::string> out;
  const auto watcher = bucket.watch();
  const auto until = std::chrono::steady_clock::now() + kListen;
  for (bool all = !watcher; !all && std::chrono::steady_clock::now() < until;)
    if (auto entry = bucket.next(watcher.get(), 100ms, &all); entry && !entry->removed)
      out[entry->key] = entry->value;
  return out;
}

void show(const std::map<std::string, NodeRecord>& nodes,
          const std::map<std::string, NameRecord>& names) {
  for (const auto& [id, node] : nodes)
    fmt::print("{}  {}  framewire {}{}{}: {} streams, {} viewers\n", id, node.url, node.version,
               node.region.empty() ? "" : ", " + node.region, node.draining ? ", ends" : "",
               node.streams, node.viewers);
  for (const auto& [name, held] : names)
    fmt::print("{}  at {}{}, {} viewers\n", name, held.url,
               nodes.count(held.node) == 0 ? " (which is gone)"
               : held.connected            ? ""
                                           : " (its publisher is lost)",
               held.summary.viewers);
}

void show_json(const std::map<std::string, NodeRecord>& nodes,
               const std::map<std::string, NameRecord>& names) {
  nlohmann::json out{{"nodes", nlohmann::json::array()}, {"streams", nlohmann::json::array()}};
  for (const auto& [id, node] : nodes) out["nodes"].push_back(nlohmann::json::parse(to_json(node)));
  for (const auto& [name, held] : names)
    out["streams"].push_back({{"name", name},
                              {"url", held.url},
                              {"there", nodes.count(held.node) > 0},
                              {"connected", held.connected},
                              {"viewers", held.summary.viewers}});
  fmt::print("{}\n", out.dump(2));
}

}  // namespace

int cluster_status_command(const ClusterStatusOptions& options) {
  relay::ClusterConfig config;
  auto servers = parse_nats_servers(options.servers);
  if (!servers) return fail_with("--cluster: " + servers.error(), kExitUsage);
  config.servers = *std::move(servers);
  config.credentials = options.credentials;
  config.ca = options.ca;
  config.node = "status";
  const auto client = NatsClient::open(config);
  if (!client) return fail_with(client.error().what, kExitFailed);
  if (!connect(**client))
    return fail_with("NATS does not answer there, or no node has been in this cluster yet",
                     kExitNotFound);
  std::map<std::string, NodeRecord> nodes;
  for (const auto& [key, value] : all_of((*client)->nodes))
    if (const auto node = relay::read_node(value)) nodes[key] = *node;
  std::map<std::string, NameRecord> names;
  for (const auto& [key, value] : all_of((*client)->streams))
    if (const auto name = relay::read_name(value)) names[key] = *name;
  options.json ? show_json(nodes, names) : show(nodes, names);
  std::fflush(stdout);
  return kExitDone;
}

}  // namespace framewire::cli
