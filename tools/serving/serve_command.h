// `framewire serve`: starts the server, says where it is, and ends it in good order.
//
// stdout: first line `framewire listening on URL`, second line the pages to open; both flushed. The
// log goes to stderr through a queue of its own thread: a loop that logs never waits for the
// terminal, disk or pipe behind stderr; when the queue is full the oldest lines are lost. SIGTERM,
// SIGINT: drain, exit code 0; a second one: exit code 130 at once. SIGPIPE is ignored. Errors: one
// line `framewire: ...` on stderr, exit code 1.  Thread: main, before any other is started.
#pragma once
#include "tools/serving/serve_options.h"

namespace framewire::cli {

int serve_command(ServeSettings settings, const Flags& flags, const Environment& environment);

}  // namespace framewire::cli
