#include "codec/child/live/job_input.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace framewire::codec {
namespace {

constexpr std::size_t kReadBytes = 128u << 10;
constexpr std::size_t kMaxMessage = 64u << 20;
constexpr std::size_t kV1Header = 32;

}  // namespace

bool JobInput::fill(std::size_t wanted) {
  while (to_ - from_ < wanted) {
    if (from_ > 0 && (from_ == to_ || from_ + wanted > buffer_.size())) {
      std::memmove(buffer_.data(), buffer_.data() + from_, to_ - from_);
      to_ -= std::exchange(from_, 0);
    }
    if (buffer_.size() < from_ + std::max(wanted, kReadBytes))
      buffer_.resize(from_ + std::max(wanted, kReadBytes));
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
  if (!fill(2)) return std::optional<JobMessage>{};
  const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(buffer_[from_ + at]); };
  const bool text = byte(0) == 0x81;
  if (!text && byte(0) != 0x82)
    return fail(Errc::protocol, fmt::format("a ws frame that begins with {:02x}", byte(0)));
  const unsigned length = byte(1);
  const std::size_t head = length < 126 ? 2 : length == 126 ? 4 : 10;
  if (!fill(head)) return std::optional<JobMessage>{};
  const Bytes start{buffer_.data() + from_, head};
  const std::uint64_t size = length < 126    ? length
                             : length == 126 ? load_be<std::uint16_t>(start, 2)
                                             : load_be<std::uint64_t>(start, 2);
  if (length > 127 || size > kMaxMessage)
    return fail(Errc::protocol, fmt::format("a message of {} bytes", size));
  if (!fill(head + size)) return std::optional<JobMessage>{};
  const Bytes message{buffer_.data() + from_ + head, static_cast<std::size_t>(size)};
  from_ += head + message.size();

  JobMessage out;
  out.payload = message;
  if (text) return out;
  if (message.size() < kV1Header) return fail(Errc::protocol, "a part without its header");
  const auto skip = load_be<std::uint8_t>(message, 2);
  if (skip < kV1Header || skip > message.size())
    return fail(Errc::protocol, fmt::format("a part whose header has {} bytes", skip));
  const unsigned flags = std::to_integer<unsigned>(message[1]);
  out.kind = message[0] == std::byte{1} ? JobMessage::Kind::init : JobMessage::Kind::media;
  out.group_start = (flags & 1) != 0;
  out.lead_in = (flags & 2) != 0;
  out.epoch = load_be<std::uint32_t>(message, 4);
  out.sequence = load_be<std::uint64_t>(message, 8);
  out.pts_us = load_be<std::int64_t>(message, 16);
  out.received_us = load_be<std::int64_t>(message, 24);
  out.payload = message.subspan(skip);
  return out;
}

}  // namespace framewire::codec
