// A chunk of an HTTP/1.1 body, written around what is appended to a buffer: its size in 8 hex
// digits, CR LF, data, CR LF.
// Thread: any.  Source: RFC 9112, section 7.1.
#pragma once
#include <cstddef>

#include "ingest/base/bytes.h"

namespace framewire::relay {

inline constexpr std::size_t kChunkHead = 10;
inline constexpr std::size_t kChunkTail = 2;

void open_chunk(Buffer& to);
// at: the buffer's size before open_chunk(). Nothing came since: there is no chunk.
void close_chunk(Buffer& to, std::size_t at);

}  // namespace framewire::relay
