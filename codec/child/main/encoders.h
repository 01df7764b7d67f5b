// The command `encoders`: which of the encoders that renditions are made with this FFmpeg has.
// Answer: JSON, each name with true or false. Thread: one. Exit code 0.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

int encoders_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
