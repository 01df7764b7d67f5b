#include "tools/cluster_words.h"

namespace framewire::cli {
namespace {

constexpr const char* kFooter = "  framewire cluster status --cluster nats://10.0.0.2:4222";

}  // namespace

CLI::App& add_cluster_command(CLI::App& app, ClusterStatusOptions& to) {
  CLI::App& cluster =
      *app.add_subcommand("cluster", "Show the nodes of a cluster, and its streams: cluster status")
           ->group("Commands");
  cluster.footer(kFooter);
  cluster.allow_extras();
  cluster.set_help_flag("-h,--help", "Show this help");
  cluster.add_option("WHAT", to.what, "status")->option_text(" ");
  cluster.add_option("--cluster", to.servers, "NATS, as the nodes say it [FRAMEWIRE_CLUSTER]")
      ->option_text("URL");
  cluster.add_option("--cluster-credentials", to.credentials, "NATS's file of credentials")
      ->option_text("FILE");
  cluster.add_option("--cluster-ca", to.ca, "Trust the certificates in FILE")->option_text("FILE");
  cluster.add_flag("--json", to.json, "As JSON");
  return cluster;
}

std::string complete(ClusterStatusOptions& options, const Environment& environment) {
  if (options.what != "status") return "cluster: status is wanted";
  if (options.servers.empty()) options.servers = environment("FRAMEWIRE_CLUSTER").value_or("");
  return options.servers.empty() ? "cluster status: --cluster SERVERS is missing" : "";
}

}  // namespace framewire::cli
