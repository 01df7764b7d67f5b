#include "codec/child/remux.h"

#include <algorithm>

#include "codec/child/ffmpeg_error.h"
#include "codec/child/ffmpeg_input.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kMaxHeld = 512;  // packets
constexpr ProbeLimits kLiveProbe = {
    .bytes = 2 << 20, .duration_us = 1'000'000, .fps_packets = 0, .find_stream_info = true};

bool goes_on(const Output& output) {
  return output.format == Format::mpegts || output.format == Format::flv;
}

}  // namespace

Remux::Remux(Format from, const Output& to, const JobSpec& job, ReadBytes read, WriteBytes write,
             OutputClock& clock, bool& first)
    : from_(from),
      to_(to),
      job_(job),
      read_(std::move(read)),
      write_(std::move(write)),
      clock_(clock),
      first_(first) {}

Result<void> Remux::run() {
  if (from_ == Format::packets) packets_.emplace(read_);
  io_ = stream_reader(packets_ ? matroska_ : read_);
  if (!io_) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  auto input = open_input(packets_ ? Format::webm : from_, io_.get(), kLiveProbe);
  if (packets_ && packets_->error()) return tl::make_unexpected(*packets_->error());
  if (!input) return tl::make_unexpected(input.error());
  input_ = *std::move(input);
  if (auto chosen = choose_tracks(); !chosen) return chosen;

  while (true) {
    PacketHandle packet{av_packet_alloc()};
    if (!packet) return ffmpeg_failed("reading", AVERROR(ENOMEM));
    const int got = av_read_frame(input_.get(), packet.get());
    if (idle_error_) return tl::make_unexpected(*idle_error_);
    if (got == AVERROR_EOF) return finish();
    if (got < 0) return ffmpeg_failed("reading the origin", got);
    const auto index = static_cast<std::size_t>(packet->stream_index);
    if (index >= track_of_.size() || track_of_[index] < 0) continue;
    if (auto put = put_in(std::move(packet), static_cast<std::size_t>(track_of_[index])); !put)
      return put;
  }
}

// nullptr: all has come.
Result<void> Remux::put_in(PacketHandle packet, std::size_t track) {
  return lanes_[track]->put(
      std::move(packet), [this, track](PacketHandle made) { return take(std::move(made), track); });
}

Result<void> Remux::finish() {
  for (std::size_t track = 0; track < lanes_.size(); ++track)
    if (auto put = put_in(nullptr, track); !put) return put;
  return finish_muxer();
}

Result<void> Remux::finish_muxer() {
  if (auto released = held_.empty() ? Result<void>{} : release(true); !released) return released;
  return muxer_ ? muxer_->finish() : Result<void>{};
}

// The first picture and the first sound; each must fit.
Result<void> Remux::choose_tracks() {
  track_of_.assign(input_->nb_streams, -1);
  for (const AVMediaType type : {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO}) {
    const auto streams = std::span{input_->streams, input_->nb_streams};
    const auto found = std::find_if(streams.begin(), streams.end(), [&](const AVStream* stream) {
      return stream->codecpar->codec_type == type;
    });
    if (found == streams.end()) continue;
    auto lane = Lane::open(**found, to_, job_);
    if (!lane) return tl::make_unexpected(lane.error());
    track_of_[static_cast<std::size_t>(found - streams.begin())] = static_cast<int>(lanes_.size());
    lanes_.push_back(*std::move(lane));
  }
  held_of_.assign(lanes_.size(), 0);
  if (lanes_.empty()) return fail(Errc::unsupported_format, "neither picture nor sound is in it");
  return {};
}

bool Remux::all_ready() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const auto& l) { return l->ready(); });
}

Result<void> Remux::take(PacketHandle packet, std::size_t track) {
  if (lanes_[track]->changed()) {
    if (auto finished = finish_muxer(); !finished) return finished;
    muxer_.reset();
  }
  // At the same time pictures go before sound: a WebM cluster begins with its keyframe.
  const auto place = [](const Held& held) { return std::pair{held.packet->dts, held.track}; };
  Held held{std::move(packet), track};
  const auto at = std::upper_bound(held_.begin(), held_.end(), place(held),
                                   [&](const auto& a, const Held& b) { return a < place(b); });
  held_.insert(at, std::move(held));
  ++held_of_[track];
  return release(held_.size() >= kMaxHeld);
}

Result<void> Remux::release(bool all) {
  if (!all_ready()) {
    if (held_.size() < kMaxHeld) return {};
    return fail(Errc::malformed_media,
                "no H.264 parameter sets, no AAC configuration, or no picture that decodes, came");
  }
  while (!held_.empty() && (all || std::count(held_of_.begin(), held_of_.end(), 0) == 0)) {
    if (!muxer_)
      if (auto opened = open_muxer(); !opened) return opened;
    const Held held = std::move(held_.front());
    held_.pop_front();
    --held_of_[held.track];
    if (auto written = write(*held.packet, held.track); !written) return written;
  }
  return {};
}

void Remux::on_idle() {
  if (lanes_.empty() || idle_error_) return;
  if (auto released = release(true); !released) idle_error_ = released.error();
}

Result<void> Remux::open_muxer() {
  std::vector<const AVCodecParameters*> parameters;
  for (const auto& lane : lanes_) parameters.push_back(lane->parameters());
  auto muxer = Muxer::open(to_, parameters, write_, std::exchange(first_, false));
  if (!muxer) return tl::make_unexpected(muxer.error());
  muxer_ = *std::move(muxer);
  return {};
}

Result<void> Remux::write(AVPacket& packet, std::size_t track) {
  if (!std::exchange(shifted_, true) && goes_on(to_) && packet.dts < clock_.end_us)
    shift_us_ = clock_.end_us - packet.dts;
  packet.dts += shift_us_;
  packet.pts += shift_us_;
  clock_.end_us = std::max(clock_.end_us, packet.dts + packet.duration);
  return muxer_->write(packet, track);
}

}  // namespace framewire::codec
