#include "codec/child/containers/muxer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/h264_sets.h"
#include "codec/child/containers/matroska_pose.h"
#include "codec/child/containers/mp4_fragment.h"
#include "codec/child/containers/packets_writer.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kFlvFileHeader = 13;  // with the size of the tag before the first

constexpr unsigned kTableVersions = 32;
// Of sound whose ticks are fine enough for pictures, too: 62 us. Sound may join later: 48 kHz is
// likely.
constexpr int kFineRate = 16'000;
constexpr int kUsualRate = 48'000;

// shaka-player reads the time of whatever comes first in the ticks of the first track.
std::int64_t common_timescale(std::span<const AVCodecParameters* const> tracks) {
  const auto sound = std::find_if(tracks.begin(), tracks.end(), [](const auto* track) {
    return track->codec_type == AVMEDIA_TYPE_AUDIO;
  });
  return sound != tracks.end() && (*sound)->sample_rate >= kFineRate ? (*sound)->sample_rate
                                                                     : kUsualRate;
}

// Of MP4, whichever there are: who reads on over a new beginning (FFmpeg) knows what goes on.
constexpr int kPicturesId = 1;
constexpr int kSoundId = 2;

void set_options(Format format, unsigned before, Options& options) {
  switch (format) {
    case Format::mp4:
      // For ftyp and moov: the fragments are ours.
      options.set("movflags", "frag_custom+empty_moov+default_base_moof")
          .set("use_editlist", std::int64_t{0})
          .set("use_stream_ids_as_track_ids", std::int64_t{1});
      break;
    case Format::mpegts:
      // Times as they are; no sound held back to fill packets.
      options.set("mpegts_copyts", 1).set("pes_payload_size", std::int64_t{0});
      // What was written before, here or by a process that is gone, does not go on.
      options.set("mpegts_flags", "initial_discontinuity");
      options.set("tables_version", std::int64_t{before % kTableVersions});
      break;
    case Format::flv:
      options.set("flvflags", "no_duration_filesize+no_sequence_end");
      break;
    case Format::webm:
      options.set("live", 1);
      break;
    default:
      break;
  }
}

}  // namespace

Result<std::unique_ptr<Muxer>> Muxer::open(const Output& output,
                                           std::span<const AVCodecParameters* const> tracks,
                                           WriteBytes write, unsigned before,
                                           std::span<const Shape> shapes) {
  std::unique_ptr<Muxer> muxer{new Muxer{output, std::move(write)}};
  RETURN_IF_ERROR(muxer->start(tracks, before, shapes));
  return muxer;
}

Result<void> Muxer::start(std::span<const AVCodecParameters* const> tracks, unsigned before,
                          std::span<const Shape> shapes) {
  const auto doing = fmt::format("writing {}", output_.name);
  if (output_.format == Format::packets) return start_packets(tracks);
  io_ = stream_writer(filtered_);
  AVFormatContext* context = nullptr;
  if (const int failed =
          avformat_alloc_output_context2(&context, nullptr, muxer_of(output_), nullptr);
      failed < 0)
    return ffmpeg_failed(doing, failed);
  context_.reset(context);
  if (!io_) return ffmpeg_failed(doing, AVERROR(ENOMEM));
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  context->max_delay = 0;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const AVCodecParameters* track = tracks[i];
    AVStream* stream = avformat_new_stream(context, nullptr);
    if (!stream) return ffmpeg_failed(doing, AVERROR(ENOMEM));
    if (const int failed = avcodec_parameters_copy(stream->codecpar, track); failed < 0)
      return ffmpeg_failed(doing, failed);
    stream->codecpar->codec_tag = 0;
    if (output_.format == Format::mp4)
      stream->id = track->codec_type == AVMEDIA_TYPE_AUDIO ? kSoundId : kPicturesId;
    if (output_.format == Format::mp4 && is_experiment_in_mp4(track->codec_id))
      context->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    if (i < shapes.size() && track->codec_type == AVMEDIA_TYPE_VIDEO)
      if (const int failed = shape_track(*stream, shapes[i]); failed < 0)
        return ffmpeg_failed(doing, failed);
    stream->codecpar->initial_padding = 0;  // as a CodecDelay it would shift the sound
    stream->time_base = track->codec_type == AVMEDIA_TYPE_AUDIO && track->sample_rate > 0
                            ? AVRational{1, track->sample_rate}
                            : AVRational{1, 90'000};
  }
  last_dts_.assign(tracks.size(), -1);
  if (before > 0 && output_.format == Format::flv) left_out_ = kFlvFileHeader;
  Options options;
  set_options(output_.format, before, options);
  if (output_.format == Format::mp4) options.set("video_track_timescale", common_timescale(tracks));
  if (const int failed = avformat_write_header(context, options.get()); failed < 0)
    return ffmpeg_failed(doing, failed);
  avio_flush(context->pb);
  if (!posed_header_) return {};
  Buffer header = *std::exchange(posed_header_, std::nullopt);
  flatten_matroska_pose(header);
  return wrote(pass_on(header));
}

int Muxer::shape_track(AVStream& stream, Shape shape) {
  int failed = 0;
  if (shape.matrix && output_.format == Format::webm) {
    failed = set_matroska_pose(stream, shape);
    posed_header_.emplace();
    shape.matrix.reset();
  }
  return failed < 0 ? failed : set_shape(stream, shape);
}

Result<void> Muxer::start_packets(std::span<const AVCodecParameters* const> tracks) {
  ASSIGN_OR_RETURN(const auto header, packets_header(tracks));
  tracks_.assign(tracks.begin(), tracks.end());
  return wrote(write_(header));
}

Result<void> Muxer::wrote(int failed) const {
  if (failed < 0) return ffmpeg_failed(fmt::format("writing {}", output_.name), failed);
  return {};
}

int Muxer::pass_on(Bytes bytes) {
  if (posed_header_) {
    append(*posed_header_, bytes);
    return 0;
  }
  const std::size_t out = std::min(left_out_, bytes.size());
  left_out_ -= out;
  return bytes.size() == out ? 0 : write_(bytes.subspan(out));
}

int Muxer::write_fragment(const AVPacket& packet) {
  const auto track = static_cast<std::size_t>(packet.stream_index);
  const AVCodecParameters& parameters = *context_->streams[track]->codecpar;
  const Bytes data = std::as_bytes(std::span{packet.data, static_cast<std::size_t>(packet.size)});
  const std::int64_t dts = std::max(packet.dts, last_dts_[track] + 1);
  last_dts_[track] = dts;
  Mp4Sample sample;
  sample.fragment = ++fragments_;
  sample.track = static_cast<std::uint32_t>(context_->streams[track]->id);
  sample.sync =
      parameters.codec_type != AVMEDIA_TYPE_VIDEO || (packet.flags & AV_PKT_FLAG_KEY) != 0;
  sample.dts = dts;
  sample.composition_offset = static_cast<std::int32_t>(std::max(packet.pts, dts) - dts);
  sample.duration = static_cast<std::uint32_t>(std::max<std::int64_t>(packet.duration, 1));
  return parameters.codec_id == AV_CODEC_ID_H264
             ? write_(mp4_fragment(sample, h264_length_prefixed(data, H264Sets::kept)))
             : write_(mp4_fragment(sample, data));
}

Result<void> Muxer::write(AVPacket& packet, std::size_t track) {
  if (output_.format == Format::packets)
    return wrote(write_(packets_packet(*tracks_[track], track, packet)));
  packet.stream_index = static_cast<int>(track);
  av_packet_rescale_ts(&packet, kMicroseconds, context_->streams[track]->time_base);
  packet.pos = -1;
  int failed = 0;
  if (output_.format == Format::mp4) return wrote(write_fragment(packet));
  failed = av_write_frame(context_.get(), &packet);
  // The cluster or whatever the packet stands in ends with it.
  if (failed >= 0) failed = av_write_frame(context_.get(), nullptr);
  avio_flush(context_->pb);
  if (failed >= 0) failed = context_->pb->error;
  return wrote(failed);
}

Result<void> Muxer::finish() {
  if (output_.format != Format::webm) return {};
  const int failed = av_write_trailer(context_.get());
  avio_flush(context_->pb);
  return wrote(failed);
}

}  // namespace framewire::codec
