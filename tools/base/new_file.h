// A file that is called by its name once it is whole. Thread: any.
#pragma once
#include <string>

namespace framewire::cli {

// False: errno says why; EEXIST, if a file is there already that must not be lost.
bool put_in_place(const std::string& fresh, const std::string& to, bool force);

}  // namespace framewire::cli
