// What a Producer Reference Time box (ISO/IEC 14496-12, 8.16.5) in a part says: microseconds since
// 1970; nullopt without one. Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire::relay::hls {

std::optional<std::int64_t> producer_time_us(Bytes part);

}  // namespace framewire::relay::hls
