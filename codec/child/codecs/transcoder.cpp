#include "codec/child/codecs/transcoder.h"

#include <algorithm>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "codec/child/codecs/audio_encoder.h"
#include "codec/child/codecs/decoder.h"
#include "codec/child/codecs/picture_converter.h"
#include "codec/child/codecs/video_encoder.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr int kKeyframeMs = 2'000;
constexpr int kKbpsPerChannel = 64;
constexpr int kMostBadPackets = 100;  // one after the other
constexpr double kMpeg1Fps = 30;
constexpr std::int64_t kMpeg1StepUs = 25'000;  // pictures that come sooner are left out

// The decoder of a track, which goes on over packets that do not decode.
class Source {
 public:
  explicit Source(const AVCodecParameters& track) : track_(track) {}

  Result<void> open() {
    ASSIGN_OR_RETURN(decoder_, Decoder::open(track_));
    known_ = track_.extradata_size;
    return {};
  }

  Result<void> decode(const AVPacket* packet, const Decoder::Take& take) {
    if (known_ == 0 && track_.codec_id == AV_CODEC_ID_AAC && track_.extradata_size > 0)
      RETURN_IF_ERROR(open());
    if (!packet) return good(decoder_->decode(nullptr, take));
    const bool key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    if (broken_ && track_.codec_type == AVMEDIA_TYPE_VIDEO && !key) return {};
    return good(decoder_->decode(packet, take));
  }

 private:
  Result<void> good(Result<void> done) {
    broken_ = !done && done.error().code == Errc::malformed_media;
    bad_ = broken_ ? bad_ + 1 : 0;
    return broken_ && bad_ < kMostBadPackets ? Result<void>{} : done;
  }

  const AVCodecParameters& track_;
  std::unique_ptr<Decoder> decoder_;
  int known_ = 0;  // bytes of extradata that the decoder was opened with
  int bad_ = 0;
  bool broken_ = false;
};

class PictureTranscoder final : public Transcoder {
 public:
  PictureTranscoder(const AVCodecParameters& from, AVCodecID to, const Transcoding& how,
                    const Shape& shape)
      : source_(from), to_(to), how_(how), shape_(shape) {
    const AVCodecDescriptor* codec = avcodec_descriptor_get(from.codec_id);
    has_groups_ = codec && (codec->props & AV_CODEC_PROP_INTRA_ONLY) == 0;
  }
  Result<void> open() { return source_.open(); }

  Result<void> transcode(const AVPacket* packet, const Take& take) override {
    restarted_ = false;
    auto done = source_.decode(packet, [&](AVFrame& frame) { return encode(frame, take); });
    if (!done || packet || !encoder_) return done;
    return encoder_->encode(nullptr, take);
  }
  const AVCodecParameters* parameters() const override {
    return encoder_ ? encoder_->parameters() : nullptr;
  }
  bool restarted() const override { return restarted_; }

 private:
  bool mpeg1() const { return to_ == AV_CODEC_ID_MPEG1VIDEO; }

  Result<void> encode(const AVFrame& frame, const Take& take) {
    if (frame.pts == AV_NOPTS_VALUE) return {};
    if (mpeg1() && encoder_ && frame.pts < last_us_ + kMpeg1StepUs) return {};
    last_us_ = frame.pts;
    const Upright upright = upright_of(frame, shape_);
    const bool same = upright.width == width_ && upright.height == height_;
    if (!encoder_ || (!same && !mpeg1())) RETURN_IF_ERROR(begin(upright, take));
    ASSIGN_OR_RETURN(auto picture, converter_->convert(frame, shape_));
    if (is_keyframe(frame) && has_groups_) encoder_->want_keyframe();
    return encoder_->encode(picture, [&](AVPacket& made) {
      auto taken = take(made);
      restarted_ = false;
      return taken;
    });
  }

  Result<void> begin(const Upright& upright, const Take& take) {
    if (encoder_) {
      RETURN_IF_ERROR(encoder_->encode(nullptr, take));
      restarted_ = true;
    }
    width_ = upright.width;
    height_ = upright.height;
    VideoEncoding encoding;
    encoding.codec = to_;
    encoding.width = width_;
    encoding.height = height_;
    if (how_.max_height > 0 && height_ > static_cast<int>(how_.max_height)) {
      encoding.height = static_cast<int>(how_.max_height);
      encoding.width =
          std::max<int>(2, static_cast<int>(av_rescale(width_, encoding.height, height_)) & ~1);
    }
    encoding.fps = mpeg1() ? kMpeg1Fps : 0;
    encoding.quality = static_cast<int>(how_.quality);
    encoding.kbps = static_cast<int>(how_.kbps);
    encoding.keyframe_ms = kKeyframeMs;
    ASSIGN_OR_RETURN(encoder_, VideoEncoder::open(encoding));
    converter_.emplace(encoder_->form(), Fit::pad);
    return {};
  }

  Source source_;
  const AVCodecID to_;
  const Transcoding how_;
  bool has_groups_ = true;  // else each picture is a keyframe
  const Shape shape_;
  int width_ = 0, height_ = 0;  // of the source's pictures, upright
  std::unique_ptr<VideoEncoder> encoder_;
  std::optional<PictureConverter> converter_;
  std::int64_t last_us_ = 0;
  bool restarted_ = false;
};

class SoundTranscoder final : public Transcoder {
 public:
  explicit SoundTranscoder(const AVCodecParameters& from) : source_(from) {}

  Result<void> open(const AVCodecParameters& from, AVCodecID to) {
    RETURN_IF_ERROR(source_.open());
    AudioEncoding encoding;
    encoding.codec = to;
    encoding.sample_rate = from.sample_rate == 44'100 ? 44'100 : 48'000;
    // jsmpeg, which MP2 is for, plays two channels.
    encoding.channels = from.ch_layout.nb_channels == 1 && to != AV_CODEC_ID_MP2 ? 1 : 2;
    encoding.kbps = kKbpsPerChannel * encoding.channels;
    ASSIGN_OR_RETURN(encoder_, AudioEncoder::open(encoding));
    return {};
  }

  Result<void> transcode(const AVPacket* packet, const Take& take) override {
    auto done =
        source_.decode(packet, [&](AVFrame& frame) { return encoder_->encode(&frame, take); });
    if (!done || packet) return done;
    return encoder_->encode(nullptr, take);
  }
  const AVCodecParameters* parameters() const override { return encoder_->parameters(); }

 private:
  Source source_;
  std::unique_ptr<AudioEncoder> encoder_;
};

}  // namespace

Result<std::unique_ptr<Transcoder>> Transcoder::open(const AVCodecParameters& from, AVCodecID to,
                                                     const Transcoding& how, const Shape& shape) {
  if (from.codec_type == AVMEDIA_TYPE_AUDIO) {
    auto sound = std::make_unique<SoundTranscoder>(from);
    RETURN_IF_ERROR(sound->open(from, to));
    return sound;
  }
  auto pictures = std::make_unique<PictureTranscoder>(from, to, how, shape);
  RETURN_IF_ERROR(pictures->open());
  return pictures;
}

}  // namespace framewire::codec
