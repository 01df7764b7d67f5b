// The note on disk beside a recording, its JSON, and which recordings have had their time. Pure.
// Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/event.h"
#include "relay/base/recording_info.h"

namespace framewire::relay {

// The note beside a recording: what its file does not say of itself.
std::string note_text(const RecordingInfo& info);
// Fills in what the note says; a note that cannot be read says nothing.
void read_note(std::string_view text, RecordingInfo& info);

// /api/v1/recordings: newest first, the first kRecordingsListed.
inline constexpr std::size_t kRecordingsListed = 1'000;
// uploads_too: also what has become of their uploads, which is nothing for everybody.
std::string recordings_json(std::vector<const RecordingInfo*> recordings, bool uploads_too = false);

// `record-start`, `record-finish` and `record-failed` (relay/base/event.h).
Event begun_event(const RecordingInfo& info);
Event finished_event(const RecordingInfo& info);
Event failed_event(const std::string& stream, std::string_view code, std::string_view message);
// `upload-finish` or `upload-failed`, as info.upload says. removed: the file is not here any more.
Event upload_event(const RecordingInfo& info, bool removed);

// To the publisher.
std::string recorded_message(const RecordingInfo& info);
// What retention takes away, oldest first: recordings that are done and older than keep_ms (0 =
// any age stays), then more until the rest takes no more than max_bytes (0 = any size). What is
// still to be uploaded stays whatever its age, and of too much it goes last.
struct Retention {
  std::int64_t keep_ms = 0;
  std::uint64_t max_bytes = 0;
};
struct Expired {
  std::vector<std::string> by_age;
  std::vector<std::string> by_size;
};
Expired expired(const std::vector<RecordingInfo>& recordings, const Retention& retention,
                std::int64_t now_ms);

}  // namespace framewire::relay
