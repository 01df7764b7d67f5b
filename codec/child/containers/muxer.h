// Packets in, bytes of a container out, each packet's at once: a muxer here never holds any back,
// but for WebM, where a sound goes out with the packet after it.
// Lifetime: what `write` uses outlives the muxer. Thread: one.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/av/shape.h"
#include "codec/outputs.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class Muxer {
 public:
  // tracks: outlive the muxer; as the packets will be; H.264 in Annex B with its sets as extradata,
  // AAC with its AudioSpecificConfig. before: how many muxers have written this rendition already
  // (FLV has one header; tables of MPEG-TS have versions, and its counters begin anew).
  // shapes: of the tracks, or none: not turned, of square pixels or as the packets say.
  static Result<std::unique_ptr<Muxer>> open(const Output& output,
                                             std::span<const AVCodecParameters* const> tracks,
                                             WriteBytes write, unsigned before,
                                             std::span<const Shape> shapes = {});
  // Times and duration in microseconds, dts rising within the track. The packet is used up.
  Result<void> write(AVPacket& packet, std::size_t track);
  // Nothing follows. FFmpeg's WebM muxer holds the last sound back until now.
  Result<void> finish();

 private:
  Muxer(const Output& output, WriteBytes write) : output_(output), write_(std::move(write)) {}
  Result<void> start(std::span<const AVCodecParameters* const> tracks, unsigned before,
                     std::span<const Shape> shapes);
  int shape_track(AVStream& stream, Shape shape);
  Result<void> start_packets(std::span<const AVCodecParameters* const> tracks);
  Result<void> wrote(int failed) const;
  int pass_on(Bytes bytes);
  int write_fragment(const AVPacket& packet);

  const Output& output_;
  WriteBytes write_;
  WriteBytes filtered_ = [this](Bytes bytes) { return pass_on(bytes); };
  std::optional<Buffer> posed_header_;            // WebM: until its pose has been made flat
  std::size_t left_out_ = 0;                      // bytes of the file header still to be left out
  std::vector<std::int64_t> last_dts_;            // MP4: of each track, in its time base
  std::uint32_t fragments_ = 0;                   // MP4
  std::vector<const AVCodecParameters*> tracks_;  // packets
  IoHandle io_;
  OutputHandle context_;
};

}  // namespace framewire::codec
