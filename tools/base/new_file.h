// A file that is called by its name once it is whole; until then it is `fresh`, and one program's.
// Thread: any. Errors: errno.
#pragma once
#include <string>

#include "ingest/base/unique_fd.h"

namespace framewire::cli {

// To write and read, empty; of one that was killed what is there is overwritten. It is locked as
// long as it is open, here or in a child that was given it: EWOULDBLOCK, another one writes it.
UniqueFd open_fresh(const std::string& fresh);

// False: errno says why; EEXIST, if a file is there already that must not be lost.
bool put_in_place(const std::string& fresh, const std::string& to, bool force);

// What an errno of these is in words: "another framewire is writing it", "Permission denied".
std::string file_words(int error);

}  // namespace framewire::cli
