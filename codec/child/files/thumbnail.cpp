#include "codec/child/files/thumbnail.h"

#include <unistd.h>

#include "codec/child/av/shape.h"
#include "codec/child/codecs/decoder.h"
#include "codec/child/codecs/jpeg_maker.h"

namespace framewire::codec {
namespace {

constexpr int kSide = 320;

}  // namespace

bool write_thumbnail(const AVPacket& packet, const AVStream& stream, int fd) {
  auto decoder = Decoder::open(*stream.codecpar);
  if (!decoder) return false;
  bool written = false;
  const WriteBytes write = [&](Bytes jpeg) {
    written = pwrite(fd, jpeg.data(), jpeg.size(), 0) == static_cast<ssize_t>(jpeg.size());
    return written ? 0 : AVERROR(EIO);
  };
  JpegMaker maker{kSide, write, kSide};
  const Shape shape = shape_of(stream);
  const Decoder::Take take = [&](AVFrame& frame) -> Result<void> {
    return written ? Result<void>{} : maker.make(frame, shape);
  };
  // The one picture comes when nothing follows.
  return (*decoder)->decode(&packet, take) && (*decoder)->decode(nullptr, take) && written;
}

}  // namespace framewire::codec
