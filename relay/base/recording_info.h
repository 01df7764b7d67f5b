// What is known of one recording. A value. Thread: any.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/upload.h"

namespace framewire::relay {

enum class RecordingState : std::uint8_t {
  recording,   // it is written
  finalising,  // it has ended; the seekable file is being made, or waits for that
  done,
  broken,  // nothing can read it: kept as .broken
};
constexpr std::string_view to_string(RecordingState state) {
  switch (state) {
    case RecordingState::recording:
      return "recording";
    case RecordingState::finalising:
      return "finalising";
    case RecordingState::done:
      return "done";
    default:
      return "broken";
  }
}

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
  std::uint64_t frames = 0;      // of a lossless capture or a film of a page; 0 = neither
  bool whole = false;            // its .part is a finished file: it is not rewritten
  std::string error;             // a sentence: why it is broken, or what is missing
  std::string incomplete;        // what is missing in a file that plays: a sentence
  std::optional<Upload> upload;  // nullopt: it is to go nowhere
};

}  // namespace framewire::relay
