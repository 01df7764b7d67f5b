// What the recorder counts, for /metrics (relay/base/metrics.h has the table). A value.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "relay/base/record_faults.h"

namespace framewire::relay {

enum class RecordDeletion : std::uint8_t { age, size, api, uploaded };
inline constexpr std::array<std::string_view, 4> kRecordDeletions = {"age", "size", "api",
                                                                     "uploaded"};

struct RecorderCounters {
  std::uint64_t recorded_bytes = 0;
  std::uint64_t finalised = 0;
  std::uint64_t dropped_parts = 0;
  std::array<std::uint64_t, kRecordFaults.size()> errors{};        // by RecordFault
  std::array<std::uint64_t, kRecordDeletions.size()> deletions{};  // by RecordDeletion
  std::uint64_t uploads = 0;                                       // done
  std::uint64_t uploaded_bytes = 0;
  std::uint64_t upload_failures = 0;  // given up
  std::uint64_t upload_retries = 0;   // tries that failed, and were not the last
  // Now.
  std::uint64_t recording = 0;
  std::uint64_t finalising = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t uploads_waiting = 0;
  std::uint64_t uploads_sending = 0;

  bool operator==(const RecorderCounters&) const = default;
};

}  // namespace framewire::relay
