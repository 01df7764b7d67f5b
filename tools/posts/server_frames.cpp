#include "tools/posts/server_frames.h"

#include <fmt/format.h>

namespace framewire::cli {

void ServerFrames::feed(Bytes bytes) {
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(read_));
  read_ = 0;
  append(held_, bytes);
}

Result<std::optional<WsFrame>> ServerFrames::next() {
  const Bytes unread = Bytes{held_}.subspan(read_);
  const auto head = read_ws_head(unread);
  if (!head) return tl::make_unexpected(head.error());
  if (!*head) return std::nullopt;
  const WsHead& h = **head;
  if (h.payload_bytes > kMostFrame)
    return fail(Errc::limit_exceeded, fmt::format("a ws frame of {} bytes", h.payload_bytes));
  const auto size = static_cast<std::size_t>(h.payload_bytes);
  if (unread.size() - h.header_bytes < size) return std::nullopt;
  read_ += h.header_bytes + size;
  return WsFrame{h.opcode, unread.subspan(h.header_bytes, size)};
}

}  // namespace framewire::cli
