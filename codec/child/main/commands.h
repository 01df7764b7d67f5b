// Every hidden command of the program (start/child_main.h).
#pragma once
#include <optional>

namespace framewire::codec {

// Runs the one that the command line asks for, and gives its exit code; nullopt for all that users
// type.
std::optional<int> child_main(int argc, const char* const* argv);

}  // namespace framewire::codec
