// What is known of one recording, its note on disk and its JSON. Pure. Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace framewire::relay {

enum class RecordingState : std::uint8_t {
  recording,   // it is written
  finalising,  // it has ended; the seekable file is being made, or waits for that
  done,
  broken,  // nothing can read it: kept as .broken
};
std::string_view to_string(RecordingState state);

struct RecordingInfo {
  std::string id;
  std::string stream;
  std::string title;  // as its publisher said it
  RecordingState state = RecordingState::recording;
  std::uint64_t bytes = 0;
  std::int64_t began_ms = 0;  // since 1970
  // Known once it is done.
  std::optional<std::int64_t> duration_ms;
  std::uint32_t width = 0;  // pixels; 0 = no picture
  std::uint32_t height = 0;
  bool thumbnail = false;
  std::uint64_t frames = 0;  // that a lossless capture wrote; 0 = it is none
  std::string error;         // a sentence: why it is broken, or what is missing
  std::string incomplete;    // what is missing in a file that plays: a sentence
};

// The note beside a recording: what its file does not say of itself.
std::string note_text(const RecordingInfo& info);
// Fills in what the note says; a note that cannot be read says nothing.
void read_note(std::string_view text, RecordingInfo& info);

// /api/v1/recordings: newest first, the first kRecordingsListed.
inline constexpr std::size_t kRecordingsListed = 1'000;
std::string recordings_json(std::vector<const RecordingInfo*> recordings);

// To the publisher.
std::string recorded_message(const RecordingInfo& info);
std::string recording_message(std::string_view state, std::string_view code,
                              std::string_view message);

// What retention takes away, oldest first: recordings that are done and older than keep_ms (0 =
// any age stays), then more until the rest takes no more than max_bytes (0 = any size).
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
