// The words of `framewire cluster status`. Thread: one.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "tools/serving/cluster_command.h"
#include "tools/serving/serve_options.h"

namespace framewire::cli {

// Adds the command to the program; `to` is filled in when it is parsed, and outlives that.
CLI::App& add_cluster_command(CLI::App& app, ClusterStatusOptions& to);

// What the environment says. What is missing, or "".
std::string complete(ClusterStatusOptions& options, const Environment& environment);

}  // namespace framewire::cli
