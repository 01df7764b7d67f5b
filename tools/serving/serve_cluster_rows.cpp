#include "tools/serving/serve_cluster_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/fetch/link_socket.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = OptionRow::Kind;

constexpr std::size_t kMostServers = 16;
constexpr std::size_t kMostRegion = 64;

OptionRow cluster_row() {
  return {"cluster",
          "SERVERS",
          {},
          "Be a node of a cluster that meets at this NATS server, with JetStream: nats://HOST:PORT "
          "or tls://HOST:PORT, several of one NATS cluster joined by commas (docs/cluster.md)",
          {},
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            auto servers = parse_nats_servers(texts[0]);
            if (!servers) return tl::make_unexpected(servers.error());
            to.config.cluster.servers = *std::move(servers);
            return {};
          }};
}

OptionRow url_row(std::string name, Place<std::string> place, std::string help) {
  return {std::move(name),
          "ORIGIN",
          {},
          std::move(help),
          {},
          Kind::value,
          [place](ServeSettings& to, Texts texts) -> Parsed<void> {
            std::string url = texts[0];
            while (url.ends_with('/')) url.pop_back();
            const std::string checked = url.ends_with(":0") ? url.substr(0, url.size() - 2) : url;
            if (auto why = relay::why_no_node_url(checked); !why.empty())
              return tl::make_unexpected(std::move(why));
            place(to.config) = std::move(url);
            return {};
          }};
}

OptionRow region_row() {
  return {"region",
          "NAME",
          {},
          "Where this node is, for people: shown by framewire cluster status",
          {},
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (texts[0].size() > kMostRegion)
              return tl::make_unexpected(fmt::format("more than {} bytes", kMostRegion));
            to.config.cluster.region = texts[0];
            return {};
          }};
}

}  // namespace

Parsed<std::vector<std::string>> parse_nats_servers(const std::string& text) {
  std::vector<std::string> servers;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string server = text.substr(at, end - at);
    at = end + 1;
    if (server.find("://") == std::string::npos) server = "nats://" + server;
    if (!server.starts_with("nats://") && !server.starts_with("tls://"))
      return tl::make_unexpected("nats://HOST:PORT or tls://HOST:PORT is expected");
    if (server.ends_with("://")) return tl::make_unexpected("a host is missing");
    servers.push_back(std::move(server));
  }
  if (servers.size() > kMostServers)
    return tl::make_unexpected(fmt::format("more than {} servers", kMostServers));
  return servers;
}

std::vector<OptionRow> cluster_rows() {
  return {
      fixed(cluster_row()),
      fixed(url_row(
          "node-url", [](Config& c) -> std::string& { return c.cluster.node_url; },
          "Where the other nodes reach this one: https://HOST:PORT, or http:// in a network of "
          "your own; port 0 = the one that it listens at")),
      fixed(url_row(
          "node-public-url", [](Config& c) -> std::string& { return c.cluster.public_url; },
          "Where viewers reach it, if that is another address: shown in lists of streams")),
      fixed(region_row()),
      fixed(file(
          "cluster-secret", [](Config& c) -> std::string& { return c.cluster.secret_file; },
          "A file with the secret by which nodes know one another, the same on all: a line of at "
          "least 32 characters")),
      fixed(file(
          "cluster-ca", [](Config& c) -> std::string& { return c.cluster.ca; },
          "A PEM file: who has signed the certificates of the other nodes, and of NATS; without "
          "it those that the system trusts")),
      fixed(file(
          "cluster-cert", [](Config& c) -> std::string& { return c.cluster.cert; },
          "A PEM file: the certificate that this node shows to the others (their --client-ca)")),
      fixed(file(
          "cluster-key", [](Config& c) -> std::string& { return c.cluster.key; }, "And its key")),
      fixed(file(
          "cluster-credentials", [](Config& c) -> std::string& { return c.cluster.credentials; },
          "NATS's file of credentials (.creds) of this node")),
      fixed(count<std::size_t>(
          "cluster-replicas", [](Config& c) -> std::size_t& { return c.cluster.replicas; }, 1, 5,
          "How many servers of a NATS cluster keep names and nodes; said by the first node, when "
          "it makes the buckets")),
      fixed(duration(
          "cluster-lease", [](Config& c) -> milliseconds& { return c.cluster.lease; }, 2s, 5min,
          "A node that is not heard of for so long is gone, and its names are free; the same on "
          "all nodes")),
      fixed(duration(
          "cluster-linger", [](Config& c) -> milliseconds& { return c.cluster.linger; }, 0s, 1h,
          "How long a stream of another node is still fetched after its last viewer here")),
      fixed(count<std::size_t>(
          "cluster-links", [](Config& c) -> std::size_t& { return c.cluster.max_links; }, 1, 10'000,
          "Streams of other nodes that are fetched at a time, on each loop; each is a thread")),
  };
}

std::string why_no_cluster(const relay::Config& config) {
  const relay::ClusterConfig& cluster = config.cluster;
  if (!cluster.on()) {
    const bool said = !cluster.node_url.empty() || !cluster.secret_file.empty();
    return said ? "--node-url and --cluster-secret go with --cluster" : "";
  }
  if (cluster.node_url.empty())
    return "--cluster needs --node-url ORIGIN, where the other nodes reach this one";
  if (cluster.secret_file.empty())
    return "--cluster needs --cluster-secret FILE, by which nodes know one another";
  if (cluster.cert.empty() != cluster.key.empty())
    return "--cluster-cert and --cluster-key go together";
  return {};
}

}  // namespace framewire::cli
