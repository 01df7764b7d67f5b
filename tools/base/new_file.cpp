#include "tools/base/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace framewire::cli {

bool put_in_place(const std::string& fresh, const std::string& to, bool force) {
  if (force) return ::rename(fresh.c_str(), to.c_str()) == 0;
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without RENAME_NOREPLACE.
  return ::link(fresh.c_str(), to.c_str()) == 0 && ::unlink(fresh.c_str()) == 0;
}

}  // namespace framewire::cli
