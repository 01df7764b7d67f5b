// What a child shuts itself into before it reads any media: limits on memory, CPU, files and
// descriptors, no new privileges, no core dump, death with its parent, and a list of the system
// calls it may still make (libseccomp). It opens no file and no socket any more: it reads and
// writes what it was handed. Refused calls fail with EPERM.
// Thread: once, the first, before any other is started: threads started later are shut in as well.
// Errors: Errc::internal. Under a sanitizer the memory limit and the list of calls are left out,
// for its runtime needs both.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "ingest/base/error.h"

namespace framewire::codec {

struct SandboxLimits {
  std::size_t memory_bytes = 1u << 30;  // RLIMIT_DATA: private writable memory, stacks included
  std::size_t file_bytes = 0;           // a file it writes; 0 = none
  std::size_t cpu_seconds = 0;          // 0 = no limit
  std::size_t open_files = 64;
  int niceness = 0;          // 0 to 19: how far behind the server's own threads
  bool calls_later = false;  // the command has something to open first, and calls limit_calls()
};

Result<void> enter_sandbox(const SandboxLimits& limits, pid_t parent);

// Which calls are left, to all threads: those on descriptors that are files and pipes, or also
// those that a connection needs which is open already.
enum class Calls : std::uint8_t { files, connection };
Result<void> limit_calls(Calls calls);

// Under an address sanitizer: what was lost by now is told; for those that are ended, rather than
// end. Else nothing.
void report_leaks();

}  // namespace framewire::codec
