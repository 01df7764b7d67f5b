// FFmpeg's packets with the times of one timeline (ingest/times/timeline.h): microseconds, both
// times and a duration in each. Every reader of what publishers send uses it, live or from a file.
//   sound     Opus lasts what its TOC byte says, AAC and MP3 a frame at their rate (exact:
//   browsers'
//             MP4 is wrong there)
//   pictures  what the container says, else as ingest/times/picture_pace.h has it
// Decoding times that do not come are made from the order of H.264's parameter sets: in Matroska,
// and in MPEG-TS whose first keyframe has none before its shown time although pictures that are
// shown before others follow. What a clock does to the times of such pictures is first held against
// the order that their slice headers tell. Where the container lets pictures be shown before they
// are decoded (MP4's negative offsets), they are decoded as much earlier as that order asks for.
// Thread: one. Lifetime: a track's stream outlives it.
#pragma once
#include <deque>
#include <functional>
#include <vector>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"
#include "ingest/codecs/picture_order.h"
#include "ingest/times/picture_pace.h"
#include "ingest/times/shown_times.h"
#include "ingest/times/timeline.h"

namespace framewire::codec {

class PacketTimes {
 public:
  // jump: the publisher's clock jumped just before this packet.
  using Take = std::function<Result<void>(PacketHandle packet, std::size_t track, bool jump)>;

  explicit PacketTimes(Format from);
  // Its number is the count of those before. shown_early: as may_show_early() has it.
  void add_track(const AVStream& stream, bool shown_early = false);
  // The packet has the times of its stream. take: for it, and for those that have waited.
  Result<void> put(PacketHandle packet, std::size_t track, const Take& take);
  // Nothing has come for a while: those that wait need not wait any longer.
  Result<void> flush(const Take& take);
  bool waiting() const;
  // Some packet has not the place that the publisher's clock gave it: it jumped, wrapped or
  // slipped; or MPEG-TS lacks decoding times, or some picture had no time.
  bool normalized() const { return normalized_; }

 private:
  struct Track {
    const AVStream* stream = nullptr;
    struct Waiting {
      PacketHandle packet;
      std::optional<std::int64_t> pts_us;
    };
    std::deque<Waiting> packets;  // that have no place yet
    std::deque<Stamp> stamps;     // of the newest of them: their order is not judged yet
    std::int64_t last_dts_us = AV_NOPTS_VALUE;
    std::int64_t delta_us = 0;
    PicturePace pace;
    TrackClock clock;
    bool no_decoding_times = false;
    bool order_known = false;  // of decoding
    std::optional<PictureOrder> shown_order;
    std::optional<ShownTimes> shown_times;
  };
  Stamp stamp_of(const Track& track, const AVPacket& packet) const;
  void learn_order(std::size_t index, const AVPacket& packet);
  void read_order(Track& track) const;
  static std::int64_t lead_of(const AVStream& stream, const TrackClock& clock);
  void put_stamp(std::size_t index, const Stamp& stamp);
  ShownTimes::Take put_shown(std::size_t index);
  Result<void> hand_out(const Take& take);
  std::int64_t duration_us(Track& track, const AVPacket& packet) const;

  const Format from_;
  Timeline timeline_;
  std::deque<Track> tracks_;
  std::vector<Placed> placed_;
  std::optional<std::int64_t> shift_us_;  // of the first packet
  bool normalized_ = false;
  Timeline::Take note_ = [this](const Placed& placed) { placed_.push_back(placed); };
};

// Microseconds of sound in a packet, by its own bytes and the codec; 0: they do not tell.
std::int64_t sound_packet_us(const AVCodecParameters& codec, const AVPacket& packet);

}  // namespace framewire::codec
