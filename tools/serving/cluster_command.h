// framewire cluster status: which nodes and streams a cluster has, as NATS knows them. Thread: one.
// Exit codes: tools/base/exit_codes.h; that of what was not found if NATS has no such cluster.
#pragma once
#include <string>
#include <vector>

#include "relay/base/cluster_config.h"

namespace framewire::cli {

struct ClusterStatusOptions {
  std::string what;     // "status"
  std::string servers;  // as --cluster
  std::string credentials;
  std::string ca;
  bool json = false;
};

int cluster_status_command(const ClusterStatusOptions& options);

}  // namespace framewire::cli
