#include "tools/base/new_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace framewire::cli {
namespace {

constexpr int kTries = 10;

// Whoever had it before may have put it in its place, or removed it, before it was locked.
bool is_called(int fd, const std::string& path) {
  struct stat of_fd {
  }, of_path{};
  return ::fstat(fd, &of_fd) == 0 && ::stat(path.c_str(), &of_path) == 0 &&
         of_fd.st_dev == of_path.st_dev && of_fd.st_ino == of_path.st_ino;
}

}  // namespace

UniqueFd open_fresh(const std::string& fresh) {
  for (int tries = 0; tries < kTries; ++tries) {
    UniqueFd fd{::open(fresh.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644)};
    if (!fd) return {};
    // A file system without locks: as it was before there were any.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return {};
    if (!is_called(fd.get(), fresh)) continue;
    if (::ftruncate(fd.get(), 0) != 0) return {};
    return fd;
  }
  errno = EWOULDBLOCK;
  return {};
}

std::string file_words(int error) {
  if (error == EWOULDBLOCK) return "another framewire is writing it";
  return std::strerror(error);
}

bool put_in_place(const std::string& fresh, const std::string& to, bool force) {
  if (force) return ::rename(fresh.c_str(), to.c_str()) == 0;
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without RENAME_NOREPLACE.
  return ::link(fresh.c_str(), to.c_str()) == 0 && ::unlink(fresh.c_str()) == 0;
}

}  // namespace framewire::cli
