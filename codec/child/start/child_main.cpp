#include "codec/child/start/child_main.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstring>
#include <exception>
#include <vector>

#include "codec/child/av/ffmpeg_error.h"

namespace framewire::codec {
namespace {

constexpr int kFixedWords = 4;  // framewire COMMAND PARENT LOG-LEVEL ARGUMENTS...

void log_as(const std::string& name, const char* level) {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %n[%P] %v");
  spdlog::set_level(spdlog::level::from_str(level));
  log_ffmpeg_by_spdlog();
}

int run(const ChildCommand& command, int argc, const char* const* argv) {
  log_as(command.name, argv[3]);
  pid_t parent = 0;
  std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), parent);
  if (auto shut_in = enter_sandbox(command.limits, parent); !shut_in) {
    fmt::print("{}", shut_in.error().what);
    return 1;
  }
  return command.run(std::vector<std::string>(argv + kFixedWords, argv + argc));
}

}  // namespace

std::optional<int> child_main(int argc, const char* const* argv,
                              std::span<const ChildCommand> commands) {
  if (argc < kFixedWords) return std::nullopt;
  for (const ChildCommand& command : commands) {
    if (std::strcmp(argv[1], command.name) != 0) continue;
    try {
      return run(command, argc, argv);
    } catch (const std::exception& error) {  // such as bad_alloc at the memory limit
      fmt::print("{}", error.what());
      return 1;
    }
  }
  return std::nullopt;
}

}  // namespace framewire::codec
