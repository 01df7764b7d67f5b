#include "codec/child/capture/capture.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "codec/capture.h"
#include "codec/child/capture/frame_film.h"
#include "codec/child/capture/packet_film.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/start/child_main.h"
#include "ingest/base/try.h"
#include "ingest/packets/packets.h"

namespace framewire::codec {
namespace {

using nlohmann::json;

constexpr int kSocket = kFirstDescriptor;
constexpr int kFile = kFirstDescriptor + 1;
constexpr std::size_t kMaxFrame = std::size_t{1} << 30;
constexpr std::uint32_t kHashSeed = 0;

int fail_with(std::string_view code, const std::string& what) {
  fmt::print("{}", json{{"code", code}, {"what", what}}.dump(-1, ' ', false,
                                                             json::error_handler_t::replace));
  return 1;
}

// All of it; false: the server has closed.
bool receive(std::byte* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = recv(kSocket, to, size, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

class CaptureChild {
 public:
  explicit CaptureChild(const CaptureSpec& spec)
      : spec_(spec), news_{spec.written_frames, spec.written_bytes, spec.written_samples} {}

  int run() {
    // What a child that died wrote after its last news.
    if (ftruncate(kFile, static_cast<off_t>(spec_.written_bytes)) != 0) return disk_failed(errno);
    if (spec_.format != Format::packets)
      if (auto begun = begin({}); !begun) return film_failed(begun.error());
    std::uint64_t frame = spec_.written_frames;
    while (true) {
      std::array<std::byte, kCaptureHeadBytes> bytes;
      if (!receive(bytes.data(), bytes.size())) return fail_with("internal", "the server closed");
      const CaptureHead head = capture_head(bytes);
      if (head.bytes == 0) break;
      if (head.bytes > kMaxFrame || (!head.sound && !head.config && head.number != frame))
        return fail_with("internal", fmt::format("frame {} where {} is due", head.number, frame));
      frame_.resize(head.bytes);
      if (!receive(frame_.data(), head.bytes)) return fail_with("internal", "the server closed");
      if (head.config) {
        if (auto begun = begin(frame_); !begun) return film_failed(begun.error());
        continue;
      }
      if (!film_) return fail_with("internal", "packets without a config");
      if (head.sound) {
        if (auto added = film_->add_sound(head.number, frame_); !added)
          return film_failed(added.error());
        continue;
      }
      ++frame;
      if (spec_.hash && XXH32(frame_.data(), frame_.size(), kHashSeed) != head.hash)
        return fail_with("hash-mismatch",
                         fmt::format("frame {} is not what the page hashed", head.number));
      if (auto added = add(); !added) return film_failed(added.error());
    }
    if (!film_) return 0;
    if (auto finished = film_->finish(); !finished) return film_failed(finished.error());
    return 0;
  }

 private:
  // config: of packets.
  Result<void> begin(Bytes config) {
    const WriteBytes write = [this](Bytes bytes) { return this->write(bytes); };
    const CaptureFilm::Written written = [this](const FilmGrowth& more) { tell(more); };
    const auto kind = config.empty() ? std::nullopt : std::optional{kind_of_packets(config)};
    ASSIGN_OR_RETURN(film_, kind == PacketKind::encoded
                                ? PacketFilm::open(spec_, config, write, written)
                                : FrameFilm::open(spec_, kind, write, written));
    return {};
  }

  Result<void> add() {
    if (spec_.format != Format::packets) return film_->add(frame_, true);
    ASSIGN_OR_RETURN(const auto packet, read_packets_packet(frame_));
    return film_->add(packet.data, packet.key);
  }

  int write(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::write(kFile, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        disk_error_ = errno;
        return AVERROR(errno);
      }
      news_.written_bytes += static_cast<std::uint64_t>(put);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return 0;
  }

  void tell(const FilmGrowth& more) {
    news_.written_frames += more.frames;
    news_.written_samples += more.samples;
    const auto bytes = to_bytes(news_);
    (void)send(kSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL);  // its end is read anyway
  }

  int film_failed(const Error& error) {
    if (disk_error_ != 0) return disk_failed(disk_error_);
    if (error.code == Errc::malformed_media) return fail_with("bad-frame", error.what);
    return fail_with("encoder-failed", error.what);
  }

  static int disk_failed(int error) {
    fmt::print("{}", json{{"errno", error}, {"what", std::strerror(error)}}.dump());
    return 1;
  }

  const CaptureSpec spec_;
  WrittenReport news_;
  std::unique_ptr<CaptureFilm> film_;  // null: of packets that have no config yet
  Buffer frame_;
  int disk_error_ = 0;
};

}  // namespace

int capture_command(std::span<const std::string> arguments) {
  limit_ffmpeg_memory();
  const auto spec = arguments.size() == 1
                        ? capture_from_json(arguments[0])
                        : Result<CaptureSpec>{fail(Errc::internal, "wrong arguments")};
  if (!spec) return fail_with("internal", spec.error().what);
  return CaptureChild{*spec}.run();
}

}  // namespace framewire::codec
