// The command `check`: a stored film looked through and decoded, all of it. Answer: JSON of what
// is in each track, and what is wrong with it, in sentences. Arguments: format, the largest gap and
// the largest drift that are no fault, in milliseconds. Descriptors: the film. Thread: one. Exit
// code 0: it was looked through (faults or not); 1: it cannot be read.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

int check_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
