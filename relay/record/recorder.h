// The recorder: one thread that appends the recorded streams' parts to their files, ends, names and
// forgets files, and keeps the list of all recordings. What blocks for longer runs beside it:
// syncing (each second), finalising, cutting ranges out.
//
//   Stream (its loop) --RecordFeed--> Recording --> PartFile .part --> finalise() --> file
//
// Thread: any, but for start() and stop(); callbacks come on the recorder's thread.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ingest/base/mutex.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/clock.h"
#include "relay/base/event.h"
#include "relay/base/recorder_counters.h"
#include "relay/record/cut_budget.h"
#include "relay/record/job_thread.h"
#include "relay/record/recording.h"

namespace framewire::relay {

struct Finalised;

struct RecorderDelegate {
  std::function<void(PublisherId publisher, std::string json)> send_text;
  std::function<void(const RecorderCounters&)> count;  // when it changed
  std::function<void(Event)> announce = [](Event) {};
};

class Recorder final : private RecordingDelegate {
 public:
  // config.record_dir is set.
  Recorder(const Config& config, RecorderDelegate delegate);
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Ends all files, and waits until they are finalised, at most config.drain_timeout: what is not
  // done by then is left as .part for the next start. Nobody feeds any more; nothing is called back
  // after.
  void stop();

  // A stream is to be recorded from now on. The feed's close() ends that.
  std::shared_ptr<RecordFeed> open(const std::string& stream, PublisherId publisher,
                                   std::string title);

  // A file for a lossless capture, written by a child process: its .part is made, and listed as
  // being recorded. The errors are those of a disk.
  struct CaptureFile {
    std::string id;
    UniqueFd file;
  };
  using BeginCapture = std::function<void(tl::expected<CaptureFile, RecordError>)>;
  void begin_capture(const std::string& stream, const std::string& container,
                     BeginCapture callback);
  void note_capture(const std::string& id, std::uint64_t bytes);
  // Nothing is written any more: the file is finalised, and must then hold so many frames. Without
  // a callback nobody waits for it.
  using EndCapture = std::function<void(const Finalised&)>;
  void end_capture(const std::string& id, std::uint64_t frames, std::string incomplete,
                   EndCapture callback);
  void drop_capture(const std::string& id);
  // A finished film, a file below config.record_dir, becomes a recording by this id, which is new:
  // it is moved there, looked at and listed. Errors, to the callback: those of a disk.
  void adopt(RecordingInfo info, std::string path, EndCapture callback);

  // What /api/v1/recordings answers, of one stream or of all: sorted and written on the recorder's
  // thread, once for all who ask before it is.
  // uploads_too: see recordings_json().
  using TakeList = std::function<void(std::string json)>;
  void list(std::optional<std::string> stream, TakeList callback, bool uploads_too = false);
  enum class Removal : std::uint8_t { removed, unknown, in_use };
  void remove(const std::string& id, std::function<void(Removal)> callback);
  // Sends a finished recording to --upload-url, whether it was sent before or given up.
  enum class Sending : std::uint8_t { begun, unknown, in_use, nowhere };
  void upload(const std::string& id, std::function<void(Sending)> callback);
  // A time range as a file (finaliser.h), which takes room on the disk until its share goes.
  // Errors: those of cut_range(), and limit_exceeded: all cuts together would take too much.
  struct Cut {
    UniqueFd file;
    std::shared_ptr<CutBudget::Share> share;
  };
  // False: too many are being cut, or sent, already.
  bool cut(const std::string& id, std::int64_t from_ms, std::int64_t to_ms,
           std::function<void(Result<Cut>)> callback);

 private:
  struct Entry {
    RecordingInfo info;
    std::shared_ptr<PartFile> file;  // while it is written
    PublisherId publisher;           // to be told of its end
    bool queued = false;             // with the finaliser
    Time retry{};                    // of a .part that waits
    EndCapture captured;             // is told of its end
    bool offered = false;            // for its upload
  };

  // Other threads' way in.
  void post(std::function<void()> task);
  void wake();

  void run();
  void turn();
  void scan();
  void scan_file(const std::string& path);
  void sync_files(Time now);
  void retry_waiting(Time now);
  void queue_finalise(Entry& entry);
  tl::expected<CaptureFile, RecordError> make_capture(const std::string& stream,
                                                      const std::string& container);
  void on_finalised(Finalised result);
  void expire();
  void forget_missing();
  void erase(const std::string& id);
  void report();
  using ListKey = std::pair<std::optional<std::string>, bool>;  // its stream; with uploads
  void report_list(const ListKey& key);
  // recorder_uploads.cpp
  void begin_uploads();
  void owe_upload(Entry& entry);
  void offer_uploads();
  void offer_upload(Entry& entry);
  void on_upload(const std::string& id, const Upload& now, bool lasting);
  void end_upload(Entry& entry);
  void note_upload(const Entry& entry);

  // RecordingDelegate
  void on_file_begun(const RecordingInfo& info, std::shared_ptr<PartFile> file) override;
  void on_file_ended(const RecordingInfo& info, bool empty, PublisherId publisher) override;
  void on_fault(const std::string& stream, const RecordError& error,
                PublisherId publisher) override;
  void on_dropped(std::uint64_t parts) override;
  void on_written(std::uint64_t bytes) override;

  const Config& config_;
  const RecorderDelegate delegate_;

  Mutex mutex_;  // held for a push or a swap
  std::condition_variable woken_;
  std::vector<std::function<void()>> tasks_ FW_GUARDED_BY(mutex_);
  // Who waits for which list.
  std::map<ListKey, std::vector<TakeList>> lists_ FW_GUARDED_BY(mutex_);
  bool awake_ FW_GUARDED_BY(mutex_) = false;
  bool stopping_ FW_GUARDED_BY(mutex_) = false;

  // The thread's own.
  std::vector<std::unique_ptr<Recording>> recordings_;
  std::map<std::string, Entry> entries_;  // by id
  RecorderCounters counters_;
  std::optional<RecorderCounters> reported_;
  Time synced_{};
  Time looked_{};

  CutBudget cuts_;
  JobThread syncing_;
  JobThread finalising_;
  JobThread cutting_;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace framewire::relay
