#include "codec/child/containers/packet_times.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/child/av/h264_sets.h"
#include "ingest/base/try.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/codecs/h264_sps.h"

namespace framewire::codec {
namespace {

constexpr std::int64_t kUnknownFrameUs = 33'333;  // the first one's, if nothing tells
constexpr std::int64_t kLongestFrameUs = 10'000'000;
constexpr int kAacFrameSamples = 1024;
constexpr std::int64_t kSameUs = 1'000;  // a tick of most containers
constexpr std::uint8_t kSps = 7;
// Times beyond it are none, and are not reckoned with.
constexpr std::int64_t kMostUs = std::int64_t{1} << 57;

Bytes view(const std::uint8_t* data, int size) {
  return std::as_bytes(std::span{data, static_cast<std::size_t>(std::max(size, 0))});
}

ClockWraps wraps_of(Format format) {
  if (format == Format::mpegts) return kMpegTsWraps;
  return format == Format::flv ? kFlvWraps : kNoWraps;
}

// RFC 6716 section 3.1, tables 2 to 4: the frame size by the configuration, then the frame count.
std::int64_t opus_packet_us(Bytes packet) {
  if (packet.empty()) return 0;
  const unsigned toc = std::to_integer<unsigned>(packet[0]);
  const unsigned configuration = toc >> 3;
  constexpr std::array<std::int64_t, 4> kSilk = {10'000, 20'000, 40'000, 60'000};
  constexpr std::array<std::int64_t, 4> kCelt = {2'500, 5'000, 10'000, 20'000};
  const std::size_t of_four = configuration & 3;
  const std::int64_t frame = configuration < 12   ? kSilk[of_four]
                             : configuration < 16 ? ((configuration & 1) ? 20'000 : 10'000)
                                                  : kCelt[of_four];
  switch (toc & 3) {
    case 0:
      return frame;
    case 3:
      return packet.size() < 2 ? 0 : frame * (std::to_integer<unsigned>(packet[1]) & 0x3f);
    default:
      return 2 * frame;
  }
}

// The SPS in an avcC record, or in Annex B.
Bytes sps_of(Bytes bytes) {
  constexpr std::size_t kFirstSet = 8;  // behind the count and the length of the first SPS
  if (bytes.size() > kFirstSet && bytes[0] == std::byte{1}) return bytes.subspan(kFirstSet);
  return find_avc_nal(bytes, kSps);
}

bool is_video(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
}

}  // namespace

std::int64_t sound_packet_us(const AVCodecParameters& codec, const AVPacket& packet) {
  const auto frame = [&](int samples) {
    return codec.sample_rate > 0 ? av_rescale(samples, kMicroseconds.den, codec.sample_rate) : 0;
  };
  switch (codec.codec_id) {
    case AV_CODEC_ID_OPUS:
      return opus_packet_us(view(packet.data, packet.size));
    case AV_CODEC_ID_AAC:
      return frame(kAacFrameSamples);
    default:
      return 0;
  }
}

PacketTimes::PacketTimes(Format from) : from_(from), timeline_(wraps_of(from)) {}

void PacketTimes::add_track(const AVStream& stream, bool shown_early) {
  Track& track = tracks_.emplace_back();
  track.stream = &stream;
  TrackClock& clock = track.clock;
  clock.pictures = is_video(stream);
  track.no_decoding_times = clock.pictures && (from_ == Format::webm || from_ == Format::packets);
  if (track.no_decoding_times && stream.codecpar->codec_id == AV_CODEC_ID_H264) {
    const auto sps =
        read_h264_sps(sps_of(view(stream.codecpar->extradata, stream.codecpar->extradata_size)));
    track.order_known = sps.has_value();
    if (sps) {
      clock.reorder = sps->reorder;
      clock.step_us = sps->frame_us;
    }
  } else if (track.no_decoding_times) {
    clock.reorder = stream.codecpar->video_delay;
    track.order_known = true;
  }
  if (clock.pictures && clock.step_us == 0 && stream.avg_frame_rate.num > 0)
    clock.step_us = av_rescale_q(1, av_inv_q(stream.avg_frame_rate), kMicroseconds);
  if (clock.pictures && shown_early) clock.lead_us = lead_of(stream, clock);
  timeline_.add_track(clock);
  if (track.no_decoding_times) read_order(track);
}

// How much earlier than it is shown the first picture is decoded, by the codec.
std::int64_t PacketTimes::lead_of(const AVStream& stream, const TrackClock& clock) {
  const AVCodecParameters& codec = *stream.codecpar;
  int reorder = codec.video_delay;
  std::int64_t step_us = clock.step_us;
  if (codec.codec_id == AV_CODEC_ID_H264) {
    const auto sps = read_h264_sps(sps_of(view(codec.extradata, codec.extradata_size)));
    // One that does not tell may have no such pictures.
    reorder = sps && sps->reorder_told ? sps->reorder : 0;
    if (step_us == 0 && sps) step_us = sps->frame_us;
  }
  return reorder * (step_us > 0 ? step_us : kUnknownFrameUs);
}

// The order of showing is to be read from the pictures themselves.
void PacketTimes::read_order(Track& track) const {
  const AVCodecParameters& codec = *track.stream->codecpar;
  const bool avc = codec.codec_id == AV_CODEC_ID_H264;
  if (track.clock.reorder == 0 || (!avc && codec.codec_id != AV_CODEC_ID_HEVC)) return;
  track.shown_order.emplace(avc ? PictureOrder::Codec::h264 : PictureOrder::Codec::hevc,
                            view(codec.extradata, codec.extradata_size));
  track.shown_times.emplace(track.clock.reorder, kMicroseconds.den);
}

// The order of decoding, by parameter sets that come with the packets.
void PacketTimes::learn_order(std::size_t index, const AVPacket& packet) {
  Track& track = tracks_[index];
  if (track.order_known || track.stream->codecpar->codec_id != AV_CODEC_ID_H264) return;
  if (!track.no_decoding_times && from_ != Format::mpegts) return;
  const auto sps = read_h264_sps(find_avc_nal(view(packet.data, packet.size), kSps));
  if (!sps) return;
  track.order_known = true;
  if (!track.no_decoding_times) {
    const bool told = packet.dts != AV_NOPTS_VALUE && packet.dts < packet.pts;
    if (told || packet.pts == AV_NOPTS_VALUE || !sps->reorder_told || sps->reorder == 0) return;
    track.no_decoding_times = normalized_ = true;
  }
  track.clock.reorder = sps->reorder;
  if (sps->frame_us > 0) track.clock.step_us = sps->frame_us;
  timeline_.set_clock(index, track.clock);
  read_order(track);
}

Stamp PacketTimes::stamp_of(const Track& track, const AVPacket& packet) const {
  Stamp out;
  const auto us = [&](std::int64_t time) {
    return av_rescale_q_rnd(time, track.stream->time_base, kMicroseconds,
                            static_cast<AVRounding>(AV_ROUND_NEAR_INF | AV_ROUND_PASS_MINMAX));
  };
  if (packet.pts != AV_NOPTS_VALUE) out.pts_us = us(packet.pts);
  // FFmpeg guesses decoding times where there are none, and wrongly at first.
  const bool guessed = track.no_decoding_times && out.pts_us;
  if (packet.dts != AV_NOPTS_VALUE && !guessed) out.dts_us = us(packet.dts);
  out.duration_us = sound_packet_us(*track.stream->codecpar, packet);
  const bool parsed = is_video(*track.stream) && packet.duration <= 1;
  if (out.duration_us == 0 && packet.duration > 0 && !parsed) out.duration_us = us(packet.duration);
  return out;
}

Result<void> PacketTimes::put(PacketHandle packet, std::size_t index, const Take& take) {
  Track& track = tracks_[index];
  learn_order(index, *packet);
  const Stamp stamp = stamp_of(track, *packet);
  track.packets.push_back({std::move(packet), stamp.pts_us});
  put_stamp(index, stamp);
  return hand_out(take);
}

void PacketTimes::put_stamp(std::size_t index, const Stamp& stamp) {
  Track& track = tracks_[index];
  if (!track.shown_times) return timeline_.put(index, stamp, note_);
  const bool shown =
      stamp.pts_us && !stamp.dts_us && *stamp.pts_us >= -kMostUs && *stamp.pts_us <= kMostUs;
  if (!shown) {
    track.shown_times->flush(put_shown(index));
    return timeline_.put(index, stamp, note_);
  }
  track.stamps.push_back(stamp);
  const AVPacket& packet = *track.packets.back().packet;
  track.shown_times->put(track.shown_order->next(view(packet.data, packet.size)), *stamp.pts_us,
                         put_shown(index));
}

ShownTimes::Take PacketTimes::put_shown(std::size_t index) {
  return [this, index](std::int64_t time_us) {
    Track& track = tracks_[index];
    Stamp stamp = track.stamps.front();
    track.stamps.pop_front();
    stamp.pts_us = time_us;
    timeline_.put(index, stamp, note_);
  };
}

Result<void> PacketTimes::flush(const Take& take) {
  for (std::size_t i = 0; i < tracks_.size(); ++i)
    if (tracks_[i].shown_times) tracks_[i].shown_times->flush(put_shown(i));
  timeline_.flush(note_);
  return hand_out(take);
}

bool PacketTimes::waiting() const {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [](const Track& track) { return !track.packets.empty(); });
}

Result<void> PacketTimes::hand_out(const Take& take) {
  const std::vector<Placed> placed = std::exchange(placed_, {});
  for (const Placed& one : placed) {
    Track& track = tracks_[one.track];
    PacketHandle packet = std::move(track.packets.front().packet);
    if (const auto came = track.packets.front().pts_us) {
      if (!shift_us_) shift_us_ = one.pts_us - *came;
      normalized_ = normalized_ || std::abs(one.pts_us - *came - *shift_us_) > kSameUs;
    } else if (is_video(*track.stream)) {
      normalized_ = true;
    }
    track.packets.pop_front();
    if (track.last_dts_us != AV_NOPTS_VALUE) track.delta_us = one.dts_us - track.last_dts_us;
    track.last_dts_us = one.dts_us;
    packet->duration = std::clamp<std::int64_t>(duration_us(track, *packet), 1, kLongestFrameUs);
    packet->dts = one.dts_us;
    packet->pts = one.pts_us;
    if (!is_video(*track.stream)) packet->flags |= AV_PKT_FLAG_KEY;
    RETURN_IF_ERROR(take(std::move(packet), one.track, one.jump));
  }
  return {};
}

std::int64_t PacketTimes::duration_us(Track& track, const AVPacket& packet) const {
  const AVCodecParameters& codec = *track.stream->codecpar;
  if (const std::int64_t us = sound_packet_us(codec, packet); us > 0) {
    // HE-AAC: the rate is that of the sound, a packet lasts twice as long.
    const bool doubled =
        codec.codec_id == AV_CODEC_ID_AAC && std::abs(track.delta_us - 2 * us) < us / 50;
    return doubled ? 2 * us : us;
  }
  // One tick is a parser's guess of pictures whose container names no rate (Chromium's H.264 in
  // Matroska). Behind so short a frame MSE takes the next one for a new beginning, and drops all up
  // to a keyframe.
  const bool guessed = is_video(*track.stream) && packet.duration <= 1;
  if (packet.duration > 0 && !guessed)
    return av_rescale_q(packet.duration, track.stream->time_base, kMicroseconds);
  if (track.delta_us <= 0) return kUnknownFrameUs;
  return is_video(*track.stream) ? track.pace.duration_us(track.delta_us) : track.delta_us;
}

}  // namespace framewire::codec
