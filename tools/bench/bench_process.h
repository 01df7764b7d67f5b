// What the kernel says of a process and of the machine, from /proc. A value that cannot be read is
// 0. Units are in the names. Thread: any.
#pragma once
#include <sys/types.h>

#include <cstdint>

namespace framewire::bench {

// CPU of all its threads that live (utime and stime, from schedstat in ns where the kernel has it).
double cpu_seconds(pid_t pid);
double own_cpu_seconds();
std::uint64_t rss_bytes(pid_t pid);
bool process_exists(pid_t pid);

// TCP buffers of the whole machine, both ends of each connection: /proc/net/sockstat.
std::uint64_t tcp_memory_bytes();

double load_average();  // of one minute

}  // namespace framewire::bench
