// `framewire bench`: runs one load against a server of this machine and tells what came of it: the
// table on stdout, JSON to a file or (--json -) on stdout instead. Exit code 0 even when messages
// were lost: that is a result; 1 when the load could not be run. Errors: one line on stderr.
// Thread: main.
#pragma once
#include "tools/bench/bench_options.h"

namespace framewire::bench {

int bench_command(const Options& options);

}  // namespace framewire::bench
