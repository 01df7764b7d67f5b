// What an operator says of a cluster (--cluster ...). Thread: a value.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace framewire::jwt {
class LinkKeys;
}

namespace framewire::relay {

struct ClusterConfig {
  std::vector<std::string> servers;  // of NATS; empty = this server is alone
  std::string credentials;           // NATS's .creds file; "" = as the addresses say
  std::string node_url;              // where the other nodes reach this one
  std::string public_url;            // where viewers do; "" = node_url
  std::string region;
  std::string secret_file;  // nodes prove by it that they are of this cluster
  std::shared_ptr<const jwt::LinkKeys> secret;
  std::string ca;  // PEM: who signs the nodes' certificates; "" = as the system says
  std::string cert;
  std::string key;
  std::size_t replicas = 1;                  // of what NATS keeps
  std::chrono::milliseconds lease{8'000};    // a node that is not heard of for so long is gone
  std::chrono::milliseconds linger{10'000};  // of a link, after its last viewer
  std::size_t max_links = 500;               // at a time, on each loop
  // What this node is called until it ends: made at the start, another one each time.
  std::string node;

  bool on() const { return !servers.empty(); }
  const std::string& shown_url() const { return public_url.empty() ? node_url : public_url; }
};

}  // namespace framewire::relay
