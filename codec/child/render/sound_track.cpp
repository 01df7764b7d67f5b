#include "codec/child/render/sound_track.h"

#include <algorithm>

#include "codec/child/av/ffmpeg_error.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr int kSoundRate = 48'000;
constexpr int kSoundChannels = 2;
constexpr int kSoundKbps = 192;
// What people keep sound in. Nothing that names other files.
constexpr const char* kSoundContainers =
    "wav,w64,aiff,caf,au,mp3,flac,ogg,aac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wv,ac3,eac3,mpegts";

}  // namespace

Result<std::unique_ptr<SoundTrack>> SoundTrack::open(int fd, AVCodecID codec, std::int64_t end_us) {
  std::unique_ptr<SoundTrack> track{new SoundTrack(fd, end_us)};
  RETURN_IF_ERROR(track->open_input());
  AudioEncoding encoding;
  encoding.codec = codec;
  encoding.sample_rate = kSoundRate;
  encoding.channels = std::min(kSoundChannels, track->stream_->codecpar->ch_layout.nb_channels);
  encoding.channels = std::max(encoding.channels, 1);
  encoding.kbps = kSoundKbps;
  encoding.keeps_start = true;
  ASSIGN_OR_RETURN(track->encoder_, AudioEncoder::open(encoding));
  return track;
}

Result<void> SoundTrack::open_input() {
  constexpr const char* kDoing = "reading the sound";
  io_ = FileIo::reader(file_);
  packet_.reset(av_packet_alloc());
  frame_.reset(av_frame_alloc());
  AVFormatContext* context = avformat_alloc_context();
  if (!io_ || !packet_ || !frame_ || !context) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  Options options;
  options.set("format_whitelist", kSoundContainers).set("protocol_whitelist", "none");
  // It frees the context if it fails.
  if (const int failed = avformat_open_input(&context, "", nullptr, options.get()); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  input_.reset(context);
  if (const int failed = avformat_find_stream_info(context, nullptr); failed < 0)
    return ffmpeg_failed(kDoing, failed);
  const AVCodec* codec = nullptr;
  const int best = av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
  if (best < 0 || !codec) return fail(Errc::malformed_media, "there is no sound in it");
  stream_ = context->streams[best];
  for (unsigned i = 0; i < context->nb_streams; ++i)
    if (static_cast<int>(i) != best) context->streams[i]->discard = AVDISCARD_ALL;
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_) return ffmpeg_failed(kDoing, AVERROR(ENOMEM));
  int failed = avcodec_parameters_to_context(decoder_.get(), stream_->codecpar);
  decoder_->pkt_timebase = stream_->time_base;
  if (failed >= 0) failed = avcodec_open2(decoder_.get(), codec, nullptr);
  if (failed < 0) return ffmpeg_failed(kDoing, failed);
  return {};
}

Result<void> SoundTrack::read(std::int64_t to_us, const Take& take) {
  while (!over_ && came_us_ < std::min(to_us, end_us_)) {
    const int failed = av_read_frame(input_.get(), packet_.get());
    if (failed < 0) {  // its end, or where it breaks off
      RETURN_IF_ERROR(decode(nullptr, take));
      over_ = true;
      break;
    }
    const bool ours = packet_->stream_index == stream_->index;
    auto decoded = ours ? decode(packet_.get(), take) : Result<void>{};
    av_packet_unref(packet_.get());
    RETURN_IF_ERROR(decoded);
  }
  if ((over_ || came_us_ >= end_us_) && encoder_ && to_us >= end_us_) {
    if (!decoded_) return fail(Errc::malformed_media, "none of it can be decoded");
    RETURN_IF_ERROR(encoder_->encode(nullptr, take));
    encoder_.reset();
    over_ = true;
  }
  return {};
}

// A packet that does not decode is a hole.
Result<void> SoundTrack::decode(const AVPacket* packet, const Take& take) {
  (void)avcodec_send_packet(decoder_.get(), packet);
  while (avcodec_receive_frame(decoder_.get(), frame_.get()) >= 0) {
    auto encoded = encode(*frame_, take);
    av_frame_unref(frame_.get());
    RETURN_IF_ERROR(encoded);
  }
  return {};
}

Result<void> SoundTrack::encode(AVFrame& frame, const Take& take) {
  if (frame.sample_rate <= 0) return {};
  const std::int64_t pts = frame.best_effort_timestamp;
  const std::int64_t begin =
      input_->start_time == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(input_->start_time, 0);
  frame.pts = pts == AV_NOPTS_VALUE ? came_us_
                                    : av_rescale_q(pts, stream_->time_base, kMicroseconds) - begin;
  const std::int64_t room =
      av_rescale(std::max<std::int64_t>(end_us_ - frame.pts, 0), frame.sample_rate, 1'000'000);
  frame.nb_samples = static_cast<int>(std::min<std::int64_t>(frame.nb_samples, room));
  came_us_ = frame.pts + av_rescale(frame.nb_samples, 1'000'000, frame.sample_rate);
  if (frame.nb_samples == 0) {
    came_us_ = std::max(came_us_, end_us_);
    return {};
  }
  decoded_ = true;
  return encoder_->encode(&frame, take);
}

}  // namespace framewire::codec
