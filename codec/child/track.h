// One track on its way from a demuxer to a muxer: its packets brought into the one form that every
// muxer here takes, with times that rise and a duration each.
//   H.264: Annex B, parameter sets as extradata; AAC: raw, AudioSpecificConfig as extradata
//   times: microseconds; dts from pts where the container has none; never twice the same
//   duration: Opus by its TOC byte, AAC by its rate (both exact: browsers' MP4 is wrong there),
//   else
//     that of the container, else the time since the packet before
// Thread: one.
#pragma once
#include <functional>

#include "codec/child/ffmpeg_handles.h"
#include "ingest/bytes.h"
#include "ingest/error.h"

namespace framewire::codec {

class Track {
 public:
  static Result<std::unique_ptr<Track>> open(const AVStream& stream);

  // Changes the packet in place; false: there is nothing to pass on (yet).
  Result<bool> mend(AVPacket& packet);
  // Enough is known to write a header.
  bool ready() const;
  // The packet mended last brought other parameter sets: a muxer that was opened must be opened
  // anew.
  bool changed() const { return changed_; }
  const AVCodecParameters* parameters() const { return parameters_.get(); }
  bool is_video() const { return parameters_->codec_type == AVMEDIA_TYPE_VIDEO; }

 private:
  Track() = default;
  static Result<std::unique_ptr<Track>> normalised(std::unique_ptr<Track> track);
  Result<bool> filter(AVPacket& packet);
  Result<void> learn(const AVPacket& packet);
  Result<void> set_extradata(Bytes bytes);
  void read_size(const AVPacket& packet);
  bool set_times(AVPacket& packet);
  std::int64_t duration_us(const AVPacket& packet) const;

  ParametersHandle parameters_;
  FilterHandle filter_;
  AVRational time_base_{};
  std::int64_t last_dts_us_ = AV_NOPTS_VALUE;
  std::int64_t next_dts_us_ = AV_NOPTS_VALUE;
  std::int64_t last_delta_us_ = 0;
  bool changed_ = false;
};

}  // namespace framewire::codec
