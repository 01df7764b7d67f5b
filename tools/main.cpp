#include "tools/command_line.h"

#ifdef FRAMEWIRE_WITH_FFMPEG
#include "codec/child/child_main.h"
#endif

int main(int argc, char** argv) {
#ifdef FRAMEWIRE_WITH_FFMPEG
  if (const auto exit_code = framewire::codec::child_main(argc, argv)) return *exit_code;
#endif
  return framewire::cli::run(argc, argv);
}
