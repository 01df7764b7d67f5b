// Pictures of an origin that has nothing else (png, jpeg, webp, rgba), one at a time.
// Thread: one. Errors: malformed_media, of this picture alone: the next one may be good;
// unsupported_format, internal: of all.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"
#include "codec/child/codecs/decoder.h"
#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"
#include "ingest/pictures/packed_planes.h"

namespace framewire::codec {

// What the server's `stream` message says of them (PROTOCOL.md, "Viewer").
struct PictureOrigin {
  Format format = Format::png;
  int width = 0;  // of rgba and i420
  int height = 0;
  double fps = 0;  // 0 = varies
  Resize resize = Resize::epoch;
  bool i420 = false;    // whatever the format: planes, as in ingest/packets/packets.h
  bool packed = false;  // those of i420, where they are fewer bytes
};

class PictureDecoder {
 public:
  static Result<PictureDecoder> open(const PictureOrigin& origin);
  // Reads `picture` in place where it can: the frame is good until it, or the next call.
  Result<const AVFrame*> decode(Bytes picture);

 private:
  explicit PictureDecoder(const PictureOrigin& origin) : origin_(origin) {}
  Result<const AVFrame*> wrap(Bytes picture);
  Result<const AVFrame*> wrap_planes(Bytes picture);
  void describe_planes();

  PictureOrigin origin_;
  std::unique_ptr<Decoder> decoder_;  // null: rgba, i420
  std::optional<PlaneUnpacker> unpacker_;
  PacketHandle packet_;
  FrameHandle frame_;
};

// The density that JPEG and PNG may name is for printers: browsers show square pixels.
inline const Shape kPictureShape{.matrix = std::nullopt, .aspect = {1, 1}, .aspect_outside = true};

// Times for pictures: a picture's step from the one before is that of their own times where these
// rise, else that of their arrival at the server. Microseconds; pts as the part says.
class PictureClock {
 public:
  std::int64_t time_of(std::int64_t pts_us, std::int64_t received_us) {
    if (std::exchange(first_, false))
      time_us_ = pts_us;
    else if (pts_us > last_pts_us_)
      time_us_ += pts_us - last_pts_us_;
    else
      time_us_ += std::max<std::int64_t>(received_us - last_received_us_, 1);
    last_pts_us_ = pts_us;
    last_received_us_ = received_us;
    return time_us_;
  }

 private:
  bool first_ = true;
  std::int64_t time_us_ = 0;
  std::int64_t last_pts_us_ = 0;
  std::int64_t last_received_us_ = 0;
};

}  // namespace framewire::codec
