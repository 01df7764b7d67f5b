// A file or stdin on its way to a server: its format, and its parts with their times.
// Thread: one. Errors: what the system or the cutter said; offsets count from the file's start.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "codec/child_process.h"
#include "ingest/base/unique_fd.h"
#include "ingest/cut/cutter.h"

namespace framewire::cli {

struct SourcePart {
  bool init = false;
  bool group_start = false;
  std::int64_t pts_us = 0;
  Buffer bytes;
};

class MediaSource final : private PartSink {
 public:
  // A file whose container cannot be sent as it is (an MP4 that is not fragmented) is rewritten on
  // the way, by a child process, without re-encoding.
  // fps: of pictures. path: "-" = stdin.
  static Result<std::unique_ptr<MediaSource>> open(const std::string& path, double fps);

  // Reads on if nothing is held. False: there is nothing yet (wait until descriptor() is readable).
  Result<bool> fill();
  bool at_end() const { return ended_ && parts_.empty(); }
  int descriptor() const { return fd_.get(); }
  // How much of a file has been read, 0 to 1, by its bytes; nothing of stdin and pipes.
  std::optional<double> read_share() const;
  std::deque<SourcePart>& parts() { return parts_; }
  // Of the parts: a stream without a container is put into one. binary until the first has come.
  Format format() const { return format_; }

 private:
  explicit MediaSource(double fps) { options_.fps = fps; }
  Result<void> rewrite();
  Result<void> take(Bytes bytes);
  Result<void> finish();
  void on_epoch(const EpochInfo& epoch) override { format_ = epoch.format; }
  void on_part(Rendition rendition, const CutPart& part) override;

  UniqueFd fd_;
  std::optional<codec::ChildProcess> child_;  // that writes what is read
  CutterOptions options_;
  std::unique_ptr<Cutter> cutter_;
  Buffer start_;  // until the format is known
  std::deque<SourcePart> parts_;
  Format format_ = Format::binary;
  bool ended_ = false;
  std::uint64_t size_ = 0;  // of the file; 0 = not known
  std::uint64_t read_ = 0;
};

// By its first bytes; binary when nothing knows them.
Result<Format> format_of_file(int fd);
// An MP4 that can be sent as it comes.
bool is_fragmented(int fd);
// Where a system call failed: "cam.mp4: No such file or directory".
tl::unexpected<Error> file_error(const std::string& path, int error);

}  // namespace framewire::cli
