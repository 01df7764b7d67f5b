#include "codec/child/codecs/video_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "codec/child/av/h264_sets.h"
#include "codec/child/codecs/decoder.h"
#include "ingest/base/try.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace framewire::codec {
namespace {

constexpr double kUsualFps = 30;
constexpr std::int64_t kLongestFrameUs = 10'000'000;
constexpr int kMaxThreads = 4;

// ISO/IEC 11172-2, table of picture_rate.
constexpr AVRational kMpeg1Rates[] = {{24000, 1001}, {24, 1}, {25, 1},       {30000, 1001},
                                      {30, 1},       {50, 1}, {60000, 1001}, {60, 1}};

// What makes an encoder quick and prompt, or thorough; and its scale of quality.
struct Row {
  AVCodecID codec;
  const char* encoder;
  bool even_sides;
  double best, worst;  // at quality 100 and 0: crf, or for MPEG-1 and MJPEG the quantiser
  std::array<const char*, 10> live;  // option, value, ... null
  std::array<const char*, 10> thorough;
  std::array<const char*, 10> in_order;
  std::array<const char*, 10> hasty;  // in order, with the least effort
};
constexpr Row kEncoders[] = {
    {AV_CODEC_ID_H264,
     "libx264",
     true,
     13,
     41,
     {"preset", "superfast", "tune", "zerolatency", "x264-params",
      "repeat-headers=1:force-cfr=1:scenecut=0"},
     {"preset", "medium", "x264-params", "repeat-headers=1:force-cfr=1:rc-lookahead=20"},
     {"preset", "superfast", "x264-params",
      "repeat-headers=1:force-cfr=1:bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0"},
     {"preset", "ultrafast", "x264-params",
      "repeat-headers=1:force-cfr=1:bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0"}},
    {AV_CODEC_ID_VP8,
     "libvpx",
     false,
     4,
     40,
     {"deadline", "realtime", "cpu-used", "6", "lag-in-frames", "0", "auto-alt-ref", "0"},
     {"deadline", "good", "cpu-used", "2", "lag-in-frames", "16", "auto-alt-ref", "0"},
     {"deadline", "realtime", "cpu-used", "4", "lag-in-frames", "0", "auto-alt-ref", "0"},
     {"deadline", "realtime", "cpu-used", "8", "lag-in-frames", "0", "auto-alt-ref", "0"}},
    {AV_CODEC_ID_VP9,
     "libvpx-vp9",
     false,
     20,
     60,
     {"deadline", "realtime", "cpu-used", "7", "lag-in-frames", "0", "row-mt", "1"},
     {"deadline", "good", "cpu-used", "3", "lag-in-frames", "16", "row-mt", "1", "auto-alt-ref",
      "0"},
     {"deadline", "realtime", "cpu-used", "7", "lag-in-frames", "0", "row-mt", "1"},
     {"deadline", "realtime", "cpu-used", "8", "lag-in-frames", "0", "row-mt", "1"}},
    {AV_CODEC_ID_AV1,
     "libaom-av1",
     false,
     20,
     60,
     {"usage", "realtime", "cpu-used", "8", "lag-in-frames", "0", "row-mt", "1"},
     {"usage", "good", "cpu-used", "6", "lag-in-frames", "19", "row-mt", "1"},
     {"usage", "realtime", "cpu-used", "7", "lag-in-frames", "0", "row-mt", "1"},
     {"usage", "realtime", "cpu-used", "8", "lag-in-frames", "0", "row-mt", "1"}},
    {AV_CODEC_ID_PRORES, "prores_ks", false, 2, 16, {}, {}, {}, {}},
    {AV_CODEC_ID_MPEG1VIDEO, "mpeg1video", true, 2, 16, {}, {}, {}, {}},
    {AV_CODEC_ID_MJPEG, "mjpeg", false, 2, 14, {}, {}, {}, {}},
};

// With alpha, 4:2:0 and the rest by their chroma, at 8 and at 10 bits.
AVPixelFormat pixel_format_of(const VideoEncoding& e) {
  const bool prores = e.codec == AV_CODEC_ID_PRORES;
  if (e.codec == AV_CODEC_ID_MJPEG) return AV_PIX_FMT_YUVJ420P;
  if (e.alpha && prores) return AV_PIX_FMT_YUVA444P10;
  if (e.alpha && (e.codec == AV_CODEC_ID_VP8 || e.codec == AV_CODEC_ID_VP9))
    return AV_PIX_FMT_YUVA420P;
  const bool ten = e.bit_depth > 0 ? e.bit_depth == 10 : prores;
  switch (e.chroma > 0 ? e.chroma : e.lossless || prores ? 444 : 420) {
    case 444:
      return ten ? AV_PIX_FMT_YUV444P10 : AV_PIX_FMT_YUV444P;
    case 422:
      return ten ? AV_PIX_FMT_YUV422P10 : AV_PIX_FMT_YUV422P;
    default:
      return ten ? AV_PIX_FMT_YUV420P10 : AV_PIX_FMT_YUV420P;
  }
}

const Row* row_of(AVCodecID codec) {
  const auto* row = std::find_if(std::begin(kEncoders), std::end(kEncoders),
                                 [&](const Row& r) { return r.codec == codec; });
  return row == std::end(kEncoders) ? nullptr : row;
}

bool counts_frames(AVCodecID codec) {
  return codec == AV_CODEC_ID_MPEG1VIDEO;
}

AVRational mpeg1_rate(double fps) {
  for (const AVRational rate : kMpeg1Rates)
    if (av_q2d(rate) >= fps - 0.01) return rate;
  return kMpeg1Rates[std::size(kMpeg1Rates) - 1];
}

// libvpx has no quality for VP8 without a ceiling to the bitrate: one that is hardly reached.
std::int64_t vp8_ceiling(const VideoEncoding& e, double fps) {
  return std::max<std::int64_t>(2'000'000,
                                static_cast<std::int64_t>(0.5 * e.width * e.height * fps));
}

void set_lossless(AVCodecID codec, Options& options) {
  if (codec == AV_CODEC_ID_H264) options.set("qp", std::int64_t{0});
  if (codec == AV_CODEC_ID_VP9) options.set("lossless", 1);
  if (codec == AV_CODEC_ID_AV1) options.set("aom-params", "lossless=1");
}

void set_rate(const VideoEncoding& e, const Row& row, double fps, AVCodecContext& context,
              Options& options) {
  if (e.kbps > 0) {
    context.bit_rate = std::int64_t{e.kbps} * 1000;
    if (e.codec == AV_CODEC_ID_MJPEG) return;
    context.rc_max_rate = context.bit_rate;
    context.rc_buffer_size = static_cast<int>(std::min<std::int64_t>(context.bit_rate, INT32_MAX));
    return;
  }
  const double quality = std::clamp(e.quality, 1, 100) / 100.0;
  const double scale = row.worst + (row.best - row.worst) * quality;
  if (e.codec == AV_CODEC_ID_MPEG1VIDEO || e.codec == AV_CODEC_ID_MJPEG ||
      e.codec == AV_CODEC_ID_PRORES) {
    context.flags |= AV_CODEC_FLAG_QSCALE;
    context.global_quality = static_cast<int>(std::lround(FF_QP2LAMBDA * scale));
    return;
  }
  options.set("crf", static_cast<std::int64_t>(std::lround(scale)));
  if (e.codec == AV_CODEC_ID_VP8) context.bit_rate = vp8_ceiling(e, fps);
}

}  // namespace

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::open(const VideoEncoding& encoding) {
  std::unique_ptr<VideoEncoder> encoder{new VideoEncoder(encoding)};
  RETURN_IF_ERROR(encoder->start());
  return encoder;
}

PictureForm VideoEncoder::form() const {
  return {.width = context_->width,
          .height = context_->height,
          .format = context_->pix_fmt,
          .full_range = encoding_.image};
}

Result<void> VideoEncoder::start() {
  const VideoEncoding& e = encoding_;
  const auto doing = fmt::format("encoding {}", avcodec_get_name(e.codec));
  const Row* row = row_of(e.codec);
  const AVCodec* codec = row ? avcodec_find_encoder_by_name(row->encoder) : nullptr;
  if (!codec) return ffmpeg_failed(doing, AVERROR_ENCODER_NOT_FOUND);
  if (e.width < 1 || e.height < 1 || std::int64_t{e.width} * e.height > kMaxPixels)
    return fail(Errc::unsupported_format,
                fmt::format("{}: pictures of {}x{}", doing, e.width, e.height));
  context_.reset(avcodec_alloc_context3(codec));
  parameters_.reset(avcodec_parameters_alloc());
  packet_.reset(av_packet_alloc());
  if (!context_ || !parameters_ || !packet_) return ffmpeg_failed(doing, AVERROR(ENOMEM));

  const double fps = e.fps > 0 ? e.fps : kUsualFps;
  const bool jpeg = e.codec == AV_CODEC_ID_MJPEG;
  AVCodecContext& c = *context_;
  c.pix_fmt = pixel_format_of(e);
  if (!takes_pixel_format(*context_, *codec, c.pix_fmt))
    return fail(Errc::unsupported_format,
                fmt::format("{}: {} takes no {} here", doing, row->encoder,
                            av_get_pix_fmt_name(c.pix_fmt)));
  const AVPixFmtDescriptor& samples = *av_pix_fmt_desc_get(c.pix_fmt);
  const int across = (1 << samples.log2_chroma_w) - 1, down = (1 << samples.log2_chroma_h) - 1;
  c.width = row->even_sides ? (e.width + across) & ~across : e.width;
  c.height = row->even_sides ? (e.height + down) & ~down : e.height;
  c.color_range = jpeg || e.image ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  c.colorspace = jpeg ? AVCOL_SPC_BT470BG : AVCOL_SPC_BT709;
  c.color_primaries = AVCOL_PRI_BT709;
  c.color_trc = e.image ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709;
  c.sample_aspect_ratio = {1, 1};
  c.framerate = counts_frames(e.codec) ? mpeg1_rate(fps) : av_d2q(fps, 1'001'000);
  c.time_base = counts_frames(e.codec) ? av_inv_q(c.framerate) : kMicroseconds;
  // libvpx and libaom take it for the picture's duration, which begins their rate control.
  if (!counts_frames(e.codec)) set_picture_ticks(c, static_cast<int>(std::lround(1e6 / fps)));
  c.gop_size = std::max(1, static_cast<int>(std::ceil(fps * e.keyframe_ms / 1000)));
  c.max_b_frames = e.codec == AV_CODEC_ID_H264 && !e.live && !e.in_order ? 2 : 0;
  c.thread_count = std::clamp(e.threads, 1, kMaxThreads);
  c.thread_type = FF_THREAD_SLICE;  // threads that share a picture: none is held back for them
  c.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (e.live && counts_frames(e.codec)) {  // else it holds a picture back, for B frames to come
    c.flags |= AV_CODEC_FLAG_LOW_DELAY;
    c.strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
  }
  Options options;
  const auto& chosen = e.live                       ? row->live
                       : !e.in_order                ? row->thorough
                       : e.effort == Effort::little ? row->in_order
                                                    : row->hasty;
  for (std::size_t i = 0; i + 1 < chosen.size() && chosen[i]; i += 2)
    options.set(chosen[i], chosen[i + 1]);
  if (e.codec == AV_CODEC_ID_H264) options.set("forced-idr", 1);
  if (e.codec == AV_CODEC_ID_PRORES)
    options.set("profile", samples.log2_chroma_w == 0 ? "4444" : "hq");
  if (e.lossless)
    set_lossless(e.codec, options);
  else
    set_rate(e, *row, fps, c, options);
  if (const int failed = avcodec_open2(&c, codec, options.get()); failed < 0)
    return ffmpeg_failed(doing, failed);
  if (const int failed = avcodec_parameters_from_context(parameters_.get(), &c); failed < 0)
    return ffmpeg_failed(doing, failed);
  parameters_->format = c.pix_fmt;
  return {};
}

Result<void> VideoEncoder::encode(AVFrame* picture, const Take& take) {
  RETURN_IF_ERROR(send(picture));
  while (true) {
    const int failed = avcodec_receive_packet(context_.get(), packet_.get());
    if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return {};
    if (failed < 0)
      return ffmpeg_failed(fmt::format("encoding {}", avcodec_get_name(encoding_.codec)), failed);
    finish(*packet_);
    auto taken = take(*packet_);
    av_packet_unref(packet_.get());
    if (!taken) return taken;
  }
}

Result<void> VideoEncoder::send(AVFrame* picture) {
  const auto doing = fmt::format("encoding {}", avcodec_get_name(encoding_.codec));
  if (!picture) {
    const int failed = avcodec_send_frame(context_.get(), nullptr);
    if (failed < 0 && failed != AVERROR_EOF) return ffmpeg_failed(doing, failed);
    return {};
  }
  if (last_pts_us_ != AV_NOPTS_VALUE) picture->pts = std::max(picture->pts, last_pts_us_ + 1);
  const std::int64_t pts_us = last_pts_us_ = picture->pts;
  // By the clock: at a rate that varies, a number of frames is no time.
  const bool key = std::exchange(wants_key_, false) || last_key_us_ == AV_NOPTS_VALUE ||
                   pts_us - last_key_us_ >= std::int64_t{encoding_.keyframe_ms} * 1000;
  picture->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  if (key) last_key_us_ = pts_us;
  picture->quality = context_->global_quality;
  if (counts_frames(encoding_.codec)) {
    const std::int64_t ticks = av_rescale_q(pts_us, kMicroseconds, context_->time_base);
    picture->pts = last_ticks_ == AV_NOPTS_VALUE ? ticks : std::max(ticks, last_ticks_ + 1);
    last_ticks_ = picture->pts;
    times_us_.push_back(pts_us);
  }
  const int failed = avcodec_send_frame(context_.get(), picture);
  picture->pts = pts_us;
  if (failed < 0) return ffmpeg_failed(doing, failed);
  return {};
}

// Times and a duration.
void VideoEncoder::finish(AVPacket& packet) {
  if (counts_frames(encoding_.codec) && !times_us_.empty()) {  // no B frames: in their order
    packet.pts = packet.dts = times_us_.front();
    times_us_.pop_front();
  }
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts;
  if (last_dts_us_ != AV_NOPTS_VALUE) {
    packet.dts = std::max(packet.dts, last_dts_us_ + 1);
    lasts_us_ = pace_.duration_us(packet.dts - last_dts_us_);
  }
  last_dts_us_ = packet.dts;
  const double fps = encoding_.fps > 0 ? encoding_.fps : kUsualFps;
  const bool known = encoding_.fps <= 0 && lasts_us_ > 0;
  packet.duration = known ? std::min(lasts_us_, kLongestFrameUs) : std::llround(1e6 / fps);
  packet.stream_index = 0;
}

}  // namespace framewire::codec
