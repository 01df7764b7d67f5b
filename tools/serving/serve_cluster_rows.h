// The rows of the options about a cluster of servers.
#pragma once
#include <string>
#include <vector>

#include "tools/serving/serve_options.h"

namespace framewire::cli {

std::vector<OptionRow> cluster_rows();

// What --cluster says: addresses of NATS, joined by commas.
Parsed<std::vector<std::string>> parse_nats_servers(const std::string& text);

// What of them no option shows alone; "" = nothing is wrong.
std::string why_no_cluster(const relay::Config& config);

}  // namespace framewire::cli
