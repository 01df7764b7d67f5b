// Packets of one track in, pictures (or sound) out, by a decoder of our list and no other.
// Packet times are microseconds (as packet_times.h makes them), so are the pts of frames.
// VP8 and VP9 with transparency beside the packets (WebM's AlphaMode): by libvpx, which knows it.
// Thread: one; the decoder starts none of its own.
// Errors: unsupported_format (a codec beyond the list), malformed_media for a packet that does not
// decode: the next one may, the decoder goes on.
#pragma once
#include <functional>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"

namespace framewire::codec {

inline constexpr std::int64_t kMaxPixels = 8192 * 4352;  // of a picture that is decoded or encoded

class Decoder {
 public:
  // The frame is valid during the call, unless it is referenced (av_frame_ref).
  using Take = std::function<Result<void>(AVFrame& frame)>;

  static bool knows(AVCodecID codec);
  static Result<std::unique_ptr<Decoder>> open(const AVCodecParameters& track);
  // packet: null = no more come, give what is held. take may be called several times, or not at
  // all.
  Result<void> decode(const AVPacket* packet, const Take& take);

 private:
  Decoder() = default;
  Result<void> start(const char* name);

  ParametersHandle parameters_;
  bool alpha_ = false;  // beside the packets, and looked at
  CodecHandle context_;
  FrameHandle frame_;
};

}  // namespace framewire::codec
