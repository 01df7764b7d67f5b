// What can go wrong with a recording. Each has a name, which is a promise to users: the `code` in
// JSON, the `reason` label of framewire_recording_errors_total, and a word in the log. Thread: any.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace framewire::relay {

enum class RecordFault : std::uint8_t {
  disk_full,           // ENOSPC, EDQUOT
  disk_unwritable,     // EACCES, EPERM, EROFS, and a folder that cannot be made
  disk_error,          // EIO and all others
  disk_too_slow,       // --record-inbox ran over: a piece is missing between two files
  unsupported_format,  // a format that no file is made of
  unreadable,          // a .part that the finaliser cannot read: kept as .broken
  finaliser,           // the finaliser died or took too long: the .part stays for the next start
};
inline constexpr std::array<std::string_view, 7> kRecordFaults = {
    "disk-full",          "disk-unwritable", "disk-error", "disk-too-slow",
    "unsupported-format", "unreadable",      "finaliser"};
static_assert(kRecordFaults.size() == static_cast<std::size_t>(RecordFault::finaliser) + 1);

constexpr std::string_view to_string(RecordFault fault) {
  return kRecordFaults[static_cast<std::size_t>(fault)];
}

struct RecordError {
  RecordFault fault = RecordFault::disk_error;
  std::string what;  // a sentence for the operator and the publisher
};

// The error of a system call on `path`.
RecordError disk_error(int error_number, std::string_view doing, std::string_view path);

}  // namespace framewire::relay
