// What happens when the allocator gives nothing: a reserve is given back and the allocation tried
// again; once the reserve is used up the process ends with a message and exit code 1. So no code,
// ours or of a library, ever works on with half of what it wanted.
//
// Holds for operator new, and for what libuv, libwebsockets and OpenSSL allocate. The reserve is
// address space that nobody has touched (it counts against RLIMIT_AS and a strict overcommit, and
// takes no memory). A recording whose process ends is finalised at the next start, as after any
// death. Thread: any, but install() runs before the first thread and the first use of a library.
#pragma once

namespace framewire::relay {

class MemoryReserve {
 public:
  static void install();
  // Makes whole what was given back, if there is memory again; one loop calls it each second.
  static void refill();
};

}  // namespace framewire::relay
