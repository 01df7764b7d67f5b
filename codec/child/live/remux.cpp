#include "codec/child/live/remux.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kMaxHeld = 512;  // packets
// Of a fragment of ten seconds, before the other track's comes.
constexpr std::size_t kMostBefore = 4096;  // packets
constexpr std::size_t kMostBeforeBytes = 64u << 20;
// Of one track, until another one that was promised is given up.
constexpr std::int64_t kPatienceUs = 1'000'000;
// Of sound, for pictures that MPEG-TS lists: FFmpeg gives one out only when others have begun
// behind it, which is late where there is one a second.
constexpr std::int64_t kPatienceForPicturesUs = 2'500'000;
constexpr std::int64_t kLongestJoinUs = 10'000'000;
// Over epochs: what is farther ahead, or behind the end of the other track, is another clock.
constexpr std::int64_t kSameClockUs = 60'000'000;
constexpr std::int64_t kOverlapUs = 1'000'000;
// An encoder's last sounds, and the first ones of another, lie over one another: what lies before
// the newest one is left out, and what begins before it is put right behind its beginning.
constexpr std::int64_t kDoubledSoundUs = 200'000;
constexpr std::int64_t kTickUs = 1'000;       // of FLV
constexpr std::int64_t kLateGapUs = 200'000;  // between two sounds that go on over an epoch
constexpr ProbeLimits kLiveProbe = {
    .bytes = 2 << 20, .duration_us = 1'000'000, .fps_packets = 0, .find_stream_info = true};

bool goes_on(const Output& output) {
  return output.format == Format::mpegts || output.format == Format::flv;
}
bool shows_jumps(const Output& output) {
  return output.format == Format::mp4 || output.format == Format::mpegts;
}
bool fills_gaps(const Output& output) {
  return output.format == Format::mp4 || output.format == Format::webm;
}
Bytes configuration_of(const AVCodecParameters& track) {
  return std::as_bytes(
      std::span{track.extradata, static_cast<std::size_t>(std::max(track.extradata_size, 0))});
}

}  // namespace

Remux::Remux(Format from, const Output& to, const JobSpec& job, ReadBytes read, WriteBytes write,
             LeftOut left_out, OutputState& state)
    : from_(from),
      to_(to),
      job_(job),
      read_(std::move(read)),
      write_(std::move(write)),
      left_out_(std::move(left_out)),
      state_(state),
      times_(from) {}

Result<void> Remux::open() {
  if (from_ == Format::packets) packets_.emplace(read_);
  io_ = stream_reader(packets_ ? matroska_ : read_);
  if (!io_) return ffmpeg_failed("reading", AVERROR(ENOMEM));
  auto input = open_input(packets_ ? Format::webm : from_, io_.get(), kLiveProbe);
  if (packets_ && packets_->error()) return tl::make_unexpected(*packets_->error());
  if (!input) return tl::make_unexpected(input.error());
  input_ = *std::move(input);
  return choose_tracks();
}

Result<void> Remux::run() {
  RETURN_IF_ERROR(open());
  while (true) {
    PacketHandle packet{av_packet_alloc()};
    if (!packet) return ffmpeg_failed("reading", AVERROR(ENOMEM));
    const int got = read_packet(*input_, *packet);
    if (idle_error_) return tl::make_unexpected(*idle_error_);
    if (got == AVERROR_EOF) return finish();
    if (got < 0) return ffmpeg_failed("reading the origin", got);
    const auto index = static_cast<std::size_t>(packet->stream_index);
    if (index >= way_of_.size()) RETURN_IF_ERROR(adopt());
    if (way_of_[index] < 0 || packet->size == 0) continue;
    const auto way = static_cast<std::size_t>(way_of_[index]);
    RETURN_IF_ERROR(look_into(*input_->streams[index], *packet, ways_[way]));
    RETURN_IF_ERROR(times_.put(std::move(packet), way, put_));
  }
}

// The layer of MPEG audio, which MPEG-TS does not tell, nor FFmpeg after one packet: players of MP3
// do not play MP2.
Result<void> Remux::look_into(AVStream& stream, const AVPacket& packet, Way& way) {
  if (std::exchange(way.looked, true)) return {};
  AVCodecID& codec = stream.codecpar->codec_id;
  const bool layered =
      codec == AV_CODEC_ID_MP3 || codec == AV_CODEC_ID_MP2 || codec == AV_CODEC_ID_MP1;
  if (!layered || packet.size < 2 || packet.data[0] != 0xff || packet.data[1] < 0xe0) return {};
  constexpr std::array kLayers = {AV_CODEC_ID_NONE, AV_CODEC_ID_MP3, AV_CODEC_ID_MP2,
                                  AV_CODEC_ID_MP1};
  const AVCodecID layer = kLayers[(packet.data[1] >> 1) & 3];
  if (layer == AV_CODEC_ID_NONE || layer == codec) return {};
  codec = layer;
  ASSIGN_OR_RETURN(way.pipeline, TrackPipeline::open(stream, to_, job_));
  return {};
}

// packet: with its place on the timeline; nullptr: all has come.
Result<void> Remux::put_in(PacketHandle packet, std::size_t way, bool jump) {
  ways_[way].jumped = ways_[way].jumped || (jump && shows_jumps(to_));
  return ways_[way].pipeline->put(
      std::move(packet), [this, way](PacketHandle made) { return take(std::move(made), way); });
}

Result<void> Remux::finish() {
  RETURN_IF_ERROR(times_.flush(put_));
  for (std::size_t way = 0; way < ways_.size(); ++way) RETURN_IF_ERROR(put_in(nullptr, way, false));
  RETURN_IF_ERROR(held_.empty() ? Result<void>{} : release(true));
  leave_late();
  return muxer_ ? muxer_->finish() : Result<void>{};
}

// ---- packets on their way out

// Pictures that need others, which came before the keyframe that the output begins with.
bool Remux::leads(const Way& way, const AVPacket& packet) const {
  return way.begins_us && packet.pts < *way.begins_us && (packet.flags & AV_PKT_FLAG_KEY) == 0;
}

Result<void> Remux::take(PacketHandle packet, std::size_t index) {
  Way& way = ways_[index];
  const bool key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  if (way.pipeline->is_video() && !way.pipeline->encodes()) {
    if (!way.came && key) way.begins_us = packet->pts;
    if (leads(way, *packet)) return {};
    if (way.came && key) way.begins_us.reset();
  }
  // Sound of another form is another track.
  bool changes = way.pipeline->changed();
  if (changes && muxer_ && !may_join(way, *packet)) {
    way.track = -1;
    if (!way.pipeline->is_video()) joining_.clear();
    changes = false;
  }
  const bool ready = muxer_ && way.track < 0 && way.pipeline->ready();
  if (ready && !joins_from_us_) joins_from_us_ = packet->dts;
  const bool joins =
      (ready && may_join(way, *packet)) || (joins_from_us_ && key && way.pipeline->is_video());
  const bool jumps = way.jumped && key && (way.pipeline->is_video() || ways_.size() == 1);
  if (changes || joins || jumps) RETURN_IF_ERROR(begin_anew());
  if (key) way.jumped = false;
  way.came = true;
  gap_.came(*packet, way.pipeline->is_video());
  if (lose_pictures(*packet, way)) RETURN_IF_ERROR(begin_anew());
  // At the same time pictures go before sound: a WebM cluster begins with its keyframe.
  const auto place = [](const Held& held) { return std::pair{held.packet->dts, held.way}; };
  if (!muxer_) before_bytes_ += static_cast<std::size_t>(packet->size);
  Held held{std::move(packet), index};
  const auto at = std::upper_bound(held_.begin(), held_.end(), place(held),
                                   [&](const auto& a, const Held& b) { return a < place(b); });
  held_.insert(at, std::move(held));
  ++way.held;
  const bool before = !muxer_ && may_stand_behind();
  return release(before_bytes_ >= kMostBeforeBytes ||
                 held_.size() >= (before ? kMostBefore : kMaxHeld));
}

// Whether the output is to begin anew without its pictures, which join again when they come.
bool Remux::lose_pictures(const AVPacket& packet, const Way& way) {
  if (way.pipeline->is_video()) {
    pictures_.picture(packet.dts);
    return false;
  }
  if (!pictures_.gone_at_sound(packet.dts) || !muxer_ || !fills_gaps(to_)) return false;
  const auto pictures = std::find_if(ways_.begin(), ways_.end(), [](const Way& other) {
    return other.pipeline->is_video() && other.track >= 0;
  });
  if (pictures == ways_.end() || way.track < 0) return false;
  pictures->came = false;
  return sound_alone_ = true;
}

bool Remux::may_join(const Way& way, const AVPacket& packet) const {
  if (goes_on(to_)) return true;
  if (way.pipeline->is_video()) return (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (joins_from_us_ && packet.dts - *joins_from_us_ >= kLongestJoinUs) return true;
  return std::none_of(ways_.begin(), ways_.end(), [](const Way& other) {
    return other.pipeline->is_video() && other.track >= 0;
  });
}

Result<void> Remux::begin_anew() {
  if (muxer_) {
    RETURN_IF_ERROR(release(true));
    RETURN_IF_ERROR(muxer_->finish());
  }
  muxer_.reset();
  joins_from_us_.reset();
  for (Held& held : joining_) {
    ++ways_[held.way].held;
    held_.push_back(std::move(held));
  }
  joining_.clear();
  return {};
}

// In the order of time.
void Remux::join_later(Held held) {
  const bool joins = joins_from_us_ && held.packet->dts >= *joins_from_us_;
  if (!joins || ways_[held.way].pipeline->is_video()) return;
  joining_.push_back(std::move(held));
  if (joining_.size() > kMaxHeld) joining_.pop_front();
}

// The epoch is over before the keyframe came: in FLV a sound that comes late begins another one.
void Remux::leave_late() {
  state_.late.clear();
  if (joining_.empty()) return;
  const AVCodecParameters& sound = *ways_[joining_.front().way].pipeline->parameters();
  const Bytes told = configuration_of(sound);
  state_.late_configuration.assign(told.begin(), told.end());
  for (Held& held : joining_) state_.late.push_back(std::move(held.packet));
  joining_.clear();
}

// Before what is held of the same sound.
void Remux::take_late() {
  std::deque<PacketHandle> late = std::exchange(state_.late, {});
  const auto first = std::find_if(held_.begin(), held_.end(), [this](const Held& held) {
    return !ways_[held.way].pipeline->is_video();
  });
  if (late.empty() || first == held_.end()) return;
  const std::size_t index = first->way;
  const std::int64_t after_us = first->packet->dts - late.back()->dts;
  if (ways_[index].track < 0 || after_us <= 0 || after_us > kLateGapUs ||
      !std::ranges::equal(configuration_of(*ways_[index].pipeline->parameters()),
                          state_.late_configuration))
    return;
  ways_[index].held += late.size();
  for (; !late.empty(); late.pop_back()) held_.push_front({std::move(late.back()), index});
}

std::int64_t Remux::held_us() const {
  return held_.empty() ? 0 : held_.back().packet->dts - held_.front().packet->dts;
}

bool Remux::may_open(bool all) const {
  if (sound_alone_ || std::all_of(ways_.begin(), ways_.end(), is_ready)) return true;
  if (std::none_of(ways_.begin(), ways_.end(), is_ready)) return false;
  return all || (held_us() >= patience_us() && !may_stand_behind());
}

bool Remux::promises_pictures() const {
  return from_ == Format::mpegts && std::any_of(ways_.begin(), ways_.end(), [](const Way& way) {
           return way.pipeline->is_video() && !is_ready(way);
         });
}

std::int64_t Remux::patience_us() const {
  return promises_pictures() ? kPatienceForPicturesUs : kPatienceUs;
}

// A track that the header describes, and of which nothing came: it may stand behind a fragment of
// the other one.
bool Remux::may_stand_behind() const {
  const auto described = [](const Way& way) { return way.pipeline->ready(); };
  return !overdue_ && std::all_of(ways_.begin(), ways_.end(), described) &&
         !std::all_of(ways_.begin(), ways_.end(), is_ready);
}

Result<void> Remux::release(bool all) {
  if (!muxer_ && !held_.empty()) {
    if (!may_open(all)) {
      if (held_.size() < kMaxHeld || may_stand_behind()) return {};
      return fail(
          Errc::malformed_media,
          "no H.264 parameter sets, no AAC configuration, or no picture that decodes, came");
    }
    RETURN_IF_ERROR(open_muxer());
    take_late();
  }
  const auto waits = [](const Way& way) { return way.track >= 0 && way.held == 0; };
  while (!held_.empty() && (all || std::none_of(ways_.begin(), ways_.end(), waits))) {
    Held held = std::move(held_.front());
    held_.pop_front();
    Way& way = ways_[held.way];
    --way.held;
    if (way.track < 0) {
      join_later(std::move(held));
      continue;
    }
    RETURN_IF_ERROR(write(*held.packet, way));
  }
  return {};
}

bool Remux::on_idle() {
  if (ways_.empty() || idle_error_) return false;
  if (!muxer_ && held_us() >= patience_us()) {
    const std::int64_t newest_us = held_.back().packet->dts;
    if (!overdue_from_us_) overdue_from_us_ = newest_us;
    overdue_ = newest_us > *overdue_from_us_;
  }
  if (muxer_ || may_open(false))
    if (auto released = release(true); !released) idle_error_ = released.error();
  return !idle_error_ && (!held_.empty() || times_.waiting());
}

void Remux::on_quiet() {
  if (ways_.empty() || idle_error_) return;
  auto done = times_.flush(put_);
  const bool waits = may_stand_behind() || (promises_pictures() && held_us() < patience_us());
  const bool opens = muxer_ || (may_open(true) && !waits);
  if (done && opens) done = release(true);
  if (!done) idle_error_ = done.error();
}

Result<void> Remux::open_muxer() {
  std::vector<const AVCodecParameters*> parameters;
  std::vector<Shape> shapes;
  for (Way& way : ways_) {
    // A header's word is not enough: players wait for a track that has no samples.
    way.track = is_ready(way) ? static_cast<int>(parameters.size()) : -1;
    if (way.track < 0) continue;
    parameters.push_back(way.pipeline->parameters());
    shapes.push_back(way.pipeline->shape());
  }
  ASSIGN_OR_RETURN(muxer_, Muxer::open(to_, parameters, write_, state_.muxers++, shapes));
  sound_alone_ = false;
  before_bytes_ = 0;
  return {};
}

// Silence before the packet, where its sound stays away. False: the packet is left out.
Result<bool> Remux::fill_gap(const AVPacket& packet, const Way& way) {
  const auto sound = std::find_if(ways_.begin(), ways_.end(), [](const Way& other) {
    return !other.pipeline->is_video() && other.track >= 0;
  });
  if (!fills_gaps(to_) || sound == ways_.end()) return true;
  const auto put = [&](AVPacket& silent) {
    return muxer_->write(silent, static_cast<std::size_t>(sound->track));
  };
  const AVCodecParameters& parameters = *sound->pipeline->parameters();
  if (!way.pipeline->is_video()) return gap_.before_sound(packet, parameters, put);
  RETURN_IF_ERROR(gap_.before_picture(packet, parameters, put));
  return true;
}

Result<void> Remux::write(AVPacket& packet, const Way& way) {
  ASSIGN_OR_RETURN(const auto fits, fill_gap(packet, way));
  if (!fits) return {};
  const bool video = way.pipeline->is_video();
  std::int64_t& last_us = state_.last_us[video ? 0 : 1];
  if (!std::exchange(shifted_, true) && goes_on(to_) && state_.muxers > 1) {
    const std::int64_t doubled_us = video ? 0 : kDoubledSoundUs;
    const bool same_clock = packet.dts > last_us - doubled_us &&
                            packet.dts > state_.end_us - kOverlapUs &&
                            packet.dts < state_.end_us + kSameClockUs;
    if (!same_clock) shift_us_ = state_.end_us - packet.dts;
  }
  std::int64_t shift_us = shift_us_;
  if (goes_on(to_) && !video && packet.dts + shift_us <= last_us) {
    if (packet.dts + shift_us + packet.duration <= last_us) return {};
    shift_us = last_us + kTickUs - packet.dts;
  }
  packet.dts += shift_us;
  packet.pts += shift_us;
  last_us = packet.dts;
  state_.end_us = std::max(state_.end_us, packet.dts + packet.duration);
  return muxer_->write(packet, static_cast<std::size_t>(way.track));
}

}  // namespace framewire::codec
