// The results of a run, for people and for programs.
//
// Ratios are over what was delivered while measured: CPU seconds for each GB (10^9 bytes of
// payload) and for each million messages handed to viewers. What cannot be known (no --server-pid)
// is left out of the table and null in the JSON. Thread: any.
#pragma once
#include <string>

#include "tools/bench/bench_options.h"
#include "tools/bench/bench_run.h"

namespace framewire::bench {

std::string table_of(const Options& options, const Results& results);
std::string json_of(const Options& options, const Results& results);

// Who had more to do for each thread of its own: "server", "generator", or "neither" when both had
// time to spare. The server's threads are not known: more than one core of CPU is busy in any case.
std::string busy_one(const Options& options, const Results& results);

}  // namespace framewire::bench
