// How `framewire` ends, for scripts: a promise to users (framewire --help, docs). Thread: any.
#pragma once

namespace framewire::cli {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,      // none of those below; of `verify`: there are faults
  kExitUsage = 2,       // the command line, a variable or the --config file is wrong
  kExitNotFound = 3,    // no such file, or no such stream
  kExitRefused = 4,     // the server would not: a key, a name that is taken, a limit; a token
  kExitConnection = 5,  // the server was not reached, or lost for longer than --retry
  kExitDisk = 6,        // a file could not be written, or is there already
};

inline constexpr const char* kExitCodesText =
    "Exit codes: 0 done, 1 it failed (verify: there are faults), 2 asked wrongly, 3 no such file "
    "or\n"
    "stream, 4 refused by the server, or a token, 5 no connection, 6 a file cannot be written.";

}  // namespace framewire::cli
