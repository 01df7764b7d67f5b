// From `.part` to the finished file: a child process copies the streams into a seekable file beside
// it (codec/child/files/finalise.h), which is synced and renamed over the id; only then the .part
// goes. Formats that are good as appended are only looked at, for their length and a thumbnail.
// Thread: a JobThread's: every call blocks. `stop` ends it early: the .part then stays as it was.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/base/error.h"
#include "ingest/base/unique_fd.h"
#include "relay/base/record_faults.h"
#include "relay/record/recording_note.h"

namespace framewire::relay {

struct Finalised {
  enum class Outcome : std::uint8_t {
    done,
    broken,   // unreadable: it is .broken now
    waiting,  // the .part is still there: error says why
  } outcome = Outcome::waiting;
  RecordingInfo info;
  std::optional<RecordError> error;
};

// Also writes the note.
Finalised finalise(const std::string& dir, RecordingInfo info, const std::atomic<bool>& stop);

// A piece of a finished recording as a file of its own, without a name: from the keyframe at or
// before from_ms to to_ms. Errors: malformed_media (nothing there), internal.
Result<UniqueFd> cut_range(const std::string& dir, const std::string& id, std::int64_t from_ms,
                           std::int64_t to_ms, const std::atomic<bool>& stop);

}  // namespace framewire::relay
