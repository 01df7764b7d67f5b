// One track on its way from a demuxer to a muxer: its packets brought into the one form that every
// muxer here takes. Their times are packet_times.h's work.
//   H.264: Annex B, parameter sets as extradata; AAC: raw, AudioSpecificConfig as extradata
// Thread: one.
#pragma once
#include <memory>
#include <optional>
#include <utility>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"
#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/codecs/aac.h"

namespace framewire::codec {

class PacketNormalizer {
 public:
  static Result<std::unique_ptr<PacketNormalizer>> open(const AVStream& stream);

  // Changes the packet in place; false: there is nothing to pass on (yet).
  Result<bool> normalize(AVPacket& packet);
  // Enough is known to write a header.
  bool ready() const;
  // The packet normalized last brought other parameter sets: a muxer that was opened must be opened
  // anew.
  bool changed() const { return changed_; }
  const AVCodecParameters* parameters() const { return parameters_.get(); }
  const Shape& shape() const { return shape_; }
  bool is_video() const { return parameters_->codec_type == AVMEDIA_TYPE_VIDEO; }

 private:
  PacketNormalizer() = default;
  static Result<std::unique_ptr<PacketNormalizer>> opened(std::unique_ptr<PacketNormalizer> track);
  Result<void> open_filter();
  Result<bool> filter(AVPacket& packet);
  Result<void> follow_sound(const AVPacket& packet);
  Result<void> learn(const AVPacket& packet);
  Result<void> set_extradata(Bytes bytes);
  void read_size(const AVPacket& packet);
  void read_sound(const AVPacket& packet);
  std::pair<ParserHandle, CodecHandle> parse(const AVPacket& packet) const;

  Shape shape_;
  ParametersHandle came_;  // as the demuxer has it
  ParametersHandle parameters_;
  std::optional<AacConfig> adts_;  // of the newest packet
  FilterHandle filter_;
  bool changed_ = false;
};

}  // namespace framewire::codec
