#include <vector>

#include "codec/child/child_main.h"

namespace framewire::codec {
namespace {

// name, limits, function.
const std::vector<ChildCommand> kCommands = {};

}  // namespace

std::optional<int> child_main(int argc, const char* const* argv) {
  return child_main(argc, argv, kCommands);
}

}  // namespace framewire::codec
