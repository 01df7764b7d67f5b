// The hidden commands of `framewire`: what a child process of codec/child_process.h runs. A command
// is a row of kCommands in main/commands.cpp: its name, what it may use, and a function that gets
// the arguments of ChildSpec, finds its descriptors at kFirstDescriptor and up, and returns the
// exit code. It runs shut in (sandbox.h); what it writes to stdout is its answer, a sentence if it
// failed.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "codec/child/start/sandbox.h"

namespace framewire::codec {

inline constexpr int kFirstDescriptor = 3;

struct ChildCommand {
  const char* name;
  SandboxLimits limits;
  int (*run)(std::span<const std::string> arguments);
};

// Runs the command if the command line asks for one of `commands`, and gives its exit code; nullopt
// for all that users type.
std::optional<int> child_main(int argc, const char* const* argv,
                              std::span<const ChildCommand> commands);

}  // namespace framewire::codec
