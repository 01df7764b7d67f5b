// Bytes in and out of FFmpeg by our own calls: it never opens anything by name.
// Lifetime: what the handle reads or writes outlives the handle. Thread: one at a time.
// Errors: null only when memory is short.
#pragma once
#include <functional>
#include <span>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/bytes.h"

namespace framewire::codec {

// A regular file, read or written from its beginning; the offset of the descriptor stays as it is.
class FileIo {
 public:
  static IoHandle reader(FileIo& file) { return file.open(0); }
  static IoHandle writer(FileIo& file) { return file.open(1); }
  explicit FileIo(int fd) : fd_(fd) {}  // not owned
  FileIo(const FileIo&) = delete;
  FileIo& operator=(const FileIo&) = delete;

 private:
  IoHandle open(int write);
  int fd_;
  std::int64_t at_ = 0;
};

// Bytes that come or go once, in order. read: fills the span and gives the count, 0 at the end, or
// an AVERROR. write: takes all of it; 0 or an AVERROR.
using ReadBytes = std::function<int(std::span<std::byte>)>;
using WriteBytes = std::function<int(Bytes)>;
IoHandle stream_reader(ReadBytes& read);
IoHandle stream_writer(WriteBytes& write);

}  // namespace framewire::codec
