#include "codec/child/track.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "codec/child/ffmpeg_error.h"
#include "codec/child/h264_sets.h"

namespace framewire::codec {
namespace {

constexpr AVRational kMicroseconds = {1, 1'000'000};
constexpr std::int64_t kUnknownFrameUs = 33'333;  // the first one's, if nothing tells
constexpr std::int64_t kLongestFrameUs = 10'000'000;
constexpr int kAacFrameSamples = 1024;

Bytes view(const std::uint8_t* data, int size) {
  return std::as_bytes(std::span{data, static_cast<std::size_t>(std::max(size, 0))});
}

// RFC 6716, section 3.1: 0 for what is no Opus packet.
std::int64_t opus_duration_us(Bytes packet) {
  if (packet.empty()) return 0;
  const unsigned toc = std::to_integer<unsigned>(packet[0]);
  const unsigned config = toc >> 3;
  std::int64_t frame_us = 0;
  if (config < 12) {
    constexpr std::int64_t kSilk[] = {10'000, 20'000, 40'000, 60'000};
    frame_us = kSilk[config & 3];
  } else if (config < 16) {
    frame_us = (config & 1) ? 20'000 : 10'000;
  } else {
    frame_us = 2'500 << (config & 3);
  }
  switch (toc & 3) {
    case 0:
      return frame_us;
    case 3:
      return packet.size() < 2 ? 0 : frame_us * (std::to_integer<unsigned>(packet[1]) & 0x3f);
    default:
      return 2 * frame_us;
  }
}

// The bitstream filter that a stream needs, if any.
const char* filter_for(const AVCodecParameters& track) {
  if (track.codec_id == AV_CODEC_ID_H264 && track.extradata_size > 0 && track.extradata[0] == 1)
    return "h264_mp4toannexb";
  if (track.codec_id == AV_CODEC_ID_AAC && track.extradata_size == 0) return "aac_adtstoasc";
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<Track>> Track::open(const AVStream& stream) {
  std::unique_ptr<Track> track{new Track};
  track->time_base_ = stream.time_base;
  track->parameters_.reset(avcodec_parameters_alloc());
  if (!track->parameters_) return ffmpeg_failed("a track", AVERROR(ENOMEM));
  if (const int failed = avcodec_parameters_copy(track->parameters_.get(), stream.codecpar);
      failed < 0)
    return ffmpeg_failed("a track", failed);
  const char* name = filter_for(*stream.codecpar);
  if (!name) return normalised(std::move(track));

  AVBSFContext* filter = nullptr;
  int failed = av_bsf_alloc(av_bsf_get_by_name(name), &filter);
  track->filter_.reset(filter);
  if (failed >= 0) failed = avcodec_parameters_copy(filter->par_in, stream.codecpar);
  if (failed >= 0) {
    filter->time_base_in = stream.time_base;
    failed = av_bsf_init(filter);
  }
  if (failed >= 0) failed = avcodec_parameters_copy(track->parameters_.get(), filter->par_out);
  if (failed < 0) return ffmpeg_failed(name, failed);
  return normalised(std::move(track));
}

// Parameter sets as learn() writes them: else the first ones in the packets would look like others.
Result<std::unique_ptr<Track>> Track::normalised(std::unique_ptr<Track> track) {
  const AVCodecParameters& known = *track->parameters_;
  if (known.codec_id != AV_CODEC_ID_H264) return track;
  const Buffer sets = h264_parameter_sets(view(known.extradata, known.extradata_size));
  if (sets.empty()) return track;
  if (auto set = track->set_extradata(sets); !set) return tl::make_unexpected(set.error());
  return track;
}

bool Track::ready() const {
  switch (parameters_->codec_id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_AAC:
      return parameters_->extradata_size > 0;
    default:
      return true;
  }
}

Result<bool> Track::mend(AVPacket& packet) {
  changed_ = false;
  if (auto filtered = filter(packet); !filtered || !*filtered) return filtered;
  if (packet.size == 0) return false;
  if (auto learnt = learn(packet); !learnt) return tl::make_unexpected(learnt.error());
  return set_times(packet);
}

Result<bool> Track::filter(AVPacket& packet) {
  if (!filter_) return true;
  int failed = av_bsf_send_packet(filter_.get(), &packet);
  if (failed >= 0) failed = av_bsf_receive_packet(filter_.get(), &packet);
  if (failed == AVERROR(EAGAIN)) return false;
  if (failed < 0) return ffmpeg_failed("a packet", failed);
  return true;
}

// Extradata that comes with the packets.
Result<void> Track::learn(const AVPacket& packet) {
  if (parameters_->codec_id == AV_CODEC_ID_H264 && (packet.flags & AV_PKT_FLAG_KEY)) {
    const Buffer sets = h264_parameter_sets(view(packet.data, packet.size));
    const Bytes known = view(parameters_->extradata, parameters_->extradata_size);
    if (sets.empty() || std::equal(sets.begin(), sets.end(), known.begin(), known.end())) return {};
    changed_ = parameters_->extradata_size > 0;
    read_size(packet);
    return set_extradata(sets);
  }
  if (parameters_->codec_id == AV_CODEC_ID_AAC && parameters_->extradata_size == 0) {
    std::size_t size = 0;
    const std::uint8_t* told = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
    if (told) return set_extradata(view(told, static_cast<int>(size)));
  }
  return {};
}

// The size that the packet's parameter sets tell.
void Track::read_size(const AVPacket& packet) {
  const ParserHandle parser{av_parser_init(parameters_->codec_id)};
  const CodecHandle context{avcodec_alloc_context3(nullptr)};
  if (!parser || !context) return;
  parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  std::uint8_t* out = nullptr;
  int size = 0;
  av_parser_parse2(parser.get(), context.get(), &out, &size, packet.data, packet.size,
                   AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
  if (parser->width <= 0 || parser->height <= 0) return;
  parameters_->width = parser->width;
  parameters_->height = parser->height;
}

Result<void> Track::set_extradata(Bytes bytes) {
  av_freep(&parameters_->extradata);
  parameters_->extradata_size = 0;
  auto* data = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!data) return ffmpeg_failed("a track", AVERROR(ENOMEM));
  std::memcpy(data, bytes.data(), bytes.size());
  parameters_->extradata = data;
  parameters_->extradata_size = static_cast<int>(bytes.size());
  return {};
}

// False: a packet without any time, which nobody can place.
bool Track::set_times(AVPacket& packet) {
  av_packet_rescale_ts(&packet, time_base_, kMicroseconds);
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts;
  // Of several frames in one PES only the first has a time.
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = next_dts_us_;
  if (packet.dts == AV_NOPTS_VALUE) return false;
  if (packet.pts == AV_NOPTS_VALUE) packet.pts = packet.dts;
  if (last_dts_us_ != AV_NOPTS_VALUE) {
    // A clock that jumps back would never be caught up with; one that stumbles is.
    if (packet.dts <= last_dts_us_) packet.dts = last_dts_us_ + 1;
    last_delta_us_ = packet.dts - last_dts_us_;
  }
  packet.pts = std::max(packet.pts, packet.dts);
  packet.duration = std::clamp<std::int64_t>(duration_us(packet), 1, kLongestFrameUs);
  last_dts_us_ = packet.dts;
  next_dts_us_ = packet.dts + packet.duration;
  return true;
}

std::int64_t Track::duration_us(const AVPacket& packet) const {
  if (parameters_->codec_id == AV_CODEC_ID_OPUS)
    if (const auto us = opus_duration_us(view(packet.data, packet.size)); us > 0) return us;
  if (parameters_->codec_id == AV_CODEC_ID_AAC && parameters_->sample_rate > 0)
    return av_rescale(kAacFrameSamples, kMicroseconds.den, parameters_->sample_rate);
  // One tick is a parser's guess of pictures whose container names no rate (Chromium's H.264 in
  // Matroska). Behind so short a frame MSE takes the next one for a new beginning, and drops all up
  // to a keyframe.
  const bool guessed = is_video() && packet.duration <= av_rescale_q(1, time_base_, kMicroseconds);
  if (packet.duration > 0 && !guessed) return packet.duration;
  return last_delta_us_ > 0 ? last_delta_us_ : kUnknownFrameUs;
}

}  // namespace framewire::codec
