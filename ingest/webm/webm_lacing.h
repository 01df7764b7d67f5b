// Frames that share a block, taken apart. Source: RFC 9559, section 10.3.
//
//   laced data:  number of frames - 1 | sizes of all but the last | frames
//   sizes: Xiph: bytes of 255 and one below, added up; EBML: a vint, then differences to the size
//          before as vints whose range is centred on 0; fixed: none, all frames are of one size
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/base/bytes.h"

namespace framewire {

enum class Lacing : std::uint8_t { none, xiph, fixed, ebml };  // as in a block's flags

// nullopt: sizes that do not fit into the data.
std::optional<std::vector<Bytes>> unlace(Lacing lacing, Bytes laced);

// How long a frame of Opus lasts, by its first bytes. Source: RFC 6716, section 3.1. 0 = unknown.
std::int64_t opus_frame_ns(Bytes frame);

}  // namespace framewire
