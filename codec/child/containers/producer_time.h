// When the server received what a fragment was made of, as a Producer Reference Time box for before
// it (ISO/IEC 14496-12, 8.16.5). The HLS packager takes its dates from it.
#pragma once
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire::codec {

// bytes: what a muxer wrote at once; empty unless it begins with a fragment. received_us: since
// 1970.
Buffer producer_time_box(Bytes bytes, std::int64_t received_us);

// What such a box says, if the bytes begin with one.
std::optional<std::int64_t> producer_time_us(Bytes bytes);

}  // namespace framewire::codec
