#include "codec/child/containers/packet_normalizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/h264_sets.h"
#include "ingest/base/try.h"
#include "ingest/codecs/aac.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/codecs/h264_sps.h"

namespace framewire::codec {
namespace {

Bytes view(const std::uint8_t* data, int size) {
  return std::as_bytes(std::span{data, static_cast<std::size_t>(std::max(size, 0))});
}

// A muxer behind would take it for the form of all packets that follow; who needs one opens
// another.
void leave_out_extradata(AVPacket& packet) {
  for (int i = 0; i < packet.side_data_elems; ++i) {
    AVPacketSideData& data = packet.side_data[i];
    if (data.type != AV_PKT_DATA_NEW_EXTRADATA) continue;
    av_freep(&data.data);
    data = packet.side_data[--packet.side_data_elems];
    return;
  }
}

// Zero bytes may stand before a start code (ITU-T H.264, B.1.1); FFmpeg's muxers take none.
void leave_out_zeros(AVPacket& packet) {
  while (packet.size > 4 &&
         std::all_of(packet.data, packet.data + 4, [](auto b) { return b == 0; })) {
    ++packet.data;
    --packet.size;
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

Result<std::unique_ptr<PacketNormalizer>> PacketNormalizer::open(const AVStream& stream) {
  std::unique_ptr<PacketNormalizer> track{new PacketNormalizer};
  track->parameters_.reset(avcodec_parameters_alloc());
  if (!track->parameters_) return ffmpeg_failed("a track", AVERROR(ENOMEM));
  if (const int failed = avcodec_parameters_copy(track->parameters_.get(), stream.codecpar);
      failed < 0)
    return ffmpeg_failed("a track", failed);
  track->shape_ = shape_of(stream);
  track->came_.reset(avcodec_parameters_alloc());
  if (!track->came_) return ffmpeg_failed("a track", AVERROR(ENOMEM));
  if (const int failed = avcodec_parameters_copy(track->came_.get(), stream.codecpar); failed < 0)
    return ffmpeg_failed("a track", failed);
  RETURN_IF_ERROR(track->open_filter());
  return opened(std::move(track));
}

Result<void> PacketNormalizer::open_filter() {
  const char* name = filter_for(*came_);
  if (!name) return {};
  AVBSFContext* filter = nullptr;
  int failed = av_bsf_alloc(av_bsf_get_by_name(name), &filter);
  filter_.reset(filter);
  if (failed >= 0) failed = avcodec_parameters_copy(filter->par_in, came_.get());
  if (failed >= 0) {
    filter->time_base_in = {1, 1'000'000};
    failed = av_bsf_init(filter);
  }
  if (failed >= 0) failed = avcodec_parameters_copy(parameters_.get(), filter->par_out);
  if (failed < 0) return ffmpeg_failed(name, failed);
  return {};
}

// Parameter sets as learn() writes them: else the first ones in the packets would look like others.
Result<std::unique_ptr<PacketNormalizer>> PacketNormalizer::opened(
    std::unique_ptr<PacketNormalizer> track) {
  const AVCodecParameters& known = *track->parameters_;
  if (known.codec_id != AV_CODEC_ID_H264) return track;
  const Buffer sets = h264_parameter_sets(view(known.extradata, known.extradata_size));
  if (sets.empty()) return track;
  RETURN_IF_ERROR(track->set_extradata(sets));
  return track;
}

bool PacketNormalizer::ready() const {
  const AVCodecParameters& known = *parameters_;
  if (known.codec_type == AVMEDIA_TYPE_AUDIO && known.sample_rate <= 0) return false;
  switch (known.codec_id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_AAC:
      return known.extradata_size > 0;
    default:
      return true;
  }
}

Result<bool> PacketNormalizer::normalize(AVPacket& packet) {
  changed_ = false;
  if (filter_ && !is_video()) RETURN_IF_ERROR(follow_sound(packet));
  if (auto filtered = filter(packet); !filtered || !*filtered) return filtered;
  if (packet.size == 0) return false;
  RETURN_IF_ERROR(learn(packet));
  if (parameters_->codec_id == AV_CODEC_ID_H264) {
    leave_out_extradata(packet);
    leave_out_zeros(packet);
  }
  return true;
}

Result<bool> PacketNormalizer::filter(AVPacket& packet) {
  if (!filter_) return true;
  int failed = av_bsf_send_packet(filter_.get(), &packet);
  if (failed >= 0) failed = av_bsf_receive_packet(filter_.get(), &packet);
  if (failed == AVERROR(EAGAIN)) return false;
  // A damaged sound is one packet less; a picture's group would not decode.
  if (failed == AVERROR_INVALIDDATA && !is_video()) return false;
  if (failed < 0) return ffmpeg_failed("a packet", failed);
  return true;
}

// The filter takes the first ADTS header for all.
Result<void> PacketNormalizer::follow_sound(const AVPacket& packet) {
  const auto header = read_adts_header(view(packet.data, packet.size));
  if (!header) return {};
  const auto form = [](const AacConfig& c) { return std::tie(c.codec, c.sample_rate, c.channels); };
  const std::optional<AacConfig> before = std::exchange(adts_, header);
  if (!before || form(*before) == form(*header)) return {};
  changed_ = parameters_->extradata_size > 0;
  RETURN_IF_ERROR(open_filter());
  RETURN_IF_ERROR(set_extradata({}));
  parameters_->sample_rate = 0;
  return {};
}

// Extradata that comes with the packets.
Result<void> PacketNormalizer::learn(const AVPacket& packet) {
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
    if (told) RETURN_IF_ERROR(set_extradata(view(told, static_cast<int>(size))));
  }
  if (!is_video() && parameters_->sample_rate <= 0) read_sound(packet);
  return {};
}

// Rate and channels, where the container did not tell.
void PacketNormalizer::read_sound(const AVPacket& packet) {
  int rate = 0, channels = 0;
  if (parameters_->codec_id == AV_CODEC_ID_AAC) {
    const auto config =
        read_audio_specific_config(view(parameters_->extradata, parameters_->extradata_size));
    if (!config) return;
    rate = static_cast<int>(config->sample_rate);
    channels = static_cast<int>(config->channels);
  } else {
    const auto [parser, context] = parse(packet);
    if (!parser || !context) return;
    rate = context->sample_rate;
    channels = context->ch_layout.nb_channels;
  }
  if (rate <= 0) return;
  parameters_->sample_rate = rate;
  if (channels > 0) av_channel_layout_default(&parameters_->ch_layout, channels);
}

// The size that the packet's parameter sets tell.
void PacketNormalizer::read_size(const AVPacket& packet) {
  const auto [parser, context] = parse(packet);
  if (!parser || parser->width <= 0 || parser->height <= 0) return;
  parameters_->width = parser->width;
  parameters_->height = parser->height;
}

// A parser that has seen the packet, and what it tells of it.
std::pair<ParserHandle, CodecHandle> PacketNormalizer::parse(const AVPacket& packet) const {
  ParserHandle parser{av_parser_init(parameters_->codec_id)};
  CodecHandle context{avcodec_alloc_context3(nullptr)};
  if (!parser || !context) return {};
  parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  std::uint8_t* out = nullptr;
  int size = 0;
  av_parser_parse2(parser.get(), context.get(), &out, &size, packet.data, packet.size,
                   AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
  return {std::move(parser), std::move(context)};
}

Result<void> PacketNormalizer::set_extradata(Bytes bytes) {
  av_freep(&parameters_->extradata);
  parameters_->extradata_size = 0;
  auto* data = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!data) return ffmpeg_failed("a track", AVERROR(ENOMEM));
  std::memcpy(data, bytes.data(), bytes.size());
  parameters_->extradata = data;
  parameters_->extradata_size = static_cast<int>(bytes.size());
  return {};
}

}  // namespace framewire::codec
