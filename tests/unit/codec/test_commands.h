// What the tests' children do.
#pragma once
#include <span>

#include "codec/child/start/child_main.h"

namespace framewire::codec {

std::span<const ChildCommand> test_commands();

}  // namespace framewire::codec
