// A track's packets in another codec: decoded and encoded anew, each picture and sound at its own
// time. Live: what goes in comes out at once, as far as the codecs can.
//   pictures: a keyframe where the source has one, and each kKeyframeMs; another size is another
//     stream of packets (restarted()), but for MPEG-1, which keeps its first one
//     they come out upright, of square pixels
//   sound: codec/child/codecs/audio_encoder.h
// A packet that does not decode is left out, pictures then up to the next keyframe.
// Thread: one.  Errors: unsupported_format (no decoder for it here), malformed_media (nothing
// decodes any more), internal.
#pragma once
#include <functional>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"
#include "codec/job.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class Transcoder {
 public:
  // The packet may be moved from; times as a PacketNormalizer has them.
  using Take = std::function<Result<void>(AVPacket& packet)>;

  // from: as a PacketNormalizer has it, and its life is the transcoder's; what it lacks may come
  // with packets.
  static Result<std::unique_ptr<Transcoder>> open(const AVCodecParameters& from, AVCodecID to,
                                                  const Transcoding& how, const Shape& shape = {});
  virtual ~Transcoder() = default;
  // packet: of a PacketNormalizer; nullptr: all has come.
  virtual Result<void> transcode(const AVPacket* packet, const Take& take) = 0;
  // Of the packets as from now on; nullptr: not known yet.
  virtual const AVCodecParameters* parameters() const = 0;
  // The packet taken last is the first one under other parameters than those before.
  virtual bool restarted() const { return false; }
};

}  // namespace framewire::codec
