// What an H.264 sequence parameter set says: the pictures' form, and how far the order of decoding
// is from the order of showing. Reads headers only, never past the bytes given. Source: ITU-T H.264
// (08/2021), 7.3.2.1.1 (SPS), E.1.1 (VUI), A.3.1 and table A-1 (MaxDpbFrames).
#pragma once
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"

namespace framewire {

struct H264Sps {
  unsigned profile = 0;     // profile_idc: 66, 77, 100, 110 ...
  unsigned level = 0;       // level_idc: 31 = 3.1
  unsigned chroma = 1;      // chroma_format_idc: 1 = 4:2:0
  unsigned bit_depth = 8;   // the larger one of luma and chroma
  bool interlaced = false;  // may hold fields
  std::uint32_t width = 0;  // pixels, cropped
  std::uint32_t height = 0;
  int reorder = 0;            // pictures that may be decoded before one that is shown earlier
  bool reorder_told = false;  // it says so itself; else that many are possible
  std::int64_t frame_us = 0;  // of a frame, by its timing; 0 = not told
  // What a slice header is read by.
  bool separate_planes = false;
  unsigned frame_num_bits = 0;
  unsigned order_bits = 0;  // of pic_order_cnt_lsb; 0 = it has none (pic_order_cnt_type 1 and 2)
};

// One SPS NAL unit, its header byte first and no start code. nullopt: it is none, or too short.
std::optional<H264Sps> read_h264_sps(Bytes nal);

}  // namespace framewire
