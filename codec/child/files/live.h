// The command `live`: a stored film as a fragmented MP4, a fragment per packet, for a publisher
// that sends as it reads. Arguments: an output of codec/outputs.h. Descriptors: the film (an MP4),
// and where to write, which may be a pipe. Thread: one. Exit code 1: a sentence that says why.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

int live_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
