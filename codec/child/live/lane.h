// A track's way from demuxer to muxer: mended, and recoded where the output does not hold its
// codec and may encode.
// Thread: one.  Errors: unsupported_format (it does not fit: a sentence that names the codec),
// malformed_media, internal.
#pragma once
#include <functional>
#include <memory>

#include "codec/child/codecs/recoder.h"
#include "codec/child/containers/track.h"
#include "codec/job.h"
#include "codec/outputs.h"

namespace framewire::codec {

class Lane {
 public:
  using Take = std::function<Result<void>(PacketHandle packet)>;

  static Result<std::unique_ptr<Lane>> open(const AVStream& stream, const Output& output,
                                            const JobSpec& job);
  // packet: of the stream; nullptr: all has come.
  Result<void> put(PacketHandle packet, const Take& take);
  // parameters() are whole: a muxer may be opened.
  bool ready() const;
  // The packet taken last needs a muxer of its own: the parameters are others from it on.
  bool changed() const { return recoder_ ? recoder_->restarted() : track_->changed(); }
  const AVCodecParameters* parameters() const {
    return recoder_ ? recoder_->parameters() : track_->parameters();
  }
  // Of the packets: what is encoded is upright.
  Shape shape() const { return encodes() ? Shape{} : track_->shape(); }
  bool is_video() const { return track_->is_video(); }
  bool encodes() const { return to_ != AV_CODEC_ID_NONE; }

 private:
  Result<void> open_recoder();

  std::unique_ptr<Track> track_;
  AVCodecID to_ = AV_CODEC_ID_NONE;  // none: its packets are copied
  Transcoding how_;
  std::unique_ptr<Recoder> recoder_;  // once the track is ready
};

}  // namespace framewire::codec
