#include "codec/child/live/restream.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/start/child_main.h"

extern "C" {
#include <libavformat/avio.h>
#include <libavutil/log.h>
}

namespace framewire::codec {
namespace {

constexpr int kSocket = kFirstDescriptor;
constexpr std::size_t kMaxAddress = 4096;
constexpr std::size_t kRestreamReadBytes = 64u << 10;
constexpr std::size_t kTsPacket = 188;
constexpr const char* kProtocols = "rtmp,rtmps,tls,srt,tcp,udp";
constexpr std::int64_t kTimeoutUs = 10'000'000;  // of an answer, and of a write
// SRT: a receiver plays what it has got this much later (its latency, 120 ms if nobody asks for
// more), and drops what is left at the end of the connection.
constexpr auto kPlayedOutAfter = std::chrono::seconds{1};

struct Closer {
  void operator()(AVIOContext* io) const { avio_close(io); }
};
using ConnectionHandle = std::unique_ptr<AVIOContext, Closer>;

// The bytes up to the line feed, and no more.
std::optional<std::string> read_address() {
  std::string address;
  while (address.size() < kMaxAddress) {
    char c = 0;
    const ssize_t got = read(kSocket, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (c == '\n') return address;
    address += c;
  }
  return std::nullopt;
}

int answer(std::string_view doing, int averror) {
  if (averror == AVERROR_EOF)
    fmt::print("{}: the other server closed the connection", doing);
  else
    fmt::print("{}", ffmpeg_failed(doing, averror).value().what);
  return 1;
}

// 0 once all that came was passed on. Datagrams hold whole packets of MPEG-TS.
int pass_on(AVIOContext& out) {
  const bool datagrams = out.max_packet_size > 0;
  const std::size_t unit = datagrams ? kTsPacket : 1;
  std::array<unsigned char, kRestreamReadBytes> buffer;
  std::size_t held = 0;
  while (true) {
    const auto room = std::span{buffer}.subspan(held);
    const ssize_t got = read(kSocket, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (datagrams) std::this_thread::sleep_for(kPlayedOutAfter);
      return 0;
    }
    held += static_cast<std::size_t>(got);
    const std::size_t whole = held - held % unit;
    avio_write(&out, buffer.data(), static_cast<int>(whole));
    avio_flush(&out);
    if (out.error < 0) return out.error;
    held -= whole;
    std::memmove(buffer.data(), buffer.data() + whole, held);
  }
}

}  // namespace

int restream_command(std::span<const std::string>) {
  const auto address = read_address();
  if (!address) return 0;
  av_log_set_callback([](void*, int, const char*, va_list) {});  // it would name the address
  Options options;
  options.set("protocol_whitelist", kProtocols).set("rw_timeout", kTimeoutUs);
  options.set("tls_verify", 1);
  AVIOContext* opened = nullptr;
  if (const int result =
          avio_open2(&opened, address->c_str(), AVIO_FLAG_WRITE, nullptr, options.get());
      result < 0)
    return answer("connecting", result);
  ConnectionHandle out{opened};
  if (auto shut_in = limit_calls(Calls::connection); !shut_in) {
    fmt::print("{}", shut_in.error().what);
    return 1;
  }
  if (write(kSocket, "!", 1) != 1) return 0;
  if (const int result = pass_on(*out); result < 0) return answer("sending", result);
  return 0;
}

}  // namespace framewire::codec
