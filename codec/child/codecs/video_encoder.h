// Pictures in, packets of one video track out, as Muxer takes them: H.264 in Annex B with its sets
// as extradata and before each keyframe, times in microseconds, dts rising, a duration each.
// Colours are BT.709, limited range unless it is an image, said in the bitstream (where the codec
// can) and in parameters(); MJPEG's are JFIF's. Thread: one; the encoder starts up to `threads` of
// its own. Errors: unsupported_format (no such encoder, a size it does not take), internal.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/codecs/picture_converter.h"
#include "ingest/base/error.h"
#include "ingest/times/picture_pace.h"

namespace framewire::codec {

// Of an encoder that is not live and keeps the pictures in order: less makes more bytes.
enum class Effort { least, little };

struct VideoEncoding {
  AVCodecID codec = AV_CODEC_ID_H264;  // or VP8, VP9, AV1, PRORES, MPEG1VIDEO, MJPEG
  int width = 0;                       // H.264's and MPEG-1's sides are rounded up to even ones
  int height = 0;
  double fps = 0;         // 0 = varies. MPEG-1 takes the next one that its header can say
  bool alpha = false;     // VP8 and VP9: AlphaMode and BlockAdditions of WebM; ProRes 4444
  int chroma = 0;         // 420, 422 or 444; 0 = 420, and 444 if lossless or ProRes
  int bit_depth = 0;      // 8 or 10; 0 = 8, and 10 for ProRes
  bool image = false;     // it is one: full range, tagged with sRGB's transfer. Browsers' blue of
                          // limited range is off by 12 of 255
  bool live = true;       // a packet for each picture at once: no B frames, no look-ahead, fast.
                          // false: better for its size, packets come late
  bool in_order = false;  // if not live: no B frames and no look-ahead, so that packets come in the
                          // pictures' order, and at most `threads` of them late
  Effort effort = Effort::little;  // if in_order
  bool lossless = false;           // each sample as it was given; not VP8, MPEG-1, MJPEG
  int quality = 75;                // 1 (small) to 100 (best), if kbps is 0
  int kbps = 0;                    // > 0: this bitrate on average
  int keyframe_ms = 2000;
  int threads = 1;
};

class VideoEncoder {
 public:
  // The packet may be moved from.
  using Take = std::function<Result<void>(AVPacket& packet)>;

  static Result<std::unique_ptr<VideoEncoder>> open(const VideoEncoding& encoding);
  const VideoEncoding& encoding() const { return encoding_; }
  // What encode() takes: a PictureConverter's.
  PictureForm form() const;
  // picture: of form(), pts in microseconds, rising; its pict_type is overwritten. null = no more
  // come, give what is held: after that the encoder takes nothing.
  Result<void> encode(AVFrame* picture, const Take& take);
  // The next picture is to be a keyframe, though it is not time for one yet.
  void want_keyframe() { wants_key_ = true; }
  // Whole from the start.
  const AVCodecParameters* parameters() const { return parameters_.get(); }

 private:
  explicit VideoEncoder(const VideoEncoding& encoding) : encoding_(encoding) {}
  Result<void> start();
  Result<void> send(AVFrame* picture);
  void finish(AVPacket& packet);

  const VideoEncoding encoding_;
  CodecHandle context_;
  ParametersHandle parameters_;
  PacketHandle packet_;
  std::int64_t last_pts_us_ = AV_NOPTS_VALUE;
  std::int64_t last_key_us_ = AV_NOPTS_VALUE;
  bool wants_key_ = false;
  std::int64_t last_ticks_ = AV_NOPTS_VALUE;
  std::int64_t last_dts_us_ = AV_NOPTS_VALUE;
  PicturePace pace_;
  std::int64_t lasts_us_ = 0;          // the newest picture; 0: not known
  std::deque<std::int64_t> times_us_;  // MPEG-1, which counts frames: of those inside
};

}  // namespace framewire::codec
