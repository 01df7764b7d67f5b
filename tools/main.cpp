#include "tools/command_line.h"

int main(int argc, char** argv) {
  return framewire::cli::run(argc, argv);
}
