#include "tools/bench/bench_command.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "tools/bench/bench_report.h"
#include "tools/bench/bench_run.h"

namespace framewire::bench {

int bench_command(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto results = run(options);
  if (!results) {
    fmt::print(stderr, "framewire: {}\n", results.error().what);
    return 1;
  }
  if (options.json == "-") {
    fmt::print("{}", json_of(options, *results));
    return 0;
  }
  fmt::print("{}", table_of(options, *results));
  if (options.json.empty()) return 0;
  std::ofstream file(options.json);
  if (!(file << json_of(options, *results)).flush()) {
    fmt::print(stderr, "framewire: cannot write {}\n", options.json);
    return 1;
  }
  return 0;
}

}  // namespace framewire::bench
