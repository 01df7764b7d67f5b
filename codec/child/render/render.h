// The child of `framewire render` (codec/render.h): pictures come by its socket in their order, are
// decoded, hashed, encoded, and put beside the sound into a file that players can seek in.
#pragma once
#include <span>
#include <string>

namespace framewire::codec {

// SPEC (JSON); socket, file, sound. Exit code 0 once the end came and the file is whole.
int render_command(std::span<const std::string> arguments);

}  // namespace framewire::codec
