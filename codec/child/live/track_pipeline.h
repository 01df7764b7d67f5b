// A track's way from demuxer to muxer: normalized, and transcoded where the output does not hold
// its codec and may encode. Thread: one.  Errors: unsupported_format (it does not fit: a sentence
// that names the codec), malformed_media, internal.
#pragma once
#include <functional>
#include <memory>

#include "codec/child/codecs/transcoder.h"
#include "codec/child/containers/packet_normalizer.h"
#include "codec/job.h"
#include "codec/outputs.h"

namespace framewire::codec {

class TrackPipeline {
 public:
  using Take = std::function<Result<void>(PacketHandle packet)>;

  static Result<std::unique_ptr<TrackPipeline>> open(const AVStream& stream, const Output& output,
                                                     const JobSpec& job);
  // packet: of the stream; nullptr: all has come.
  Result<void> put(PacketHandle packet, const Take& take);
  // parameters() are whole: a muxer may be opened.
  bool ready() const;
  // The packet taken last needs a muxer of its own: the parameters are others from it on.
  bool changed() const { return transcoder_ ? transcoder_->restarted() : track_->changed(); }
  const AVCodecParameters* parameters() const {
    return transcoder_ ? transcoder_->parameters() : track_->parameters();
  }
  // Of the packets: what is encoded is upright.
  Shape shape() const { return encodes() ? Shape{} : track_->shape(); }
  bool is_video() const { return track_->is_video(); }
  bool encodes() const { return to_ != AV_CODEC_ID_NONE; }

 private:
  Result<void> open_transcoder();

  std::unique_ptr<PacketNormalizer> track_;
  AVCodecID to_ = AV_CODEC_ID_NONE;  // none: its packets are copied
  Transcoding how_;
  std::unique_ptr<Transcoder> transcoder_;  // once the track is ready
};

}  // namespace framewire::codec
