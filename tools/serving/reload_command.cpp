#include "tools/serving/reload_command.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tools/base/exit_codes.h"

namespace framewire::cli {
namespace {

// The words of a process's command line; empty: it is gone, or none of ours.
std::vector<std::string> words_of(int pid) {
  std::ifstream file{fmt::format("/proc/{}/cmdline", pid), std::ios::binary};
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

bool is_server(int pid) {
  const auto words = words_of(pid);
  return words.size() >= 2 && std::filesystem::path{words[0]}.filename() == "framewire" &&
         words[1] == "serve";
}

// Those that this user may signal.
std::vector<int> servers() {
  std::vector<int> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc", error}) {
    const std::string name = entry.path().filename().string();
    int pid = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong != std::errc{} || end != name.data() + name.size()) continue;
    if (is_server(pid) && ::kill(pid, 0) == 0) out.push_back(pid);
  }
  return out;
}

int fail_with(const std::string& why, ExitCode code) {
  fmt::print(stderr, "framewire: {}\n", why);
  return code;
}

}  // namespace

int reload_command(const ReloadOptions& options) {
  int pid = options.pid.value_or(0);
  if (options.pid && !is_server(pid))
    return fail_with(fmt::format("process {} is no framewire serve", pid), kExitNotFound);
  if (!options.pid) {
    const auto found = servers();
    if (found.empty())
      return fail_with("no framewire serve runs here that you may reload", kExitNotFound);
    if (found.size() > 1)
      return fail_with(fmt::format("several run here: framewire reload PID, with one of {}",
                                   fmt::join(found, ", ")),
                       kExitUsage);
    pid = found.front();
  }
  if (::kill(pid, SIGHUP) != 0)
    return fail_with(fmt::format("process {}: {}", pid, std::strerror(errno)), kExitRefused);
  fmt::print("process {} reads its options anew; its log says what has changed\n", pid);
  return kExitDone;
}

}  // namespace framewire::cli
