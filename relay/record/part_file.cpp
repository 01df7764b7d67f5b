#include "relay/record/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace framewire::relay {
namespace {

constexpr std::size_t kPiecesPerWrite = 64;

bool exists(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

// Takes `written` bytes off the front of the vector that begins at `first`.
void advance(std::span<iovec>& pieces, std::size_t written) {
  while (!pieces.empty() && written >= pieces.front().iov_len) {
    written -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (written == 0) return;
  pieces.front().iov_base = static_cast<std::byte*>(pieces.front().iov_base) + written;
  pieces.front().iov_len -= written;
}

// Leaves in `pieces` what was not written, the first perhaps begun. errno, or 0.
int write_all(int fd, std::span<iovec>& pieces) {
  while (!pieces.empty()) {
    const ssize_t written = ::writev(fd, pieces.data(), static_cast<int>(pieces.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    advance(pieces, static_cast<std::size_t>(written));
  }
  return 0;
}

std::string hidden(const std::string& dir, const std::string& id, std::string_view extension) {
  return fmt::format("{}/.framewire/{}.{}", dir, id, extension);
}

}  // namespace

tl::expected<std::shared_ptr<PartFile>, int> PartFile::create(const std::string& dir,
                                                              const std::string& id) {
  std::string path = part_path(dir, id);
  if (const int error = make_folders_for(path); error != 0) return tl::make_unexpected(error);
  if (exists(recording_path(dir, id)) || exists(broken_path(dir, id)))
    return tl::make_unexpected(EEXIST);
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, kRecordingMode);
  if (fd < 0) return tl::make_unexpected(errno);
  sync_folder_of(path);
  return std::shared_ptr<PartFile>{new PartFile(fd, std::move(path))};
}

PartFile::~PartFile() {
  ::close(fd_);
}

int PartFile::append(std::span<const Bytes> pieces) {
  while (!pieces.empty()) {
    std::array<iovec, kPiecesPerWrite> vector{};
    const std::size_t count = std::min(pieces.size(), vector.size());
    for (std::size_t i = 0; i < count; ++i)
      vector[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
    std::span<iovec> left = std::span{vector}.first(count);
    const int error = write_all(fd_, left);
    for (const Bytes& piece : pieces.first(count - left.size())) bytes_ += piece.size();
    dirty_ = true;
    if (error != 0) {
      if (::ftruncate(fd_, static_cast<off_t>(bytes_)) != 0) return errno;
      return error;
    }
    pieces = pieces.subspan(count);
  }
  return 0;
}

UniqueFd PartFile::handle() const {
  return UniqueFd{::fcntl(fd_, F_DUPFD_CLOEXEC, 0)};
}

void PartFile::set_bytes(std::uint64_t bytes) {
  bytes_ = bytes;
  dirty_ = true;
}

void PartFile::sync() {
  dirty_ = false;
  if (::fdatasync(fd_) != 0) sync_error_ = errno;
}

std::string recording_path(const std::string& dir, const std::string& id) {
  return dir + "/" + id;
}

std::string part_path(const std::string& dir, const std::string& id) {
  return recording_path(dir, id) + ".part";
}

std::string broken_path(const std::string& dir, const std::string& id) {
  return recording_path(dir, id) + ".broken";
}

std::string notes_path(const std::string& dir, const std::string& id) {
  return hidden(dir, id, "json");
}

std::string thumbnail_path(const std::string& dir, const std::string& id) {
  return hidden(dir, id, "jpg");
}

int make_folders_for(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
  return error.value();
}

int replace_file(const std::string& path, Bytes bytes) {
  if (const int error = make_folders_for(path); error != 0) return error;
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kRecordingMode);
  if (fd < 0) return errno;
  iovec piece{const_cast<std::byte*>(bytes.data()), bytes.size()};
  std::span<iovec> left{&piece, 1};
  int error = write_all(fd, left);
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  ::close(fd);
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(fresh.c_str());
  return error;
}

void sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path{path}.parent_path().string();
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ::fsync(fd) != 0)
    spdlog::warn("recording: syncing {}: {}; a power cut may undo the last renaming in it", folder,
                 std::strerror(errno));
  if (fd >= 0) ::close(fd);
}

}  // namespace framewire::relay
