#include "codec/child/film.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/child/ffmpeg_error.h"
#include "codec/child/ffmpeg_input.h"

namespace framewire::codec {
namespace {

constexpr AVRational kMicroseconds{1, 1'000'000};
// From where on a keyframe is a better picture of the film than the first.
constexpr std::int64_t kPictureFromUs = 2'000'000;

std::int64_t to_us(std::int64_t time, const AVStream& stream) {
  return av_rescale_q(time, stream.time_base, kMicroseconds);
}

}  // namespace

// RFC 6716 section 3.1, tables 2 to 4: the frame size by the configuration, then the frame count.
std::int64_t opus_packet_us(const std::uint8_t* data, int size) {
  if (size < 1) return 0;
  const int configuration = data[0] >> 3;
  constexpr std::array<std::int64_t, 4> kSilk = {10'000, 20'000, 40'000, 60'000};
  constexpr std::array<std::int64_t, 4> kCelt = {2'500, 5'000, 10'000, 20'000};
  const auto of_four = static_cast<std::size_t>(configuration & 3);
  const std::int64_t frame = configuration < 12   ? kSilk[of_four]
                             : configuration < 16 ? ((configuration & 1) ? 20'000 : 10'000)
                                                  : kCelt[of_four];
  switch (data[0] & 3) {
    case 0:
      return frame;
    case 1:
    case 2:
      return 2 * frame;
    default:
      return size < 2 ? 0 : frame * (data[1] & 0x3f);
  }
}

Result<std::unique_ptr<Film>> Film::open(Format format, int fd) {
  std::unique_ptr<Film> film{new Film(fd)};
  film->io_ = FileIo::reader(film->file_);
  if (film->io_ && format == Format::packets) {
    film->packets_io_ = std::exchange(film->io_, nullptr);
    film->reader_.emplace(film->packets_bytes_);
    film->io_ = stream_reader(film->matroska_);
    format = Format::webm;
  }
  if (!film->io_) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  auto input = open_input(format, film->io_.get());
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
  if (auto found = film->find_tracks(); !found) return tl::make_unexpected(found.error());
  return film;
}

Result<void> Film::find_tracks() {
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    AVStream* stream = input_->streams[i];
    const AVMediaType type = stream->codecpar->codec_type;
    const bool known = (type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO) &&
                       stream->codecpar->codec_id != AV_CODEC_ID_NONE;
    track_of_.push_back(known ? static_cast<int>(tracks_.size()) : -1);
    if (!known) {
      stream->discard = AVDISCARD_ALL;
      continue;
    }
    if (type == AVMEDIA_TYPE_VIDEO && video_ < 0) video_ = static_cast<int>(tracks_.size());
    tracks_.emplace_back().stream = stream;
  }
  if (tracks_.empty()) return fail(Errc::malformed_media, "no track of sound or picture");
  return {};
}

Result<void> Film::seek(std::int64_t from_us) {
  const std::int64_t start = input_->start_time == AV_NOPTS_VALUE ? 0 : input_->start_time;
  const int failed = av_seek_frame(input_.get(), -1, start + from_us, AVSEEK_FLAG_BACKWARD);
  if (failed < 0) return ffmpeg_failed("seeking", failed);
  return {};
}

int Film::read(std::int64_t to_us_, const std::function<int(AVPacket&)>& take) {
  const std::int64_t start = input_->start_time == AV_NOPTS_VALUE ? 0 : input_->start_time;
  const std::int64_t end =
      to_us_ > INT64_MAX - std::max<std::int64_t>(start, 0) ? INT64_MAX : start + to_us_;
  PacketHandle packet{av_packet_alloc()};
  if (!packet) return AVERROR(ENOMEM);
  // Any error is the end of what can be read: a killed server leaves half an element behind.
  while (av_read_frame(input_.get(), packet.get()) >= 0) {
    const auto index = static_cast<std::size_t>(packet->stream_index);
    const int which = index < track_of_.size() ? track_of_[index] : -1;
    if (which < 0 || (packet->flags & AV_PKT_FLAG_CORRUPT) != 0 || packet->size == 0) {
      av_packet_unref(packet.get());
      continue;
    }
    Track& track = tracks_[static_cast<std::size_t>(which)];
    packet->stream_index = which;
    mend(track, *packet);
    if (to_us(packet->dts, *track.stream) >= end) {
      if (which == video_ || video_ < 0) break;
      av_packet_unref(packet.get());
      continue;
    }
    if (const int failed = release(track, packet.get(), take); failed < 0) return failed;
    track.held = std::move(packet);
    packet.reset(av_packet_alloc());
    if (!packet) return AVERROR(ENOMEM);
  }
  for (Track& track : tracks_)
    if (const int failed = release(track, nullptr, take); failed < 0) return failed;
  return 0;
}

// Both times known, and the decoding time past the one before.
void Film::mend(Track& track, AVPacket& packet) {
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts;
  if (packet.dts == AV_NOPTS_VALUE)
    packet.dts = track.last_dts == AV_NOPTS_VALUE ? 0 : track.last_dts + 1;
  if (track.last_dts != AV_NOPTS_VALUE && packet.dts <= track.last_dts)
    packet.dts = track.last_dts + 1;
  if (packet.pts == AV_NOPTS_VALUE || packet.pts < packet.dts) packet.pts = packet.dts;
  track.last_dts = packet.dts;
}

int Film::release(Track& track, const AVPacket* next, const std::function<int(AVPacket&)>& take) {
  if (!track.held) return 0;
  const PacketHandle packet = std::move(track.held);
  const std::int64_t opus_us = track.stream->codecpar->codec_id == AV_CODEC_ID_OPUS
                                   ? opus_packet_us(packet->data, packet->size)
                                   : 0;
  if (opus_us > 0)
    packet->duration = av_rescale_q(opus_us, kMicroseconds, track.stream->time_base);
  else if (next)
    packet->duration = next->dts - packet->dts;
  else if (packet->duration <= 0)
    packet->duration = track.duration;
  track.duration = packet->duration;
  note(track, *packet);
  return take(*packet);
}

void Film::note(const Track& track, const AVPacket& packet) {
  ++packets_;
  if (packet.stream_index == video_) ++pictures_;
  const std::int64_t begin = to_us(packet.pts, *track.stream);
  first_us_ = std::min(first_us_.value_or(begin), begin);
  last_us_ = std::max(last_us_, to_us(packet.pts + packet.duration, *track.stream));
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (!key || packet.stream_index != video_ || picture_is_late_) return;
  picture_is_late_ = begin - *first_us_ >= kPictureFromUs;
  if (!picture_ || picture_is_late_) picture_.reset(av_packet_clone(&packet));
}

FilmFacts Film::facts() const {
  FilmFacts out;
  out.packets = packets_;
  out.pictures = pictures_;
  out.duration_us = first_us_ ? last_us_ - *first_us_ : 0;
  if (video_ < 0) return out;
  const AVCodecParameters& video = *track(static_cast<std::size_t>(video_)).codecpar;
  out.width = video.width;
  out.height = video.height;
  return out;
}

const AVStream* Film::picture_stream() const {
  return video_ < 0 ? nullptr : tracks_[static_cast<std::size_t>(video_)].stream;
}

}  // namespace framewire::codec
