// The child of one lossless capture (codec/capture.h): frames come by its socket, are decoded,
// converted, encoded and written into the file, each in its own place: frame n at n / fps.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

// SPEC (JSON); socket, file. Exit code 0 once the end came and all is written.
int capture_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
