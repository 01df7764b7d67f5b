// A recording while it is written: `<dir>/<id>.part`, appended to and never rewritten.
// Thread: the recorder's, but for sync(), which the sync thread calls.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "ingest/base/bytes.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/record_faults.h"

namespace framewire::relay {

class PartFile {
 public:
  // Makes the folders on the way. The id must be new: neither it nor its .part or .broken exist;
  // `taken` is returned as an EEXIST.
  static tl::expected<std::shared_ptr<PartFile>, int> create(const std::string& dir,
                                                             const std::string& id);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  // Whole pieces only: of the one that a full disk took in part, that part is cut off again. errno,
  // or 0.
  int append(std::span<const Bytes> pieces);
  // For a child process that appends to the file in our place, and tells how long it is.
  UniqueFd handle() const;
  void set_bytes(std::uint64_t bytes);
  std::uint64_t bytes() const { return bytes_; }
  // Since the last sync().
  bool dirty() const { return dirty_; }
  // fdatasync. Its error is kept for sync_error().
  void sync();
  int sync_error() const { return sync_error_; }
  const std::string& path() const { return path_; }

 private:
  PartFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  const int fd_;
  const std::string path_;
  std::uint64_t bytes_ = 0;
  std::atomic<bool> dirty_ = false;
  std::atomic<int> sync_error_ = 0;
};

// The files of a recording: with the id's folders, where they are.
// Of every file of recordings: to be read by the server's group (a backup, a web server), by nobody
// else.
inline constexpr mode_t kRecordingMode = 0640;

std::string recording_path(const std::string& dir, const std::string& id);
std::string part_path(const std::string& dir, const std::string& id);
std::string broken_path(const std::string& dir, const std::string& id);
// Beside the recordings, in a folder of their own (`.framewire`), so that a listing shows films
// only.
std::string notes_path(const std::string& dir, const std::string& id);
std::string thumbnail_path(const std::string& dir, const std::string& id);
// mkdir -p of the folder that holds path. errno, or 0.
int make_folders_for(const std::string& path);
// Writes all, fsyncs, and renames over path, so that a crash leaves the old or the new. errno, or
// 0.
int replace_file(const std::string& path, Bytes bytes);
// fsync of the folder that holds path: a rename or unlink in it is on the disk. Where that fails
// the log says so, and the file is as good as it was.
void sync_folder_of(const std::string& path);

}  // namespace framewire::relay
