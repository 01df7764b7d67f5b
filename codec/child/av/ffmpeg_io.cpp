#include "codec/child/av/ffmpeg_io.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "codec/child/av/ffmpeg_version.h"

namespace framewire::codec {
namespace {

constexpr int kBufferBytes = 32 << 10;

IoHandle make_io(void* self, int write, int (*read_packet)(void*, std::uint8_t*, int),
                 int (*write_packet)(void*, WrittenByte*, int),
                 std::int64_t (*seek)(void*, std::int64_t, int)) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  if (!buffer) return nullptr;
  AVIOContext* io =
      avio_alloc_context(buffer, kBufferBytes, write, self, read_packet, write_packet, seek);
  if (!io) av_free(buffer);
  return IoHandle{io};
}

}  // namespace

IoHandle FileIo::open(int write) {
  const auto read_at = [](void* self, std::uint8_t* to, int size) -> int {
    auto& file = *static_cast<FileIo*>(self);
    ssize_t got = 0;
    do got = pread(file.fd_, to, static_cast<std::size_t>(size), file.at_);
    while (got < 0 && errno == EINTR);
    if (got < 0) return AVERROR(errno);
    if (got == 0) return AVERROR_EOF;
    file.at_ += got;
    return static_cast<int>(got);
  };
  const auto write_at = [](void* self, WrittenByte* from, int size) -> int {
    auto& file = *static_cast<FileIo*>(self);
    for (int done = 0; done < size;) {
      const ssize_t put =
          pwrite(file.fd_, from + done, static_cast<std::size_t>(size - done), file.at_);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return AVERROR(errno);
      file.at_ += put;
      done += static_cast<int>(put);
    }
    return size;
  };
  const auto seek = [](void* self, std::int64_t offset, int whence) -> std::int64_t {
    auto& file = *static_cast<FileIo*>(self);
    struct stat facts {};
    if (fstat(file.fd_, &facts) != 0) return AVERROR(errno);
    if (whence & AVSEEK_SIZE) return facts.st_size;
    switch (whence & ~AVSEEK_FORCE) {
      case SEEK_SET:
        break;
      case SEEK_CUR:
        offset += file.at_;
        break;
      case SEEK_END:
        offset += facts.st_size;
        break;
      default:
        return AVERROR(EINVAL);
    }
    if (offset < 0) return AVERROR(EINVAL);
    return file.at_ = offset;
  };
  return make_io(this, write, read_at, write_at, seek);
}

IoHandle stream_reader(ReadBytes& read) {
  return make_io(
      &read, 0,
      [](void* self, std::uint8_t* to, int size) -> int {
        const int got = (*static_cast<ReadBytes*>(self))(
            std::as_writable_bytes(std::span{to, static_cast<std::size_t>(size)}));
        return got == 0 ? AVERROR_EOF : got;
      },
      nullptr, nullptr);
}

IoHandle stream_writer(WriteBytes& write) {
  return make_io(
      &write, 1, nullptr,
      [](void* self, WrittenByte* from, int size) -> int {
        const int failed = (*static_cast<WriteBytes*>(self))(
            std::as_bytes(std::span{from, static_cast<std::size_t>(size)}));
        return failed < 0 ? failed : size;
      },
      nullptr);
}

}  // namespace framewire::codec
