#include "codec/child/live/job_input.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/base/try.h"
#include "ingest/wire/ws_frame.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kJobReadBytes = 128u << 10;
constexpr std::size_t kMaxMessage = 64u << 20;

}  // namespace

bool JobInput::fill(std::size_t wanted) {
  while (to_ - from_ < wanted) {
    if (from_ > 0 && (from_ == to_ || from_ + wanted > buffer_.size())) {
      std::memmove(buffer_.data(), buffer_.data() + from_, to_ - from_);
      to_ -= std::exchange(from_, 0);
    }
    if (buffer_.size() < from_ + std::max(wanted, kJobReadBytes))
      buffer_.resize(from_ + std::max(wanted, kJobReadBytes));
    const auto read = [&](int flags) {
      return recv(socket_, buffer_.data() + to_, buffer_.size() - to_, flags);
    };
    ssize_t got = read(MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
      pollfd more{socket_, POLLIN, 0};
      if (on_idle_() && poll(&more, 1, kQuietMs) == 0) on_quiet_();
      got = read(0);
    }
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to_ += static_cast<std::size_t>(got);
  }
  return true;
}

Result<std::optional<JobMessage>> JobInput::next() {
  std::optional<WsHead> head;
  for (std::size_t wanted = 2; !head; wanted = ws_header_bytes(buffer_[from_ + 1])) {
    if (!fill(wanted)) return std::optional<JobMessage>{};
    ASSIGN_OR_RETURN(head, read_ws_head({buffer_.data() + from_, to_ - from_}));
  }
  if (is_control(head->opcode) || head->payload_bytes > kMaxMessage)
    return fail(Errc::protocol,
                fmt::format("a ws frame of opcode {:x} and {} bytes",
                            static_cast<unsigned>(head->opcode), head->payload_bytes));
  const auto size = static_cast<std::size_t>(head->payload_bytes);
  if (!fill(head->header_bytes + size)) return std::optional<JobMessage>{};
  const Bytes message{buffer_.data() + from_ + head->header_bytes, size};
  from_ += head->header_bytes + size;

  if (head->opcode == WsOpcode::text) return JobMessage{.text = true, .payload = message};
  ASSIGN_OR_RETURN(auto part, read_v1_part(message));
  return JobMessage{.header = part.header, .payload = part.payload};
}

}  // namespace framewire::codec
