#include "codec/child/capture/frame_film.h"

#include <fmt/format.h>

#include <thread>
#include <utility>
#include <vector>

#include "codec/child/av/ffmpeg_error.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr int kKeyframeMs = 2'000;

AVCodecID codec_of(const std::string& name) {
  if (name == "vp8") return AV_CODEC_ID_VP8;
  if (name == "vp9") return AV_CODEC_ID_VP9;
  if (name == "av1") return AV_CODEC_ID_AV1;
  return AV_CODEC_ID_H264;
}

int quality_of(const std::string& name) {
  if (name == "draft") return 45;
  if (name == "good") return 75;
  return 100;
}

// How close a picture comes is the quality's; what an encoder saves by looking longer is bytes.
Effort effort_of(const std::string& quality) {
  return quality == "draft" ? Effort::least : Effort::little;
}

}  // namespace

FrameFilm::FrameFilm(const CaptureSpec& spec, WriteBytes write, Written written)
    : spec_(spec),
      write_(std::move(write)),
      written_(std::move(written)),
      added_(spec.written_frames) {}

Result<std::unique_ptr<CaptureFilm>> FrameFilm::open(const CaptureSpec& spec,
                                                     std::optional<PacketKind> planes,
                                                     WriteBytes write, Written written) {
  std::unique_ptr<FrameFilm> film{new FrameFilm(spec, std::move(write), std::move(written))};
  VideoEncoding encoding;
  encoding.codec = codec_of(spec.codec);
  encoding.width = static_cast<int>(spec.width);
  encoding.height = static_cast<int>(spec.height);
  encoding.fps = spec.fps;
  encoding.alpha = spec.alpha;
  encoding.live = false;
  encoding.in_order = true;
  encoding.effort = effort_of(spec.quality);
  encoding.lossless = spec.quality == "lossless";
  encoding.quality = quality_of(spec.quality);
  encoding.keyframe_ms = kKeyframeMs;
  encoding.threads = static_cast<int>(std::thread::hardware_concurrency());
  ASSIGN_OR_RETURN(film->encoder_, VideoEncoder::open(encoding));
  film->converter_ = std::make_unique<PictureConverter>(film->encoder_->form());
  ASSIGN_OR_RETURN(auto decoder,
                   PictureDecoder::open({.format = spec.format,
                                         .width = static_cast<int>(spec.width),
                                         .height = static_cast<int>(spec.height),
                                         .fps = spec.fps,
                                         .i420 = planes.has_value(),
                                         .packed = planes == PacketKind::packed_i420}));
  film->decoder_.emplace(std::move(decoder));
  if (spec.audio) RETURN_IF_ERROR(film->describe_sound());
  RETURN_IF_ERROR(film->open_muxer());
  return film;
}

Result<void> FrameFilm::describe_sound() {
  sound_.reset(avcodec_parameters_alloc());
  if (!sound_) return ffmpeg_failed("describing the sound", AVERROR(ENOMEM));
  sound_->codec_type = AVMEDIA_TYPE_AUDIO;
  sound_->codec_id = spec_.audio.codec == "pcm-f32" ? AV_CODEC_ID_PCM_F32LE : AV_CODEC_ID_PCM_S16LE;
  sound_->sample_rate = static_cast<int>(spec_.audio.sample_rate);
  av_channel_layout_default(&sound_->ch_layout, static_cast<int>(spec_.audio.channels));
  return {};
}

// A file that is continued has its head already.
Result<void> FrameFilm::open_muxer() {
  std::vector<const AVCodecParameters*> tracks{encoder_->parameters()};
  if (sound_) tracks.push_back(sound_.get());
  heading_ = true;
  auto muxer = Muxer::open(
      *output_named(sound_ ? "packets" : spec_.container), tracks,
      [this](Bytes bytes) { return heading_ && spec_.written_bytes > 0 ? 0 : write_(bytes); },
      /*before=*/0);
  heading_ = false;
  if (!muxer) return tl::make_unexpected(muxer.error());
  muxer_ = *std::move(muxer);
  return {};
}

Result<void> FrameFilm::add(Bytes frame, bool) {
  const std::uint64_t number = added_++;
  const auto picture = decoder_->decode(frame);
  if (!picture) return bad_frame(number, picture.error());
  if ((*picture)->width != static_cast<int>(spec_.width) ||
      (*picture)->height != static_cast<int>(spec_.height))
    return bad_frame(number, {Errc::malformed_media,
                              fmt::format("it is {}x{}", (*picture)->width, (*picture)->height)});
  ASSIGN_OR_RETURN(auto converted, converter_->convert(**picture));
  converted->pts = frame_time_us(number, spec_.fps);
  return encoder_->encode(converted, [this](AVPacket& packet) { return write(packet); });
}

tl::unexpected<Error> FrameFilm::bad_frame(std::uint64_t number, Error error) const {
  if (error.code == Errc::malformed_media)
    error.what = fmt::format("frame {} is no picture of {}x{}: {}", number, spec_.width,
                             spec_.height, error.what);
  return tl::make_unexpected(std::move(error));
}

Result<void> FrameFilm::write(AVPacket& packet) {
  RETURN_IF_ERROR(muxer_->write(packet, 0));
  written_({1, 0});
  return {};
}

Result<void> FrameFilm::add_sound(std::uint64_t first, Bytes samples) {
  const std::uint64_t count = samples.size() / spec_.audio.bytes();
  const PacketHandle packet{av_packet_alloc()};
  if (!packet) return ffmpeg_failed("writing the sound", AVERROR(ENOMEM));
  // It is written before this returns: nobody keeps it.
  packet->data = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(samples.data()));
  packet->size = static_cast<int>(samples.size());
  packet->flags = AV_PKT_FLAG_KEY;
  packet->pts = packet->dts = sample_time_us(first, spec_.audio);
  packet->duration = sample_time_us(first + count, spec_.audio) - packet->pts;
  RETURN_IF_ERROR(muxer_->write(*packet, 1));
  written_({0, count});
  return {};
}

Result<void> FrameFilm::finish() {
  return encoder_->encode(nullptr, [this](AVPacket& packet) { return write(packet); });
}

}  // namespace framewire::codec
