// A muxer of FFmpeg's that writes into a file: of what it writes it may read again, to move the
// index to the front (`movflags=faststart`), and it opens nothing else.
// Lifetime: the descriptor outlives it; it stays where it is, for FFmpeg points to it. Thread: one.
// Errors: of FFmpeg, negative; disk_error() says if it was the disk.
#pragma once
#include <memory>
#include <string_view>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"

namespace framewire::codec {

class FileOutput {
 public:
  explicit FileOutput(int fd) : file_(fd), again_(fd) {}
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  // muxer: FFmpeg's name. 0, or an AVERROR; once.
  int open(const char* muxer);
  // From open() on.
  AVFormatContext& context() { return *context_; }
  // Once all packets are there: what ends the file, and all that is still in memory.
  int finish();
  // An errno of writing; 0 = none.
  int disk_error() const { return io_ && io_->error < 0 ? -io_->error : 0; }

 private:
  FileIo file_;
  FileIo again_;  // the same file, read
  IoHandle io_;
  OutputHandle context_;
};

// Where a container has its index in front only if it is asked for.
constexpr bool moves_its_index(std::string_view container) {
  return container == "mp4" || container == "mov";
}

}  // namespace framewire::codec
