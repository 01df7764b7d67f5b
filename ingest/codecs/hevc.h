// HEVC's codec string. Source: ISO/IEC 14496-15, 8.3.2.1.2 (hvcC) and annex E.3.
#pragma once
#include <optional>
#include <string>

#include "ingest/base/bytes.h"

namespace framewire {

// HEVCDecoderConfigurationRecord -> "hvc1.1.6.L93.B0".
std::optional<std::string> hevc_codec_string_from_hvcc(Bytes hvcc);

}  // namespace framewire
