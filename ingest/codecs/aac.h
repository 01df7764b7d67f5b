// The few facts of AAC that containers need.
// Sources: ISO/IEC 14496-3, 1.6.2.1 (AudioSpecificConfig), 1.6.3.4 (rates), 1.A.2.2 (ADTS).
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "ingest/base/bytes.h"

namespace framewire {

struct AacConfig {
  std::string codec;              // "mp4a.40.2"
  std::uint32_t sample_rate = 0;  // Hz; 0 = not told by an index
  std::uint32_t channels = 0;     // 0 = told elsewhere
};

// nullopt when too short or no such thing.
std::optional<AacConfig> read_audio_specific_config(Bytes config);
// The header of an ADTS frame, 7 bytes.
std::optional<AacConfig> read_adts_header(Bytes header);

}  // namespace framewire
