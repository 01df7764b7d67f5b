#include "relay/fanout/http_chunk.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace framewire::relay {

void open_chunk(Buffer& to) {
  to.resize(to.size() + kChunkHead);
}

void close_chunk(Buffer& to, std::size_t at) {
  if (to.size() == at + kChunkHead) {  // an empty chunk would end the body
    to.resize(at);
    return;
  }
  std::array<char, kChunkHead + 1> head{};
  fmt::format_to_n(head.data(), kChunkHead, "{:08x}\r\n", to.size() - at - kChunkHead);
  std::memcpy(to.data() + at, head.data(), kChunkHead);
  framewire::append(to, as_bytes("\r\n"));
}

}  // namespace framewire::relay
