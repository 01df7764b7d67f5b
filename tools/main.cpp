#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string_view>

#include "tools/command_line.h"

#ifdef FRAMEWIRE_WITH_FFMPEG
#include "codec/child/main/commands.h"
#endif

namespace {

// Before any constructor and in every process of ours, a child as well: who gets no memory ends
// with a sentence. A server takes over with a reserve (relay/server/memory_reserve.h).
void no_memory() {
  constexpr std::string_view kLine = "framewire: out of memory\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  std::_Exit(EXIT_FAILURE);
}
void before_constructors() {
  std::set_new_handler(no_memory);
}
[[gnu::section(".preinit_array"), gnu::used]] void (*const kFirst)() = before_constructors;

// Closed by who started it (`2>&-`): the next file would get the number, and our messages.
void fill_standard_files() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) < 0) std::_Exit(EXIT_FAILURE);
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_files();
#ifdef FRAMEWIRE_WITH_FFMPEG
  if (const auto exit_code = framewire::codec::child_main(argc, argv)) return *exit_code;
#endif
  return framewire::cli::run(argc, argv);
}
