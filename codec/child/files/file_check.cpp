#include "codec/child/files/file_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "codec/child/av/ffmpeg_version.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFaults = 20;  // told of each track

double seconds(std::int64_t us) {
  return static_cast<double>(us) / 1e6;
}

}  // namespace

Result<TrackCheck> TrackCheck::open(const AVStream& stream, std::int64_t gap_us) {
  TrackCheck out;
  out.parameters_ = stream.codecpar;
  out.gap_limit_us_ = gap_us;
  ASSIGN_OR_RETURN(out.decoder_, Decoder::open(*stream.codecpar));
  return out;
}

void TrackCheck::fault(std::string what) {
  if (faults_.size() == kMaxFaults) {
    ++more_faults_;
    return;
  }
  faults_.push_back(fmt::format("{}: {}", avcodec_get_name(parameters_->codec_id), what));
}

void TrackCheck::take(const AVPacket& packet) {
  note_times(packet);
  ++packets_;
  decode(&packet);
}

void TrackCheck::note_times(const AVPacket& packet) {
  packet_us_ = packet.pts;
  if (last_dts_ != AV_NOPTS_VALUE && packet.dts <= last_dts_)
    fault(fmt::format("the time goes back, or stands still, at {:.3f} s", seconds(packet_us_)));
  last_dts_ = packet.dts;
  if (!is_video()) return;
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (packets_ == 0 && !key) fault("it does not begin with a keyframe");
  if (!key) return;
  if (flagged_ > 0) longest_group_us_ = std::max(longest_group_us_, packet_us_ - last_key_us_);
  last_key_us_ = packet_us_;
  ++flagged_;
}

void TrackCheck::decode(const AVPacket* packet) {
  const auto decoded = decoder_->decode(packet, [this](AVFrame& frame) -> Result<void> {
    on_frame(frame);
    return {};
  });
  if (decoded) return;
  ++undecodable_;
  fault(fmt::format("the packet at {:.3f} s does not decode: {}", seconds(packet_us_),
                    decoded.error().what));
}

void TrackCheck::on_frame(const AVFrame& frame) {
  ++frames_;
  if (is_video() && is_keyframe(frame)) ++intra_;
  if (frame.pts == AV_NOPTS_VALUE) return;
  const std::int64_t length =
      is_video() || frame.sample_rate <= 0
          ? 0
          : av_rescale_q(frame.nb_samples, {1, frame.sample_rate}, kMicroseconds);
  if (begin_us_) {
    // A picture stays until the next; a sound ends.
    const std::int64_t gap = frame.pts - (is_video() ? last_pts_us_ : end_us_);
    longest_gap_us_ = std::max(longest_gap_us_, gap);
    if (gap > gap_limit_us_) {
      ++gaps_;
      fault(fmt::format("nothing for {:.3f} s, up to {:.3f} s", seconds(gap), seconds(frame.pts)));
    }
  } else {
    begin_us_ = frame.pts;
  }
  last_pts_us_ = std::max(frame.pts, begin_us_.value_or(frame.pts));
  end_us_ = std::max(end_us_, frame.pts + length);
}

void TrackCheck::finish() {
  decode(nullptr);
  if (packets_ > 0 && frames_ == 0) fault("nothing of it decodes");
  if (is_video() && undecodable_ == 0 && intra_ != flagged_)
    fault(fmt::format("{} keyframes by its flags, {} by its pictures", flagged_, intra_));
  if (more_faults_ > 0)
    faults_.push_back(
        fmt::format("{}: and {} more", avcodec_get_name(parameters_->codec_id), more_faults_));
}

json TrackCheck::facts() const {
  json out{{"kind", is_video() ? "video" : "audio"},
           {"codec", avcodec_get_name(parameters_->codec_id)},
           {"packets", packets_},
           {"frames", frames_},
           {"undecodable", undecodable_},
           {"gaps", gaps_},
           {"longest_gap_ms", longest_gap_us_ / 1000},
           {"begin_ms", begin_us_.value_or(0) / 1000},
           {"end_ms", end_us_ / 1000}};
  if (is_video()) {
    out["width"] = parameters_->width;
    out["height"] = parameters_->height;
    out["keyframes"] = flagged_;
    out["longest_group_ms"] = longest_group_us_ / 1000;
  } else {
    out["sample_rate"] = parameters_->sample_rate;
    out["channels"] = parameters_->ch_layout.nb_channels;
  }
  return out;
}

namespace {

// How far sound is behind picture, at their ends less at their beginnings.
std::optional<std::int64_t> drift_us(const std::vector<TrackCheck>& tracks) {
  const TrackCheck* video = nullptr;
  const TrackCheck* audio = nullptr;
  for (const TrackCheck& track : tracks) {
    if (!track.begin_us()) continue;
    const TrackCheck*& first = track.is_video() ? video : audio;
    if (!first) first = &track;
  }
  if (!video || !audio) return std::nullopt;
  return (audio->end_us() - video->end_us()) - (*audio->begin_us() - *video->begin_us());
}

}  // namespace

Result<json> check_file(MediaFile& film, const CheckLimits& limits) {
  std::vector<TrackCheck> tracks;
  for (std::size_t i = 0; i < film.tracks(); ++i) {
    ASSIGN_OR_RETURN(auto track, TrackCheck::open(film.track(i), limits.gap_us));
    tracks.push_back(std::move(track));
  }
  film.read(INT64_MAX, [&](AVPacket& packet) {
    tracks[static_cast<std::size_t>(packet.stream_index)].take(packet);
    return 0;
  });
  json out{{"duration_ms", film.facts().duration_us / 1000}, {"tracks", json::array()}};
  json faults = json::array();
  for (TrackCheck& track : tracks) {
    track.finish();
    out["tracks"].push_back(track.facts());
    for (const std::string& what : track.faults()) faults.push_back(what);
  }
  if (film.facts().packets == 0) faults.push_back("no sound and no picture in it");
  if (const auto drift = drift_us(tracks)) {
    out["drift_ms"] = *drift / 1000;
    if (std::abs(*drift) > limits.drift_us)
      faults.push_back(fmt::format("sound and picture end {:.3f} s farther apart than they begin",
                                   seconds(*drift)));
  }
  out["faults"] = std::move(faults);
  return out;
}

}  // namespace framewire::codec
