#include "codec/child/files/media_file.h"

#include <algorithm>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

// From where on a keyframe is a better picture of the film than the first.
constexpr std::int64_t kPictureFromUs = 2'000'000;
// Without a picture, or a sound: it is a hole.
constexpr std::int64_t kHoleUs = 5'000'000;
constexpr std::size_t kMaxGaps = 500;
// A sound may come late.
constexpr ProbeLimits kFilmProbe = {.bytes = 16 << 20, .duration_us = 20'000'000};

}  // namespace

Result<std::unique_ptr<MediaFile>> MediaFile::open(Format format, int fd, bool seeks) {
  std::unique_ptr<MediaFile> film{new MediaFile(format, fd)};
  film->io_ = FileIo::reader(film->file_);
  if (film->io_ && format == Format::packets) {
    film->packets_io_ = std::exchange(film->io_, nullptr);
    film->reader_.emplace(film->packets_bytes_);
    film->io_ = stream_reader(film->matroska_);
    format = Format::webm;
  }
  if (!film->io_) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  ProbeLimits probe = kFilmProbe;
  probe.seeks = seeks;
  auto input = open_input(format, film->io_.get(), probe);
  if (!input) {
    // A demuxer calls a file that ends too soon an I/O error: it is one only if reading failed.
    Error error = std::move(input.error());
    if (film->reader_ && film->reader_->error())
      return tl::make_unexpected(*film->reader_->error());
    const bool read = film->io_->error == 0 || film->io_->error == AVERROR_EOF;
    if (error.code == Errc::internal && read) error.code = Errc::malformed_media;
    return tl::make_unexpected(std::move(error));
  }
  film->input_ = std::move(*input);
  RETURN_IF_ERROR(film->find_tracks());
  return film;
}

Result<void> MediaFile::find_tracks() {
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    AVStream* stream = input_->streams[i];
    const AVMediaType type = stream->codecpar->codec_type;
    // A sound that was promised and never came has no rate.
    const bool known = stream->codecpar->codec_id != AV_CODEC_ID_NONE &&
                       (type == AVMEDIA_TYPE_VIDEO ||
                        (type == AVMEDIA_TYPE_AUDIO && stream->codecpar->sample_rate > 0));
    track_of_.push_back(known ? static_cast<int>(tracks_.size()) : -1);
    if (!known) {
      stream->discard = AVDISCARD_ALL;
      continue;
    }
    if (type == AVMEDIA_TYPE_VIDEO && video_ < 0) video_ = static_cast<int>(tracks_.size());
    tracks_.emplace_back().stream = stream;
    times_.add_track(*stream, may_show_early(*input_, *stream));
  }
  if (tracks_.empty()) return fail(Errc::malformed_media, "no track of sound or picture");
  return {};
}

Result<void> MediaFile::seek(std::int64_t from_us) {
  const std::int64_t start = input_->start_time == AV_NOPTS_VALUE ? 0 : input_->start_time;
  const int failed = av_seek_frame(input_.get(), -1, start + from_us, AVSEEK_FLAG_BACKWARD);
  if (failed < 0) return ffmpeg_failed("seeking", failed);
  return {};
}

int MediaFile::read(std::int64_t to_us, const std::function<int(AVPacket&)>& take) {
  const std::int64_t start = input_->start_time == AV_NOPTS_VALUE ? 0 : input_->start_time;
  // By the file's own clock, until the first packet tells how the timeline differs from it.
  end_us_ = to_us > INT64_MAX / 2 ? INT64_MAX : start + to_us;
  int failed = 0;
  const PacketTimes::Take placed = [&](PacketHandle packet, std::size_t which, bool jump) {
    note_gap(*packet, static_cast<int>(which) == std::max(video_, 0), jump);
    failed = hold(std::move(packet), which, take);
    return failed < 0 ? ffmpeg_failed("reading", failed) : Result<void>{};
  };
  PacketHandle packet{av_packet_alloc()};
  if (!packet) return AVERROR(ENOMEM);
  // Any error is the end of what can be read: a killed server leaves half an element behind.
  while (!over_ && read_packet(*input_, *packet) >= 0) {
    const auto index = static_cast<std::size_t>(packet->stream_index);
    const int which = index < track_of_.size() ? track_of_[index] : -1;
    // In MPEG-TS it is a counter that does not go on, such as where an encoder began anew.
    const bool torn = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0 && format_ != Format::mpegts;
    if (which < 0 || torn || packet->size == 0) {
      av_packet_unref(packet.get());
      continue;
    }
    packet->stream_index = which;
    const std::int64_t time = packet->dts == AV_NOPTS_VALUE ? packet->pts : packet->dts;
    if (!came_us_ && time != AV_NOPTS_VALUE)
      came_us_ =
          av_rescale_q(time, track(static_cast<std::size_t>(which)).time_base, kMicroseconds);
    if (!times_.put(std::move(packet), static_cast<std::size_t>(which), placed)) return failed;
    packet.reset(av_packet_alloc());
    if (!packet) return AVERROR(ENOMEM);
  }
  if (!over_ && !times_.flush(placed)) return failed;
  for (Track& track : tracks_)
    if (failed = release(track, nullptr, take); failed < 0) return failed;
  return 0;
}

// Until the next one of its track tells how long it lasts.
int MediaFile::hold(PacketHandle packet, std::size_t which,
                    const std::function<int(AVPacket&)>& take) {
  if (!began_ && came_us_ && end_us_ != INT64_MAX) end_us_ += packet->dts - *came_us_;
  began_ = true;
  if (packet->dts >= end_us_) {
    over_ = over_ || static_cast<int>(which) == video_ || video_ < 0;
    return 0;
  }
  Track& track = tracks_[which];
  if (const int failed = release(track, packet.get(), take); failed < 0) return failed;
  track.held = std::move(packet);
  return 0;
}

int MediaFile::release(Track& track, const AVPacket* next,
                       const std::function<int(AVPacket&)>& take) {
  if (!track.held) return 0;
  const PacketHandle packet = std::move(track.held);
  if (next && sound_packet_us(*track.stream->codecpar, *packet) == 0)
    packet->duration = next->dts - packet->dts;
  note(*packet);
  return take(*packet);
}

void MediaFile::note(const AVPacket& packet) {
  ++packets_;
  if (packet.stream_index == video_) ++pictures_;
  first_us_ = std::min(first_us_.value_or(packet.pts), packet.pts);
  last_us_ = std::max(last_us_, packet.pts + packet.duration);
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (!key || packet.stream_index != video_ || picture_is_late_) return;
  picture_is_late_ = packet.pts - *first_us_ >= kPictureFromUs;
  if (!picture_ || picture_is_late_) picture_.reset(av_packet_clone(&packet));
}

void MediaFile::note_gap(const AVPacket& packet, bool leads, bool jump) {
  const bool hole = leads && lead_us_ && packet.dts - *lead_us_ > kHoleUs;
  if (leads) lead_us_ = packet.dts;
  // A jump is told of each track.
  const bool same = !gaps_us_.empty() && packet.pts - gaps_us_.back() < kHoleUs;
  if ((hole || jump) && !same && gaps_us_.size() < kMaxGaps) gaps_us_.push_back(packet.pts);
}

FilmFacts MediaFile::facts() const {
  FilmFacts out;
  out.packets = packets_;
  out.pictures = pictures_;
  out.mended = times_.normalized() || was_normalized(*input_);
  out.duration_us = first_us_ ? last_us_ - *first_us_ : 0;
  for (const std::int64_t us : gaps_us_)
    if (first_us_ && us > *first_us_ && us < last_us_) out.gaps_us.push_back(us - *first_us_);
  if (video_ < 0) return out;
  const AVCodecParameters& video = *track(static_cast<std::size_t>(video_)).codecpar;
  out.width = video.width;
  out.height = video.height;
  return out;
}

const AVStream* MediaFile::picture_stream() const {
  return video_ < 0 ? nullptr : tracks_[static_cast<std::size_t>(video_)].stream;
}

}  // namespace framewire::codec
