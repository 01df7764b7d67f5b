// Every limit of ingest, in one place. `framewire serve --help` shows those an operator may set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace framewire {

struct Limits {
  std::size_t message_bytes = 16u << 20;      // one WebSocket message
  std::size_t message_fragments = 4096;       // ws frames in one message
  std::size_t text_bytes = 16u << 10;         // one JSON control message
  std::size_t init_bytes = 1u << 20;          // an init segment
  std::size_t element_bytes = 16u << 20;      // one block, fragment, tag, page or picture
  std::size_t junk_bytes = 64u << 10;         // that belong to nothing, one after the other
  std::size_t part_target_bytes = 64u << 10;  // a run of small elements is cut here
  std::uint32_t tracks = 8;
  std::uint32_t picture_side = 16384;  // pixels
};

}  // namespace framewire
