#include "tools/bench/bench_process.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace framewire::bench {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// proc(5): fields 14 and 15 of stat, counted behind the name in parentheses.
double stat_seconds(pid_t pid) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double cpu_seconds(pid_t pid) {
  const std::string path = fmt::format("/proc/{}/task", pid);
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir(path.c_str()), closedir);
  double total_ns = 0;
  while (tasks) {
    const dirent* const entry = readdir(tasks.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] == '.') continue;
    const std::string line = first_line(fmt::format("{}/{}/schedstat", path, entry->d_name));
    total_ns += std::strtod(line.c_str(), nullptr);
  }
  return total_ns > 0 ? total_ns / 1e9 : stat_seconds(pid);
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::uint64_t rss_bytes(pid_t pid) {
  std::istringstream fields(first_line(fmt::format("/proc/{}/statm", pid)));
  std::uint64_t size = 0, resident = 0;
  fields >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool process_exists(pid_t pid) {
  return kill(pid, 0) == 0;
}

std::uint64_t tcp_memory_bytes() {
  std::ifstream file("/proc/net/sockstat");
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(" mem ");
    if (!line.starts_with("TCP:") || at == std::string::npos) continue;
    return std::strtoull(line.c_str() + at + 5, nullptr, 10) *
           static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  return 0;
}

double load_average() {
  double average[1] = {};
  return getloadavg(average, 1) == 1 ? average[0] : 0;
}

}  // namespace framewire::bench
