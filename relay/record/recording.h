// One stream's way into files: takes a feed's parts, begins a file with its epoch's init segment,
// appends, and goes on to the next file at a group start when the file is long enough, at an epoch
// that the format cannot hold in the same file or whose codecs are others, and after a gap. A fault
// ends it.
// Thread: the recorder's.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/config.h"
#include "relay/record/feed.h"
#include "relay/record/names.h"
#include "relay/record/part_file.h"
#include "relay/record/recording_note.h"

namespace framewire::relay {

// What a recording tells the recorder.
class RecordingDelegate {
 public:
  virtual ~RecordingDelegate() = default;
  virtual void on_file_begun(const RecordingInfo& info, std::shared_ptr<PartFile> file) = 0;
  // Nothing more is appended. `empty`: an init segment at most, not worth keeping.
  virtual void on_file_ended(const RecordingInfo& info, bool empty, PublisherId publisher) = 0;
  virtual void on_fault(const std::string& stream, const RecordError& error,
                        PublisherId publisher) = 0;
  virtual void on_dropped(std::uint64_t parts) = 0;
  virtual void on_written(std::uint64_t bytes) = 0;
};

class Recording {
 public:
  Recording(const Config& config, RecordingDelegate& delegate, std::shared_ptr<RecordFeed> feed)
      : config_(config), delegate_(delegate), feed_(std::move(feed)) {}

  // Writes what has come since the last turn.
  void turn();
  // The end, whether the feed is closed or not.
  void finish();
  bool over() const { return over_; }
  // The file being written; its bytes are those on the disk so far.
  std::optional<RecordingInfo> now() const;

 private:
  void take(const RingEntry& entry);
  void change_epoch(const RingEntry& entry);
  bool long_enough(const PartFacts& facts) const;
  void begin_file(const RingEntry& entry);
  void end_file();
  void write_out();
  void fault(RecordError error);

  const Config& config_;
  RecordingDelegate& delegate_;
  const std::shared_ptr<RecordFeed> feed_;
  PublisherId publisher_;
  std::string title_;
  bool over_ = false;

  // The file, if one is open.
  std::shared_ptr<PartFile> file_;
  const FileKind* kind_ = nullptr;
  RecordingInfo info_;
  EpochPtr epoch_;  // of the last part appended
  std::optional<std::int64_t> first_pts_us_;
  Time first_received_{};
  std::uint64_t init_bytes_ = 0;  // of the file: more is media
  std::uint64_t queued_bytes_ = 0;
  // To be written in one call: views into the batch's parts.
  std::vector<Bytes> queued_;
  bool told_unsupported_ = false;
};

}  // namespace framewire::relay
